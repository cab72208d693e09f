"""Drawer of intents: what the WebSub hub was asked in the name of a callback, until the callback confirmed it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.db.models import Intent, Subscription
from shared.domain.states import Channel


class Intents:
    """What is to be verified, and the subscriptions that came of it."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, intent: Intent) -> None:
        """Record what was asked."""
        self._session.add(intent)
        self._session.flush()

    def count(self) -> int:
        """Return how many wait."""
        return self._session.scalar(select(func.count()).select_from(Intent)) or 0

    def due(self, now: datetime, limit: int, without: Collection[str] = ()) -> Sequence[Intent]:
        """Return what is to be asked now, `without` some ids: what was never tried first, the oldest first (by id)."""
        ripe = select(Intent).where(Intent.next_attempt_at <= now, Intent.id.not_in(without))
        return self._session.scalars(ripe.order_by(Intent.attempts, Intent.id).limit(limit)).all()

    def put_off(self, intent_id: str, attempts: int, until: datetime) -> None:
        """Ask the callback again later."""
        values = {"attempts": attempts, "next_attempt_at": until}
        self._session.execute(update(Intent).where(Intent.id == intent_id).values(**values))

    def remove(self, intent_id: str) -> bool:
        """Forget an intent; False if it was gone."""
        gone = self._session.execute(delete(Intent).where(Intent.id == intent_id).returning(Intent.id))
        return gone.first() is not None

    def subscription(self, callback: str, manner: Mapping[str, Any]) -> Subscription | None:
        """Return the WebSub subscription of a callback to a feed in a form and language, if there is one."""
        query = select(Subscription).where(Subscription.kind == Channel.WEBSUB, Subscription.url == callback)
        same = (one for one in self._session.scalars(query) if _topic(one.manner or {}) == _topic(manner))
        return next(same, None)

    def subscriptions(self) -> Sequence[Subscription]:
        """Return every WebSub subscription."""
        query = select(Subscription).where(Subscription.kind == Channel.WEBSUB).order_by(Subscription.id)
        return self._session.scalars(query).all()


def _topic(manner: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(manner.get(name) for name in ("feed", "form", "language"))
