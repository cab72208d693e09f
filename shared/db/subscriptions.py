"""Drawer of subscriptions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.db.models import Subscription
from shared.domain.states import SubscriptionState


class Subscriptions:
    """Who wants to hear of what."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, subscription: Subscription) -> None:
        """Record a new subscription; its `starts_after` must come from the locked last position."""
        self._session.add(subscription)
        self._session.flush()

    def by_id(self, subscription_id: str) -> Subscription | None:
        """Return the subscription, if there is one."""
        return self._session.get(Subscription, subscription_id)

    def hold_all(self) -> Sequence[Subscription]:
        """Return every subscription, and keep each from being removed until the transaction ends."""
        query = select(Subscription).order_by(Subscription.id).with_for_update(read=True, key_share=True)
        return self._session.scalars(query).all()

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

    def change(self, subscription_id: str, values: Mapping[str, Any]) -> None:
        """Write `values` into a subscription's columns."""
        self._session.execute(update(Subscription).where(Subscription.id == subscription_id).values(**values))

    def with_old_keys(self, until: datetime) -> Sequence[Subscription]:
        """Return the subscriptions of which an old secret is to be forgotten by `until`."""
        return self._session.scalars(select(Subscription).where(Subscription.old_keys_until <= until)).all()

    def remove(self, subscription_id: str) -> None:
        """Forget a subscription and everything owed to it."""
        self._session.execute(delete(Subscription).where(Subscription.id == subscription_id))
