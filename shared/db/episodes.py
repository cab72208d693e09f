"""Drawer of episodes: the times in which something is wrong with a column's listing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shared.db.models import Column, Episode
from shared.db.statements import insert


class Episodes:
    """What was wrong, when, and by what one could tell."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def begin(self, column: Column, kind: str, evidence: dict[str, Any], began_at: datetime) -> None:
        """Open an episode of a column, unless one of its kind is open already."""
        last = select(func.max(Episode.number)).where(Episode.source_id == column.source_id)
        row = {
            "source_id": column.source_id,
            "number": (self._session.scalar(last) or 0) + 1,
            "column_id": column.id,
            "kind": kind,
            "began_at": began_at,
            "evidence": evidence,
        }
        # Of two that take the same number at once, the second has its turn with its column's next look.
        self._session.execute(insert(self._session, Episode).values(**row).on_conflict_do_nothing())

    def end(
        self, column_id: str, kinds: Collection[str], now: datetime, fetch: Mapping[str, Any] | None = None
    ) -> None:
        """Close a column's open episodes of these kinds; `fetch` is the visit that saw it well."""
        mine = and_(Episode.column_id == column_id, Episode.kind.in_(kinds), Episode.ended_at.is_(None))
        for episode in self._session.scalars(select(Episode).where(mine)):
            episode.ended_at = now
            episode.evidence = episode.evidence | {"end_fetch": fetch}

    def open_kinds(self, column_id: str) -> set[str]:
        """Return what is wrong with a column now."""
        query = select(Episode.kind).where(Episode.column_id == column_id, Episode.ended_at.is_(None))
        return set(self._session.scalars(query))

    def open_kinds_of_source(self, source_id: str) -> set[str]:
        """Return what is wrong with any column of a source now."""
        query = select(Episode.kind).where(Episode.source_id == source_id, Episode.ended_at.is_(None))
        return set(self._session.scalars(query))

    def of_source(self, source_id: str, limit: int = 20) -> Sequence[Episode]:
        """Return a source's episodes, the newest first."""
        query = select(Episode).where(Episode.source_id == source_id).order_by(Episode.number.desc()).limit(limit)
        return self._session.scalars(query).all()

    def open_by_kind(self) -> dict[str, int]:
        """Return how many columns have an open episode of each kind."""
        query = select(Episode.kind, func.count()).where(Episode.ended_at.is_(None)).group_by(Episode.kind)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def untold(self, limit: int = 100) -> Sequence[Episode]:
        """Return episodes whose beginning or end is not recorded as an event, in order of beginning."""
        owed = or_(Episode.told_at.is_(None), Episode.ended_at.is_not(None))
        query = select(Episode).where(Episode.end_told_at.is_(None), owed)
        return self._session.scalars(query.order_by(Episode.began_at, Episode.number).limit(limit)).all()
