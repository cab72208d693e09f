"""What becomes of a subscription's deliveries by hand: redriven, replayed, limited, its endpoint asked again."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from services.api.description import NOT_KEPT
from services.api.parameters import LARGEST_POSITION, Concurrency, Line, Moment, Parts, Rate, Wish, id_of
from services.api.schemas import Redriven, ReplayDone, SubscriptionItem
from services.api.security import needs
from services.desk import delivering
from shared.domain.states import ContentMode, Scope

router = APIRouter(
    prefix="/v1/subscriptions", tags=["subscriptions"], dependencies=[Depends(needs(Scope.SUBSCRIPTIONS))]
)

SubscriptionId = Annotated[str, id_of("subscription")]
Position = Annotated[int, Field(ge=0, le=LARGEST_POSITION)]


class WhichWish(Wish):
    """Which events: all that is given must hold."""

    event: Line | None = Field(None, description="One, by its id.")
    after: Position | None = Field(None, description="Those after a position.")
    until: Position | None = Field(None, description="Those up to a position, and it.")
    since: Moment | None = Field(None, description="Those that got their position at a time or later.")
    before: Moment | None = Field(None, description="Those that got their position before a time.")

    def which(self) -> delivering.Which:
        """Return the wish of the desk."""
        return delivering.Which(self.event, self.after, self.until, self.since, self.before)


class LimitsWish(Wish):
    """Limits of its own; null or not given: none."""

    rate_per_minute: Rate | None = Field(None, description="Requests a minute, at most.")
    concurrency: Concurrency | None = Field(None, description="Requests at a time, at most.")


class ContentModeWish(Wish):
    """How events are to stand in requests."""

    content_mode: ContentMode = Field(description="`structured` or `binary` (CloudEvents HTTP 1.0.2, 3).")


@router.post("/{subscription_id}/redrive", status_code=202, summary="Redrive a subscription's parked deliveries")
def redrive_subscription(wiring: Parts, subscription_id: SubscriptionId, wish: WhichWish | None = None) -> Redriven:
    """They are due again, with the same event ids, and exempt from the order within their notices."""
    which = wish.which() if wish else delivering.EVERY
    return Redriven(redriven=len(delivering.redrive(wiring.ledger, subscription_id, which)))


@router.post(
    "/{subscription_id}/replays", status_code=202, summary="Replay events to a subscription", responses=NOT_KEPT
)
def replay_events(wiring: Parts, subscription_id: SubscriptionId, wish: WhichWish) -> ReplayDone:
    """Brings events that it wants again, delivered or not, or from before its beginning: same ids, same bodies.

    They are exempt from the order within their notices; at most 10,000 at once. 410 where some of what is asked for may
    be no longer kept: ask for what comes after the position that `detail` names.
    """
    done = delivering.replay(wiring.ledger, subscription_id, wish.which(), wiring.settings.stream_length)
    return ReplayDone(replayed=done.new + done.again, new=done.new, again=done.again, already_owed=done.owed_already)


@router.put("/{subscription_id}/limits", summary="Limit the requests to an endpoint")
def limit_subscription(wiring: Parts, subscription_id: SubscriptionId, wish: LimitsWish) -> SubscriptionItem:
    """What its endpoint allows by its consent holds besides. A chat has a rate of messages, and no concurrency."""
    limited = delivering.limit(
        wiring.ledger, subscription_id, rate_per_minute=wish.rate_per_minute, concurrency=wish.concurrency
    )
    return SubscriptionItem.model_validate(limited)


@router.put("/{subscription_id}/content-mode", summary="Change how events stand in a webhook's requests")
def change_content_mode(wiring: Parts, subscription_id: SubscriptionId, wish: ContentModeWish) -> SubscriptionItem:
    """From the next attempt on, also for what is owed already. Of what is no webhook this is refused."""
    changed = delivering.change_content_mode(wiring.ledger, subscription_id, wish.content_mode)
    return SubscriptionItem.model_validate(changed)


@router.post("/{subscription_id}/verify", status_code=202, summary="Ask an endpoint for its consent again")
def verify_subscription(wiring: Parts, subscription_id: SubscriptionId) -> SubscriptionItem:
    """The relay asks it at once; `consent` then tells the answer. Deliveries wait for it. Only webhooks are asked."""
    return SubscriptionItem.model_validate(delivering.ask_again(wiring.ledger, subscription_id))
