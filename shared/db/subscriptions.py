"""Drawer of subscriptions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.db.events import Events
from shared.db.models import RelayState, Subscription
from shared.domain.filters import Filter
from shared.domain.states import Channel, SubscriptionState

LAST = 2**62
"""A position that is never handed out."""


class Subscriptions:
    """Who wants to hear of what."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, subscription: Subscription) -> None:
        """Record a new subscription; its `starts_after` must come from the locked last position."""
        self._session.add(subscription)
        self._session.flush()
        self._wants_changed()

    def by_id(self, subscription_id: str) -> Subscription | None:
        """Return the subscription, if there is one."""
        return self._session.get(Subscription, subscription_id)

    def set_filter(self, subscription_id: str, wanted: Filter) -> None:
        """Let a subscription want other events from now on; the caller has locked the last position."""
        self.change(subscription_id, filter_columns(wanted) | self._old_filters(subscription_id))
        self._wants_changed()

    def _old_filters(self, subscription_id: str) -> dict[str, Any]:
        """Return the column of what a stream wanted before, its filter of now with it, as far as events are kept."""
        query = select(Subscription).where(Subscription.id == subscription_id, Subscription.kind == Channel.STREAM)
        stream = self._session.scalar(query.execution_options(populate_existing=True))
        if stream is None:
            return {}
        events = Events(self._session)
        gone, last = events.gone_up_to(), events.last_position()
        kept = [one for one in stream.old_filters or () if one["up_to"] > gone]
        if last > max([stream.starts_after, gone, *(one["up_to"] for one in kept)]):
            kept.append({"up_to": last, "filter": filter_of(stream).to_json()})
        return {"old_filters": kept}

    def _wants_changed(self) -> None:
        changed = update(RelayState).values(wants_version=RelayState.wants_version + 1)
        self._session.execute(changed)

    def wants_version(self) -> tuple[int, int]:
        """Return what is another whenever subscriptions want other events; exact for who has locked the last position.

        Releases before filters do not count their changes, but they only add and remove, which the second number tells.
        """
        count = select(func.count()).select_from(Subscription).scalar_subquery()
        told = self._session.execute(select(RelayState.wants_version, count)).one_or_none()
        return (0, 0) if told is None else (told[0], told[1])

    def wants(self) -> list[tuple[str, Filter]]:
        """Return what each subscription wants, with its id."""
        query = select(Subscription.id, Subscription.filter, Subscription.types, Subscription.republications)
        # To streams nothing is owed: they are written from the ledger.
        rows = self._session.execute(query.where(Subscription.kind != Channel.STREAM).order_by(Subscription.id))
        return [(row.id, Filter.stored(row.filter if row.filter is not None else row._asdict())) for row in rows]

    def keep(self, subscription_ids: Collection[str]) -> dict[str, Subscription]:
        """Return those that there are, as they are now, and keep each from being removed until the transaction ends."""
        if not subscription_ids:
            return {}
        query = select(Subscription).where(Subscription.id.in_(subscription_ids)).order_by(Subscription.id)
        fresh = query.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
        return {one.id: one for one in self._session.scalars(fresh)}

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[Subscription]:
        """Return up to `limit` subscriptions in order of id, starting after `after`."""
        query = select(Subscription).where(Subscription.id > after).order_by(Subscription.id).limit(limit)
        return self._session.scalars(query).all()

    def set_state(self, subscription_id: str, state: SubscriptionState, reason: str | None) -> None:
        """Pause, resume or disable, with the reason that is shown."""
        values = {"state": state, "state_reason": reason}
        self._session.execute(update(Subscription).where(Subscription.id == subscription_id).values(**values))

    def hold(self, subscription_ids: Sequence[str]) -> dict[str, Subscription]:
        """Return those that there are, and keep each from being changed or removed until the transaction ends.

        Whoever changes deliveries of a subscription holds it first: so pausing and resuming have an exact boundary, and
        two who do it at once take turns instead of blocking each other for ever.
        """
        mine = Subscription.id.in_(subscription_ids)
        query = select(Subscription).where(mine).order_by(Subscription.id).with_for_update(key_share=True)
        fresh = query.execution_options(populate_existing=True)
        return {one.id: one for one in self._session.scalars(fresh)}

    def hold_all(self) -> Sequence[Subscription]:
        """Return every subscription, held as by `hold`."""
        return list(self.hold(self._session.scalars(select(Subscription.id)).all()).values())

    def change(self, subscription_id: str, values: Mapping[str, Any]) -> None:
        """Write `values` into a subscription's columns."""
        self._session.execute(update(Subscription).where(Subscription.id == subscription_id).values(**values))

    def with_old_keys(self, until: datetime) -> Sequence[Subscription]:
        """Return the subscriptions of which an old secret is to be forgotten by `until`."""
        return self._session.scalars(select(Subscription).where(Subscription.old_keys_until <= until)).all()

    def streams(self) -> Sequence[Subscription]:
        """Return the subscriptions that are Redis Streams."""
        query = select(Subscription).where(Subscription.kind == Channel.STREAM).order_by(Subscription.id)
        return self._session.scalars(query).all()

    def remove(self, subscription_id: str) -> bool:
        """Forget a subscription and everything owed to it; False if it was gone."""
        gone = delete(Subscription).where(Subscription.id == subscription_id).returning(Subscription.id)
        return self._session.execute(gone).first() is not None


def filters_of(subscription: Subscription) -> list[tuple[int, Filter]]:
    """Return what a subscription wanted up to which position, in order; the last, what it wants now, up to any.

    Only streams know what they wanted before: to others that is owed already.
    """
    before = [(one["up_to"], Filter.stored(one["filter"])) for one in subscription.old_filters or ()]
    return [*before, (LAST, filter_of(subscription))]


def filter_of(subscription: Subscription) -> Filter:
    """Return what a subscription wants."""
    old = {"types": subscription.types, "republications": subscription.republications}
    return Filter.stored(subscription.filter if subscription.filter is not None else old)


def filter_columns(wanted: Filter) -> dict[str, Any]:
    """Return a subscription's columns that say what it wants: the filter, and what releases before filters read."""
    return {"filter": wanted.to_json(), "types": list(wanted.types), "republications": wanted.republications}
