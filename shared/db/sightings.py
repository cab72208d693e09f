"""Drawer of sightings: which column's listing showed which link, and since when."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import Sighting, Target
from shared.db.statements import insert_new

_CHUNK = 500


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
