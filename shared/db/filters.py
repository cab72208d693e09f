"""Drawer of filters under names."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.db.models import SavedFilter


class Filters:
    """What can be asked for by a name."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def save(self, saved: SavedFilter) -> None:
        """Record a new filter."""
        self._session.add(saved)
        self._session.flush()

    def by_name(self, name: str, *, held: bool = False) -> SavedFilter | None:
        """Return the filter of a name, if there is one; `held`, so that changes of it take turns."""
        query = select(SavedFilter).where(SavedFilter.name == name)
        return self._session.scalar(query.with_for_update() if held else query)

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[SavedFilter]:
        """Return up to `limit` filters in order of id, starting after `after`."""
        query = select(SavedFilter).where(SavedFilter.id > after).order_by(SavedFilter.id).limit(limit)
        return self._session.scalars(query).all()

    def remove(self, name: str) -> str | None:
        """Forget a filter; return its id, None if there is none."""
        return self._session.scalar(delete(SavedFilter).where(SavedFilter.name == name).returning(SavedFilter.id))
