"""Drawer of errands: which deliveries may be attempted now, who holds them, and what came of the attempts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.db.models import Attempt, Delivery, Event, Subscription
from shared.domain.states import POSTED, Consent, DeliveryState, SubscriptionState
from shared.ids import new_id


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery under lease, with all that an attempt needs."""

    delivery: Delivery
    event: Event
    subscription: Subscription


@dataclass(frozen=True)
class Waiting:
    """A subscription for which something may be begun: deliveries, or asking whether it wants any."""

    subscription_id: str
    deliveries: Sequence[str]
    unasked: bool


class Errands:
    """Deliveries under lease."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def waiting(self, now: datetime, most: int) -> Sequence[Waiting]:
        """Return, cheaply and holding nobody up, for whom something may be begun: up to `most` deliveries each.

        Each active subscription is looked at by itself, in the order of its turns: the limit ends that after a few
        steps in an index, however much is due (230 ms became 1 where one subscription had 50,000).
        """
        rows = self._session.execute(_waiting(), {"now": now, "most": most})
        return [Waiting(name, ids.split(",") if ids else [], bool(ask)) for name, ids, ask in rows if ids or ask]

    def claim(self, delivery_ids: Collection[str], now: datetime, lease_seconds: float) -> Sequence[ClaimedDelivery]:
        """Lease those of the deliveries that may still be attempted, each the first still owed of its notice."""
        if not delivery_ids:
            return []
        given = {"now": now, "ids": list(delivery_ids), "lease": new_id("lea")}
        given["until"] = now + timedelta(seconds=lease_seconds)
        options = {"synchronize_session": False, "populate_existing": True}
        claimed = self._session.scalars(_claim(), given, execution_options=options).all()
        events = select(Event).where(Event.id.in_({one.event_id for one in claimed}))
        by_id = {event.id: event for event in self._session.scalars(events)}
        found = [(one, self._session.get(Subscription, one.subscription_id)) for one in claimed]
        whole = [ClaimedDelivery(one, by_id[one.event_id], to) for one, to in found if to is not None]
        return sorted(whole, key=lambda one: one.delivery.position)

    def under_way(self, subscription_id: str, now: datetime) -> int:
        """Return how many deliveries of a subscription are under a lease, whoever holds it."""
        leased = and_(Delivery.lease.is_not(None), Delivery.leased_until > now)
        query = select(func.count()).where(Delivery.subscription_id == subscription_id, leased)
        return self._session.scalar(query) or 0

    def hold(self, delivery_ids: Collection[str]) -> dict[str, str | None]:
        """Return the lease of each delivery that is still due, None of each that is not; none of it is removed.

        They stay as they are until the transaction ends.
        """
        query = select(Delivery.id, Delivery.lease, Delivery.state).where(Delivery.id.in_(delivery_ids))
        rows = self._session.execute(query.order_by(Delivery.id).with_for_update())
        return {name: lease if state == DeliveryState.DUE else None for name, lease, state in rows}

    def record_attempts(self, attempts: Sequence[Mapping[str, Any]]) -> None:
        """Keep POSTs and what came of each."""
        if attempts:
            self._session.execute(insert(Attempt), [dict(one) for one in attempts])

    def settle(self, marks: Sequence[Mapping[str, Any]]) -> None:
        """Write the results of attempts (`id` and all other columns alike in each) and end their leases.

        Those deliveries must be held, and the leases be the caller's own.
        """
        if not marks:
            return
        names = [name for name in marks[0] if name != "id"]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names} | {
            "lease": None,
            "leased_until": None,
        }
        table = Delivery.__table__
        statement = update(table).where(table.c.id == bindparam("delivery")).values(values)  # type: ignore[arg-type]
        rows = [{"delivery": mark["id"]} | {f"new_{name}": mark[name] for name in names} for mark in marks]
        self._session.connection().execute(statement, rows)

    def put_off_behind(self, failed: Sequence[tuple[Delivery, datetime]]) -> None:
        """Let what waits for a failed delivery within its notice wait as long: nobody need look at it before."""
        for first, until in failed:
            behind = and_(
                Delivery.subscription_id == first.subscription_id,
                Delivery.partition_key == first.partition_key,
                Delivery.state == DeliveryState.DUE,
                Delivery.out_of_order.is_(False),
                Delivery.position > first.position,
                Delivery.next_attempt_at < until,
            )
            self._write(update(Delivery).where(behind).values(next_attempt_at=until))

    def of_disabled(self) -> Sequence[str]:
        """Return the disabled subscriptions to which something is still due."""
        due = exists().where(Delivery.subscription_id == Subscription.id, Delivery.state == DeliveryState.DUE)
        query = select(Subscription.id).where(Subscription.state == SubscriptionState.DISABLED, due)
        return self._session.scalars(query).all()

    def park_due(self, subscription_id: str, reason: str, now: datetime) -> int:
        """Park what is due to a subscription and not under way; return how much that was."""
        free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now)
        mine = and_(Delivery.subscription_id == subscription_id, Delivery.state == DeliveryState.DUE, free)
        values = {"state": DeliveryState.PARKED, "parked_reason": reason, "ended_at": now, "next_attempt_at": None}
        return self._write(update(Delivery).where(mine).values(**values, lease=None, leased_until=None))

    def _write(self, statement: Any) -> int:
        result: Any = self._session.execute(statement, execution_options={"synchronize_session": False})
        return int(result.rowcount)


def claimable(now: Any) -> Any:
    """Return the condition of a delivery that may be attempted, whatever its subscription's state."""
    return and_(
        Delivery.state == DeliveryState.DUE,
        Delivery.next_attempt_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until < now),
        or_(Delivery.out_of_order, ~_earlier_is_owed()),
    )


