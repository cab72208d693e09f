"""Subscriptions: who wants to hear of which events, and where."""

from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from services.api.conditions import Choice, FilterWish
from services.api.errors import about
from services.api.filters import TrialItem
from services.api.parameters import Concurrency, Line, Paging, Parts, Rate, Wish, id_of, page
from services.api.schemas import Page, SubscriptionItem, SubscriptionMade, SubscriptionResumed
from services.api.security import needs
from services.desk import delivering, filtering, keys, subscribing
from services.desk.addresses import warnings_of
from services.desk.tokens import allows
from shared.db.models import Token
from shared.domain.states import ContentMode, Scheme, Scope
from shared.http import AllowList

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"])
MINE = Depends(needs(Scope.SUBSCRIPTIONS))

SubscriptionId = Annotated[str, id_of("subscription")]


class WebhookWish(Choice):
    """A webhook to be called."""

    WAYS: ClassVar = "`filter`, `saved_filter`, or `types` and `republications`"

    url: Line = Field(description="Where events are to be POSTed.")
    name: Line | None = Field(None, description="What to call it.")
    types: list[Line] = Field(default=[], max_length=100, description="Event types wanted; empty means all.")
    republications: bool = Field(
        False, strict=True, description="Whether to hear of a text again for each further address that it is found at."
    )
    rate_per_minute: Rate | None = Field(None, description="Requests a minute, at most.")
    concurrency: Concurrency | None = Field(None, description="Requests at a time, at most.")
    scheme: Scheme = Field(Scheme.HMAC, description="How deliveries are to be signed: `v1` or `v1a`.")
    content_mode: ContentMode = Field(
        ContentMode.STRUCTURED,
        description="How events are to stand in requests: `structured` or `binary` (CloudEvents HTTP 1.0.2, 3).",
    )
    allow: list[Line] = Field(
        default=[], max_length=100, description="Private addresses it may have; needs the scope `admin`."
    )

    def plainly(self) -> dict[str, Any]:
        """See `Choice.plainly`."""
        return {"types": self.types, "republications": self.republications}


class SubscriptionTried(SubscriptionMade):
    """A new subscription, what it would have heard of among the newest events, and what to know of its address."""

    trial: TrialItem
    warnings: list[str] = Field(description="What to mend, though it works: that its address is not encrypted.")


@router.get("", summary="List subscriptions", dependencies=[MINE])
def list_subscriptions(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[SubscriptionItem]:
    """In order of their making, without their secrets."""
    with wiring.ledger.reading() as uow:
        rows = uow.subscriptions.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, SubscriptionItem.model_validate)


@router.post("", status_code=201, summary="Subscribe a webhook")
def subscribe(wiring: Parts, wish: WebhookWish, token: Annotated[Token, MINE], response: Response) -> SubscriptionTried:
    """It hears of everything after this moment. The signing secret is shown now and never again."""
    if wish.allow and not allows(token, Scope.ADMIN):
        raise HTTPException(403, "`allow` opens private addresses, so it needs the scope admin")
    wanted = wish.wanted(wiring.ledger)
    trial = TrialItem.of_trial(filtering.try_out(wiring.ledger, wanted))
    asked = subscribing.Webhook(
        wish.url,
        wish.name,
        wanted,
        wish.allow,
        wish.scheme,
        wish.rate_per_minute,
        wish.concurrency,
        wish.content_mode,
    )
    with about("body.allow"):
        AllowList.parse(wish.allow)
    with about("body.url"):
        made, secret = subscribing.subscribe(wiring.ledger, wiring.box, asked)
    response.headers["Location"] = f"/v1/subscriptions/{made.id}"
    shown = SubscriptionItem.model_validate(made).model_dump()
    return SubscriptionTried(**shown, secret=secret or None, trial=trial, warnings=warnings_of(made.url))


@router.put("/{subscription_id}/filter", summary="Change what a subscription wants", dependencies=[MINE])
def change_filter(wiring: Parts, subscription_id: SubscriptionId, wish: FilterWish) -> SubscriptionItem:
    """It is asked by the new filter for every event after this moment; what is owed to it already stays owed."""
    return SubscriptionItem.model_validate(subscribing.change_filter(wiring.ledger, subscription_id, wish.parsed()))


@router.get("/{subscription_id}", summary="Show a subscription", dependencies=[MINE])
def show_subscription(wiring: Parts, subscription_id: SubscriptionId) -> SubscriptionItem:
    """`state_reason` says why it is paused or disabled."""
    return SubscriptionItem.model_validate(subscribing.find(wiring.ledger, subscription_id))


@router.delete("/{subscription_id}", status_code=204, summary="Unsubscribe", dependencies=[MINE])
def unsubscribe(wiring: Parts, subscription_id: SubscriptionId) -> None:
    """Whatever is still owed to it is forgotten with it."""
    subscribing.unsubscribe(wiring.ledger, subscription_id)


@router.post("/{subscription_id}/pause", summary="Pause a subscription", dependencies=[MINE])
def pause_subscription(wiring: Parts, subscription_id: SubscriptionId) -> SubscriptionItem:
    """Events go on being owed to it, and are brought after it is resumed."""
    return SubscriptionItem.model_validate(subscribing.pause(wiring.ledger, subscription_id))


class Resuming(Wish):
    """What is to come with it."""

    redrive: bool = Field(False, description="Whether to bring what is parked, too.")


@router.post("/{subscription_id}/resume", summary="Resume a subscription", dependencies=[MINE])
def resume_subscription(
    wiring: Parts, subscription_id: SubscriptionId, query: Annotated[Resuming, Query()]
) -> SubscriptionResumed:
    """Also enables one that was disabled, for example by its endpoint's answer 410.

    What happened while it was disabled stays parked until it is redriven: with `redrive=true` now.
    """
    resumed = subscribing.resume(wiring.ledger, subscription_id)
    redriven = len(delivering.redrive(wiring.ledger, subscription_id)) if query.redrive else 0
    parked = subscribing.parked_count(wiring.ledger, subscription_id)
    shown = SubscriptionItem.model_validate(resumed).model_dump()
    return SubscriptionResumed(**shown, parked=parked, redriven=redriven)


class RotationWish(Wish):
    """How to sign from now on."""

    scheme: Scheme | None = Field(None, description="`v1` or `v1a`; the same as before if it is not given.")


@router.post("/{subscription_id}/rotate", summary="Rotate the signing secret", dependencies=[MINE])
def rotate_secret(wiring: Parts, subscription_id: SubscriptionId, wish: RotationWish | None = None) -> SubscriptionMade:
    """The new secret is shown now and never again; for a day the old one signs too, side by side."""
    grace, scheme = wiring.settings.secret_grace_seconds, wish.scheme if wish else None
    made, secret = keys.rotate(wiring.ledger, wiring.box, subscription_id, grace_seconds=grace, scheme=scheme)
    return SubscriptionMade(**SubscriptionItem.model_validate(made).model_dump(), secret=secret)
