"""Drawer of deliveries and their attempts: the duty to bring one event to one subscription."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from shared.db.digests import message_under_way
from shared.db.errands import claimable
from shared.db.models import Attempt, Delivery, Event, Subscription
from shared.db.statements import insert
from shared.domain.states import Channel, DeliveryState, SubscriptionState
from shared.ids import new_id

_deliveries: Any = Delivery.__table__


@dataclass(frozen=True)
class Span:
    """Events of one id, after a position, up to and with one; None: whichever."""

    event: str | None = None
    after: int | None = None
    until: int | None = None


class Deliveries:
    """What is owed, to whom, and how it went."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def fan_out(self, rows: Sequence[dict[str, Any]]) -> None:
        """Record duties; one for the same (subscription, event) is recorded once."""
        if rows:
            # Many rows for one statement, past the mapper: in VALUES of its own each number of rows is compiled anew,
            # which took 250 µs a row instead of 25.
            new = insert(self._session, _deliveries)
            self._session.execute(new.on_conflict_do_nothing(index_elements=["subscription_id", "event_id"]), rows)

    def by_id(self, delivery_id: str) -> Delivery | None:
        """Return the delivery, if there is one."""
        return self._session.get(Delivery, delivery_id)

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """Return a delivery's attempts in order."""
        query = select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number, Attempt.id)
        return self._session.scalars(query).all()

    def of_events(self, event_ids: Collection[str], limit: int) -> Sequence[Delivery]:
        """Return up to `limit` deliveries of events, the newest event first."""
        # By subscription, for deliveries have no index by event alone.
        mine = and_(Delivery.subscription_id.in_(select(Subscription.id)), Delivery.event_id.in_(event_ids))
        query = select(Delivery).where(mine).order_by(Delivery.position.desc(), Delivery.id)
        return self._session.scalars(query.limit(limit)).all()

    def page(
        self, *, subscription_id: str | None = None, state: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Delivery]:
        """Return up to `limit` deliveries in order of id, starting after `after`."""
        query = select(Delivery).where(Delivery.id > after)
        if subscription_id:
            query = query.where(Delivery.subscription_id == subscription_id)
        if state:
            query = query.where(Delivery.state == state)
        return self._session.scalars(query.order_by(Delivery.id).limit(limit)).all()

    def redrive(
        self, span: Span, now: datetime, *, subscription_id: str | None = None, delivery_id: str | None = None
    ) -> Sequence[str]:
        """Make parked deliveries due again, exempt from the order; return their ids.

        Those of a subscription, within `span`, or one. The subscription must be held.
        """
        mine = [Delivery.state == DeliveryState.PARKED, *_within(span)]
        if subscription_id is not None:
            mine.append(Delivery.subscription_id == subscription_id)
        if delivery_id is not None:
            mine.append(Delivery.id == delivery_id)
        redriven = update(Delivery).where(*mine).values(**_due_again(now)).returning(Delivery.id)
        return self._session.scalars(redriven, execution_options={"synchronize_session": False}).all()

    def owe_again(self, subscription_id: str, events: Sequence[Event], now: datetime) -> tuple[int, int, int]:
        """Owe `events` to a subscription that is held: return how many anew, how many again, how many were due anyway.

        Attempts that were made stay, and the next ones go on counting from them.
        """
        ids = [event.id for event in events]
        mine = and_(Delivery.subscription_id == subscription_id, Delivery.event_id.in_(ids))
        known = set(self._session.scalars(select(Delivery.event_id).where(mine)))
        ended = update(Delivery).where(mine, Delivery.state != DeliveryState.DUE).values(**_due_again(now))
        again: Any = self._session.execute(ended, execution_options={"synchronize_session": False})
        rows = [
            {
                "id": new_id("dlv"),
                "subscription_id": subscription_id,
                "event_id": event.id,
                "position": event.position,
                "partition_key": event.partition_key,
                "state": DeliveryState.DUE,
                "out_of_order": True,
                "next_attempt_at": now,
                "created_at": now,
            }
            for event in events
            if event.id not in known
        ]
        self.fan_out(rows)
        return len(rows), again.rowcount, len(known) - again.rowcount

    def unclaimed_since(self, now: datetime) -> datetime | None:
        """Return since when the longest-waiting delivery has been free to be attempted, or None if none is.

        Those that wait for their turn within a notice, or for their next attempt, are not free.
        """
        since = func.min(func.coalesce(Delivery.leased_until, Delivery.next_attempt_at))
        query = select(since).select_from(Delivery).join(Subscription, Subscription.id == Delivery.subscription_id)
        # Whom a limit, or a chat's failure, lets rest is owed nothing before that is over.
        rested = or_(Subscription.next_request_at.is_(None), Subscription.next_request_at <= now)
        # A chat gets one message at a time.
        busy = and_(Subscription.kind == Channel.CHAT, message_under_way(Subscription.id, now))
        active = and_(Subscription.state == SubscriptionState.ACTIVE, rested, ~busy)
        return self._session.scalar(query.where(claimable(now), active))

    def last_attempt(self) -> Attempt | None:
        """Return the newest attempt; ids sort by time, so that this costs one step in the primary key."""
        return self._session.scalar(select(Attempt).order_by(Attempt.id.desc()).limit(1))

    def count(self, state: DeliveryState, subscription_id: str | None = None) -> int:
        """Return how many deliveries (of one subscription, if it is named) are in `state`."""
        query = select(func.count()).select_from(Delivery).where(Delivery.state == state)
        if subscription_id is not None:
            query = query.where(Delivery.subscription_id == subscription_id)
        return self._session.scalar(query) or 0


def _within(span: Span) -> list[Any]:
    conditions = []
    if span.event is not None:
        conditions.append(Delivery.event_id == span.event)
    if span.after is not None:
        conditions.append(Delivery.position > span.after)
    if span.until is not None:
        conditions.append(Delivery.position <= span.until)
    return conditions


def _due_again(now: datetime) -> dict[str, Any]:
    return {
        "state": DeliveryState.DUE,
        "out_of_order": True,
        "attempts_before": Delivery.attempts,
        "next_attempt_at": now,
        "parked_reason": None,
        "ended_at": None,
    }
