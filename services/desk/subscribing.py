"""Subscriptions: who wants to hear of which events, where, and what becomes of deliveries given up on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.desk.addresses import admissible
from services.desk.audit import note
from services.desk.filtering import check_places
from services.desk.keys import new_key
from shared.db import Ledger, UnitOfWork
from shared.db.models import Subscription
from shared.db.subscriptions import filter_columns
from shared.domain.filters import Filter
from shared.domain.states import ContentMode, DeliveryState, Scheme, SubscriptionState
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.secrets import SecretBox

EVERYTHING = Filter()
MOST_A_MINUTE = 60_000
MOST_AT_A_TIME = 64


@dataclass(frozen=True)
class Webhook:
    """A webhook to be called.

    `allow` is the operator's word on private addresses.
    """

    url: str
    name: str | None = None
    wanted: Filter = EVERYTHING
    allow: Sequence[str] = ()
    scheme: Scheme = Scheme.HMAC
    rate_per_minute: int | None = None
    concurrency: int | None = None
    content_mode: ContentMode = ContentMode.STRUCTURED


def subscribe(ledger: Ledger, box: SecretBox, wish: Webhook) -> tuple[Subscription, str]:
    """Begin a subscription to everything after this moment; return it with its signing secret, shown only now.

    Of `v1a`, where one verifies with the public key, there is no secret to be shown: it is empty.

    Raises `Invalid` for a URL that could never be called, a filter of unknown sources, a wrong allow-list or limits.
    """
    url = admissible(wish.url, wish.allow)
    limits = checked_limits(wish.rate_per_minute, wish.concurrency)
    key = new_key(box, wish.scheme)
    columns = {"name": wish.name or url, "url": url, **key.columns, **limits, "allow": list(wish.allow)}
    columns["manner"] = {"content_mode": wish.content_mode}
    with ledger.begin() as uow:
        made = enter(uow, wish.wanted, columns)
        note(uow, "subscription.created", made.id, name=made.name, url=url, filter=wish.wanted.to_json())
        uow.commit()
    return made, key.shown or ""


def enter(uow: UnitOfWork, wanted: Filter, columns: Mapping[str, Any]) -> Subscription:
    """Enter an active subscription, with the `columns` of its kind, to what is wanted after this moment.

    Raises `Invalid` for a filter of unknown sources. The caller commits.
    """
    check_places(uow, wanted)
    # The lock makes the boundary exact: the relay stamps either before this transaction or after it.
    starts_after = uow.events.lock_positions()
    made = Subscription(
        id=new_id("sub"),
        **filter_columns(wanted),
        **columns,
        state=SubscriptionState.ACTIVE,
        starts_after=starts_after,
        created_at=uow.now(),
    )
    uow.subscriptions.add(made)
    return made


def checked_limits(rate_per_minute: int | None, concurrency: int | None) -> dict[str, int | None]:
    """Return limits as the columns they are kept in; raises `Invalid` for a number out of bounds."""
    if rate_per_minute is not None and not 1 <= rate_per_minute <= MOST_A_MINUTE:
        raise Invalid(f"rate_per_minute: between 1 and {MOST_A_MINUTE} requests a minute, not {rate_per_minute}")
    if concurrency is not None and not 1 <= concurrency <= MOST_AT_A_TIME:
        raise Invalid(f"concurrency: between 1 and {MOST_AT_A_TIME} requests at a time, not {concurrency}")
    return {"rate_per_minute": rate_per_minute, "concurrency": concurrency}


def change_filter(ledger: Ledger, subscription_id: str, wanted: Filter) -> Subscription:
    """Let a subscription hear of other events after this moment; what is owed to it already stays owed.

    Raises `NotFound`, and `Invalid` for a filter of unknown sources.
    """
    with ledger.begin() as uow:
        if uow.subscriptions.by_id(subscription_id) is None:
            raise NotFound(f"no subscription {subscription_id!r}")
        check_places(uow, wanted)
        uow.events.lock_positions()  # as in `enter`
        uow.subscriptions.set_filter(subscription_id, wanted)
        note(uow, "subscription.changed", subscription_id, filter=wanted.to_json())
        uow.commit()
    return find(ledger, subscription_id)


def find(ledger: Ledger, subscription_id: str) -> Subscription:
    """Return the subscription; raises `NotFound`."""
    with ledger.reading() as uow:
        found = uow.subscriptions.by_id(subscription_id)
    if found is None:
        raise NotFound(f"no subscription {subscription_id!r}")
    return found


def pause(ledger: Ledger, subscription_id: str) -> Subscription:
    """Stop calling the webhook; events go on being owed to it, and are brought after `resume`."""
    return _set_state(ledger, subscription_id, SubscriptionState.PAUSED, "paused by hand")


def resume(ledger: Ledger, subscription_id: str) -> Subscription:
    """Call the webhook again, beginning with what became due while it was paused; also re-enables a disabled one.

    What happened while it was disabled stays parked (`parked_count` tells how much), until it is redriven.
    """
    return _set_state(ledger, subscription_id, SubscriptionState.ACTIVE, None)


def parked_count(ledger: Ledger, subscription_id: str) -> int:
    """Return how many deliveries of a subscription are parked."""
    with ledger.reading() as uow:
        return uow.deliveries.count(DeliveryState.PARKED, subscription_id)


def _set_state(ledger: Ledger, subscription_id: str, state: SubscriptionState, reason: str | None) -> Subscription:
    find(ledger, subscription_id)
    with ledger.begin() as uow:
        uow.subscriptions.set_state(subscription_id, state, reason)
        if state is SubscriptionState.ACTIVE:
            uow.subscriptions.change(subscription_id, {"failing_since": None})  # its failures count from now
        paused = state is SubscriptionState.PAUSED
        note(uow, "subscription.paused" if paused else "subscription.resumed", subscription_id)
        uow.commit()
    return find(ledger, subscription_id)


def unsubscribe(ledger: Ledger, subscription_id: str) -> None:
    """Forget a subscription and everything owed to it; raises `NotFound`."""
    find(ledger, subscription_id)
    with ledger.begin() as uow:
        uow.subscriptions.remove(subscription_id)
        note(uow, "subscription.removed", subscription_id)
        uow.commit()
