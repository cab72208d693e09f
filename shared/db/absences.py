"""Drawer of absences: how many notices of a column went with one that is gone, by its listing and by their pages."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shared.db.models import Column, Notice, Target
from shared.domain.states import NoticeState, Outcome

ONE_LOOK = timedelta(hours=1)
"""What a listing showed within this time, page after page, it showed at once."""


class Absences:
    """Notices that are no longer shown, or no longer there."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def vanished_with(self, target: Target) -> tuple[int, int]:
        """Return how many notices were last shown together with the one at `target`, and all that should be shown.

        Of the column's last recorded look, as far as it covered their days. (0, 0) while the notice is shown.
        """
        column = self._session.get(Column, target.column_id)
        if column is None or column.listed_at is None or target.listed_at is None:
            return 0, 0
        if target.listed_at >= column.listed_at or (column.covered_from is None and not column.covered_to_end):
            return 0, 0
        covered = Target.hint_date > column.covered_from if not column.covered_to_end else Target.id.is_not(None)
        together = Target.listed_at.between(target.listed_at - ONE_LOOK, target.listed_at + ONE_LOOK)
        gone = and_(together, Target.listed_at < column.listed_at)
        shown = Target.listed_at >= column.listed_at
        return self._counts(target, and_(covered, or_(gone, shown)), gone)

    def gone_since(self, target: Target, since: datetime) -> tuple[int, int]:
        """Return how many notices of the column at `target` were found gone since `since`, and how many were visited.

        Not those that were known to be withdrawn before.
        """
        long_ago = and_(Notice.state == NoticeState.WITHDRAWN, Notice.changed_at < since)
        visited = and_(Target.last_fetch_at >= since, ~long_ago)
        return self._counts(target, visited, Target.last_outcome == Outcome.GONE)

    def _counts(self, target: Target, scope: Any, gone: Any) -> tuple[int, int]:
        counts = select(func.count().filter(gone), func.count()).select_from(Target)
        mine = and_(Target.column_id == target.column_id, Target.moved_to_id.is_(None), scope)
        row = self._session.execute(counts.join(Notice, Notice.target_id == Target.id).where(mine)).one()
        return int(row[0]), int(row[1])
