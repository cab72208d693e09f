"""Drawer of deliveries and their attempts: the duty to bring one event to one subscription."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from shared.db.errands import claimable
from shared.db.models import Attempt, Delivery, Subscription
from shared.db.statements import insert
from shared.domain.states import DeliveryState, SubscriptionState

_deliveries: Any = Delivery.__table__


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

    def redrive(self, delivery_id: str, now: datetime) -> bool:
        """Make a parked delivery due again, exempt from the order; False if it is not parked."""
        parked = and_(Delivery.id == delivery_id, Delivery.state == DeliveryState.PARKED)
        values = {
            "state": DeliveryState.DUE,
            "out_of_order": True,
            "attempts": 0,
            "next_attempt_at": now,
            "parked_reason": None,
            "ended_at": None,
        }
        redriven = self._session.execute(update(Delivery).where(parked).values(**values).returning(Delivery.id))
        return redriven.first() is not None

    def unclaimed_since(self, now: datetime) -> datetime | None:
        """Return since when the longest-waiting delivery has been free to be attempted, or None if none is.

        Those that wait for their turn within a notice, or for their next attempt, are not free.
        """
        since = func.min(func.coalesce(Delivery.leased_until, Delivery.next_attempt_at))
        query = select(since).select_from(Delivery).join(Subscription, Subscription.id == Delivery.subscription_id)
        return self._session.scalar(query.where(claimable(now), Subscription.state == SubscriptionState.ACTIVE))

    def last_attempt(self) -> Attempt | None:
        """Return the newest attempt; ids sort by time, so that this costs one step in the primary key."""
        return self._session.scalar(select(Attempt).order_by(Attempt.id.desc()).limit(1))

    def count(self, state: DeliveryState, subscription_id: str | None = None) -> int:
        """Return how many deliveries (of one subscription, if it is named) are in `state`."""
        query = select(func.count()).select_from(Delivery).where(Delivery.state == state)
        if subscription_id is not None:
            query = query.where(Delivery.subscription_id == subscription_id)
        return self._session.scalar(query) or 0
