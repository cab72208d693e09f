"""Drawer of digests: what is owed to a chat, which takes many events in one message."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.db.errands import ClaimedDelivery
from shared.db.models import Delivery, Event, Subscription
from shared.domain.states import Channel, DeliveryState, SubscriptionState
from shared.ids import new_id


class Waiting(NamedTuple):
    """A chat for which there is something, and whether all that was sent to it of late has failed."""

    subscription_id: str
    failing: bool


class Digests:
    """Deliveries of chats."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def waiting(self, now: datetime) -> Sequence[Waiting]:
        """Return the active chats to which something may be sent now; who has waited longest comes first."""
        rested = or_(Subscription.next_request_at.is_(None), Subscription.next_request_at <= now)
        active = and_(Subscription.kind == Channel.CHAT, Subscription.state == SubscriptionState.ACTIVE)
        query = (
            select(Subscription.id, Subscription.failing_since.is_not(None))
            .join(Delivery, Delivery.subscription_id == Subscription.id)
            .where(
                active, rested, ~message_under_way(Subscription.id, now), _free(now), Delivery.next_attempt_at <= now
            )
            .group_by(Subscription.id)
            .order_by(func.min(Delivery.next_attempt_at), Subscription.id)
        )
        return [Waiting(*row) for row in self._session.execute(query)]

    def gathered(self, subscription_id: str, now: datetime, most: int) -> Sequence[ClaimedDelivery]:
        """Return what goes into the next message, in order of position: what is due, and what was never tried.

        Nothing while a message is under way, or is held to be: whoever sent it may be dead, and it not have arrived.
        """
        ripe = or_(Delivery.next_attempt_at <= now, Delivery.attempts == Delivery.attempts_before)
        query = (
            select(Delivery, Event, Subscription)
            .join(Event, Event.id == Delivery.event_id)
            .join(Subscription, Subscription.id == Delivery.subscription_id)
            .where(
                Delivery.subscription_id == subscription_id, ~message_under_way(subscription_id, now), _free(now), ripe
            )
            .order_by(Delivery.position)
            .limit(most)
        )
        return [ClaimedDelivery(*row) for row in self._session.execute(query)]

    def lease(self, delivery_ids: Collection[str], now: datetime, seconds: float) -> bool:
        """Lease all of these deliveries, or none: False where somebody else has one of them now."""
        free = and_(Delivery.id.in_(delivery_ids), _free(now))
        values = {"lease": new_id("lea"), "leased_until": now + timedelta(seconds=seconds)}
        # With `fetch`, the rows that the session holds show their lease.
        result: Any = self._session.execute(
            update(Delivery).where(free).values(**values), execution_options={"synchronize_session": "fetch"}
        )
        return int(result.rowcount) == len(delivery_ids)


def message_under_way(subscription_id: Any, now: datetime) -> Any:
    """Return the condition that a message to a chat is under way, or that whoever sent it was killed a moment ago."""
    sent = aliased(Delivery)
    leased = and_(sent.state == DeliveryState.DUE, sent.leased_until >= now)
    return exists().where(sent.subscription_id == subscription_id, leased)


def _free(now: datetime) -> Any:
    unleased = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now)
    return and_(Delivery.state == DeliveryState.DUE, unleased)
