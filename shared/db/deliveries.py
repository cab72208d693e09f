"""Drawer of deliveries and their attempts: the duty to bring one event to one subscription."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from shared.db.models import Attempt, Delivery, Event, Subscription
from shared.db.statements import insert
from shared.domain.states import DeliveryState, SubscriptionState
from shared.ids import new_id


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery under lease, with all that an attempt needs."""

    delivery: Delivery
    event: Event
    subscription: Subscription


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

    def claim_due(
        self, now: datetime, lease_seconds: float, limit: int, subscription_id: str | None = None
    ) -> Sequence[ClaimedDelivery]:
        """Lease due deliveries of active subscriptions, each the first still owed of its (subscription, notice).

        Only those of `subscription_id`, if one is named.
        """
        whose = Delivery.subscription_id == subscription_id if subscription_id is not None else true()
        due = (
            select(Delivery.id)
            .join(Subscription, Subscription.id == Delivery.subscription_id)
            .where(_claimable(now), whose)
            .order_by(Delivery.next_attempt_at, Delivery.position)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Delivery)
            .cte("due")  # evaluated once; a bare IN (… LIMIT …) may run, and lock, more than once on PostgreSQL
        )
        values = {"lease": new_id("lea"), "leased_until": now + timedelta(seconds=lease_seconds)}
        claimed = self._session.scalars(
            update(Delivery).where(Delivery.id.in_(select(due.c.id))).values(**values).returning(Delivery.id),
            execution_options={"synchronize_session": False},
        ).all()
        return self._whole(claimed)

    def waiting(self, now: datetime) -> Sequence[str]:
        """Return, cheaply and without holding anybody up, the subscriptions for which `claim_due` may find something.

        Each is looked at by itself, which the limit makes PostgreSQL do: an EXISTS it joins over all rows, which took
        210 ms instead of 8 where one subscription had 50,000 due.
        """
        theirs = and_(Delivery.subscription_id == Subscription.id, _claimable(now))
        first = select(Delivery.id).where(theirs).limit(1).correlate(Subscription).scalar_subquery()
        return self._session.scalars(select(Subscription.id).where(first.is_not(None)).order_by(Subscription.id)).all()

    def _whole(self, delivery_ids: Sequence[str]) -> list[ClaimedDelivery]:
        query = (
            select(Delivery, Event, Subscription)
            .join(Event, Event.id == Delivery.event_id)
            .join(Subscription, Subscription.id == Delivery.subscription_id)
            .where(Delivery.id.in_(delivery_ids))
            .order_by(Delivery.position)
        )
        return [ClaimedDelivery(*row) for row in self._session.execute(query)]

    def settle(self, delivery_id: str, lease: str, values: dict[str, Any]) -> bool:
        """Write an attempt's result and end the lease; False (nothing written) if the lease is somebody else's now."""
        mine = and_(Delivery.id == delivery_id, Delivery.lease == lease, Delivery.state == DeliveryState.DUE)
        done = values | {"lease": None, "leased_until": None}
        settled = self._session.execute(update(Delivery).where(mine).values(**done).returning(Delivery.id))
        return settled.first() is not None

    def hold(self, delivery_id: str) -> bool:
        """Keep the delivery from being removed until the transaction ends; False if it was removed already."""
        query = select(Delivery.id).where(Delivery.id == delivery_id).with_for_update()
        return self._session.scalar(query) is not None

    def record_attempt(self, attempt: Attempt) -> None:
        """Keep one POST and what came of it."""
        self._session.add(attempt)

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
        return self._session.scalar(query.where(_claimable(now)))

    def last_attempt(self) -> Attempt | None:
        """Return the newest attempt; ids sort by time, so that this costs one step in the primary key."""
        return self._session.scalar(select(Attempt).order_by(Attempt.id.desc()).limit(1))

    def count(self, state: DeliveryState, subscription_id: str | None = None) -> int:
        """Return how many deliveries (of one subscription, if it is named) are in `state`."""
        query = select(func.count()).select_from(Delivery).where(Delivery.state == state)
        if subscription_id is not None:
            query = query.where(Delivery.subscription_id == subscription_id)
        return self._session.scalar(query) or 0


def _claimable(now: datetime) -> Any:
    return and_(
        Delivery.state == DeliveryState.DUE,
        Delivery.next_attempt_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until < now),
        Subscription.state == SubscriptionState.ACTIVE,
        or_(Delivery.out_of_order, ~_earlier_is_owed()),
    )


def _earlier_is_owed() -> Any:
    earlier = aliased(Delivery)
    return exists().where(
        earlier.subscription_id == Delivery.subscription_id,
        earlier.partition_key == Delivery.partition_key,
        earlier.state == DeliveryState.DUE,
        earlier.out_of_order.is_(False),
        earlier.position < Delivery.position,
    )
