"""The relay: gives committed events their positions, without a gap, and owes each to every subscription that wants it.

One leader at a time. Positions are handed out under a row lock in the same transaction that fans out the deliveries,
so even two leaders (one paused and resumed) take turns and never give a number twice. A sequence handed out inside the
transactions that record events becomes visible out of order: a reader that kept "last id seen" lost 532 of 2,282
events in a test; numbering committed rows lost none.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog

from shared.db import Ledger
from shared.db.models import Event, Subscription
from shared.domain.states import DeliveryState, SubscriptionState
from shared.ids import new_id
from worker.matching import Matching

log = structlog.get_logger()

BATCH = 500
"""Events in one transaction at most."""
MOST_OWED = 20_000
"""Deliveries after which a transaction takes no more events: while it lasts, nobody can subscribe."""


class Relay:
    """Stamps and fans out; the caller holds the leadership."""

    def __init__(self, ledger: Ledger) -> None:
        """Wire the relay."""
        self._ledger = ledger
        self._matching = Matching()

    def relay(self) -> int:
        """Hand on up to `BATCH` recorded events in one transaction; return how many there were."""
        with self._ledger.reading() as uow:
            if not uow.events.any_unstamped():
                return 0
        with self._ledger.begin() as uow:
            last = uow.events.lock_positions()
            events = uow.events.unstamped(BATCH)
            wanting = list(_within(MOST_OWED, self._matching.wanting(uow, events)))
            events, now = events[: len(wanting)], uow.now()
            uow.events.stamp(events, last, now)
            kept = uow.subscriptions.keep(set().union(*wanting))
            owed = [
                owed_to(kept[one], event, position, now)
                for position, (event, theirs) in enumerate(zip(events, wanting, strict=True), last + 1)
                for one in theirs
                if one in kept and position > kept[one].starts_after
            ]
            uow.deliveries.fan_out(owed)
            uow.commit()
        if events:
            log.info("events_relayed", count=len(events), last_position=last + len(events), deliveries=len(owed))
        return len(events)


def _within(most: int, wanting: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield who wants each event until that is `most` deliveries; the first event is never left out."""
    owed = 0
    for theirs in wanting:
        yield theirs
        owed += len(theirs)
        if owed >= most:
            return


def owed_to(subscription: Subscription, event: Event, position: int, now: datetime) -> dict[str, Any]:
    """Return the duty to bring `event`: due now or with its digest; parked, and why, for who is disabled."""
    disabled = subscription.state == SubscriptionState.DISABLED
    gathered = timedelta(seconds=(subscription.manner or {}).get("digest_seconds", 0))
    return {
        "id": new_id("dlv"),
        "subscription_id": subscription.id,
        "event_id": event.id,
        "position": position,
        "partition_key": event.partition_key,
        "state": DeliveryState.PARKED if disabled else DeliveryState.DUE,
        "parked_reason": f"its subscription is disabled: {subscription.state_reason}" if disabled else None,
        "next_attempt_at": None if disabled else now + gathered,
        "created_at": now,
        "ended_at": now if disabled else None,
    }
