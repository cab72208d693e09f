"""Drawer of sightings: which column's listing showed which link, and since when."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from shared.db.models import Sighting, Target
from shared.db.statements import insert_new

_CHUNK = 500


class Shown(NamedTuple):
    """A link that a column's listing showed, since when, and since when another listing did."""

    url: str
    seen_at: datetime
    shown_at: datetime | None


class Sightings:
    """Links as each listing showed them: a notice may stand in several columns."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, column_id: str, urls: Collection[str], now: datetime) -> int:
        """Note that a column's listing shows these targets; return how many it had not shown before."""
        rows, ordered = list[str](), sorted(urls)
        for start in range(0, len(ordered), _CHUNK):
            rows += self._session.scalars(select(Target.id).where(Target.url.in_(ordered[start : start + _CHUNK])))
        fresh = [{"column_id": column_id, "target_id": one, "seen_at": now} for one in sorted(rows)]
        keys = ["target_id", "column_id"]
        return sum(
            len(insert_new(self._session, Sighting, fresh[start : start + _CHUNK], keys))
            for start in range(0, len(fresh), _CHUNK)
        )

    def newest(self, column_id: str, other_id: str, *, since: datetime, limit: int) -> Sequence[Shown]:
        """Return what a column's listing showed first after `since`, the newest first, and when another's showed it."""
        other = aliased(Sighting)
        query = (
            select(Target.url, Sighting.seen_at, other.seen_at)
            .join(Target, Target.id == Sighting.target_id)
            .outerjoin(other, and_(other.target_id == Sighting.target_id, other.column_id == other_id))
            .where(Sighting.column_id == column_id, Sighting.seen_at > since)
            .order_by(Sighting.seen_at.desc(), Sighting.target_id)
            .limit(limit)
        )
        return [Shown(*row) for row in self._session.execute(query)]
