"""Drawer of learned furniture: lines at the edges of bodies that many notices of a source share, and so are none's.

Counted anew each time over the newest notices: nothing to keep in step, no row that all workers write, and what a site
has dropped is forgotten in time.
"""

from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.db.models import EdgeLine, Notice

OTHERS = 5
"""Other notices that must share a line: two or three that were written together may well begin or end alike."""
NEWEST = 200
"""Notices of a source that are looked at: enough to be sure, and a bound on the work."""


class LearnedLine(NamedTuple):
    """A line that counts as furniture at the edges of a source's notices: on `notices` of the newest `looked_at`."""

    key: str
    text: str
    """As one of the notices prints it."""
    notices: int
    looked_at: int


class Learned:
    """Furniture that no rule names."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def of_source(self, source_id: str, *, besides: str | None = None) -> frozenset[str]:
        """Return the keys of the lines that are furniture to a notice of the source, judged by its other notices.

        `besides` is the id of the notice that is read, if it has one already: it is no witness in its own cause.
        """
        return frozenset(line.key for line in self._lines(source_id, besides))

    def lines(self, source_id: str) -> list[LearnedLine]:
        """Return the lines that are furniture to the source's next notice, the most frequent first."""
        return sorted(self._lines(source_id, None), key=lambda line: (-line.notices, line.key))

    def _lines(self, source_id: str, besides: str | None) -> list[LearnedLine]:
        looked_at = self._looked_at(source_id, besides).subquery()
        total = select(func.count()).select_from(looked_at).scalar_subquery()
        on = func.count()
        # On half of them at least: what a few dozen among hundreds share may well be what they say.
        query = (
            select(EdgeLine.key, func.min(EdgeLine.text), on, total)
            .where(EdgeLine.notice_id.in_(select(looked_at.c.id)))
            .group_by(EdgeLine.key)
            .having(on >= OTHERS, 2 * on >= total)
        )
        return [LearnedLine(*row) for row in self._session.execute(query)]

    def _looked_at(self, source_id: str, besides: str | None) -> Select[str]:
        # Without a kind, it was read by a release that knew no edges.
        query = select(Notice.id).where(Notice.source_id == source_id, Notice.kind.is_not(None))
        if besides is not None:
            query = query.where(Notice.id != besides)
        return query.order_by(Notice.id.desc()).limit(NEWEST)