def _earlier_is_owed() -> Any:
    earlier: type[Delivery] = aliased(Delivery)
    return exists().where(
        earlier.subscription_id == Delivery.subscription_id,
        earlier.partition_key == Delivery.partition_key,
        earlier.state == DeliveryState.DUE,
        earlier.out_of_order.is_(False),
        earlier.position < Delivery.position,
    )


# A courier says these many times a second, and to build them takes as long as to run them: they are built once.
_NOW = bindparam("now", type_=Delivery.next_attempt_at.type)


@cache
def _waiting() -> Any:
    mine = (Delivery.subscription_id == Subscription.id, claimable(_NOW))
    turn = select(Delivery.id).where(*mine).order_by(Delivery.next_attempt_at, Delivery.position)
    heads = turn.limit(bindparam("most", type_=Integer)).correlate(Subscription).subquery()
    found = select(func.aggregate_strings(heads.c.id, ",")).correlate(Subscription).scalar_subquery()
    due = or_(Subscription.consent_ask_at.is_(None), Subscription.consent_ask_at <= _NOW)
    unasked = and_(Subscription.consent != Consent.GIVEN, due)
    free = or_(Subscription.next_request_at.is_(None), Subscription.next_request_at <= _NOW)
    posted = and_(Subscription.state == SubscriptionState.ACTIVE, Subscription.kind.in_(POSTED))
    active = select(Subscription.id, found, unasked).where(posted, free)
    return active.order_by(Subscription.id)


@cache
def _claim() -> Any:
    named = Delivery.id.in_(bindparam("ids", expanding=True))
    # A CTE is evaluated once; a bare IN (…) may run, and lock, more than once on PostgreSQL.
    free = select(Delivery.id).where(named, claimable(_NOW)).with_for_update(skip_locked=True).cte("free")
    leased = {"lease": bindparam("lease", type_=String), "leased_until": bindparam("until", type_=_NOW.type)}
    return update(Delivery).where(Delivery.id.in_(select(free.c.id))).values(**leased).returning(Delivery)
