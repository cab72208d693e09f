"""Drawer of backfills: wishes that older pages of a column be read, and how far each is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from shared.db.models import Backfill, Column, Fetch, Target
from shared.db.statements import insert, insert_new
from shared.domain.states import TargetKind
from shared.errors import Unavailable
from shared.ids import new_id
from shared.urls import host_of

_TRIES = 3


def walker_key(url: str, backfill_id: str) -> str:
    """Return what a backfill's walker is known by while it asks for the page at `url`."""
    return f"{url}#{backfill_id}"


class Backfills:
    """Which columns are walked through, and how far."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def open_or_add(self, row: dict[str, Any]) -> tuple[Backfill, bool]:
        """Return the open backfill of the same column, or record this one; and whether it is new.

        Two who press at the same moment get the same one: the unique index on open columns decides.
        """
        is_open = Backfill.finished_at.is_(None)
        statement = insert(self._session, Backfill).values(row | {"seen": []})
        statement = statement.on_conflict_do_nothing(index_elements=["column_id"], index_where=is_open)
        query = select(Backfill).where(Backfill.column_id == row["column_id"], is_open)
        for _ in range(_TRIES):
            new = self._session.scalar(statement.returning(Backfill.id)) is not None
            found = self._session.scalar(query)
            if found is not None:
                return found, new
        raise Unavailable("backfills of the column come and go too quickly; ask again")

    def send_walker(self, backfill: Backfill, column: Column, now: datetime) -> None:
        """Make the target that asks for one page after the other, beginning with the column's first."""
        row = {
            "id": new_id("tgt"),
            "source_id": column.source_id,
            "column_id": column.id,
            "host": host_of(column.url),
            "url": walker_key(column.url, backfill.id),
            "kind": TargetKind.BACKFILL,
            "backfill_id": backfill.id,
            "due_at": now,
            "due_reason": "a backfill begins",
            "created_at": now,
        }
        insert_new(self._session, Target, [row], ["url"])

    def by_id(self, backfill_id: str) -> Backfill | None:
        """Return the backfill as it is now, if there is one."""
        return self._session.get(Backfill, backfill_id, populate_existing=True)

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[Backfill]:
        """Return up to `limit` backfills in order of id, starting after `after`."""
        return self._session.scalars(
            select(Backfill).where(Backfill.id > after).order_by(Backfill.id).limit(limit)
        ).all()

    def advance(self, backfill: Backfill, mark: str, *, new: int, reached: str | None) -> None:
        """Count a page as read; `mark` tells it from others, `reached` is the oldest day so far."""
        backfill.pages_read += 1
        backfill.notices_new += new
        backfill.seen = [*backfill.seen, mark]
        backfill.reached = reached
        self._session.flush()

    def end(self, backfill_id: str, rule: str, now: datetime) -> None:
        """Close the backfill; `rule` says why it is over."""
        is_open = and_(Backfill.id == backfill_id, Backfill.finished_at.is_(None))
        self._session.execute(update(Backfill).where(is_open).values(finished_at=now, ended_by=rule[:60]))

    def waiting(self, backfill_id: str, now: datetime) -> int:
        """Return how many of the notices that a backfill found are due and were not asked for yet."""
        new = and_(Target.backfill_id == backfill_id, Target.kind == TargetKind.DETAIL, Target.fetch_count == 0)
        return self._session.scalar(select(func.count()).select_from(Target).where(new, Target.due_at <= now)) or 0

    def unprocessed(self, backfill_id: str) -> int:
        """Return how many fetches of a backfill's notices no worker has read yet."""
        owed = and_(Fetch.rung_at.is_not(None), Fetch.processed_at.is_(None), Fetch.quarantined_at.is_(None))
        query = select(func.count()).select_from(Fetch).join(Target, Target.id == Fetch.target_id)
        return self._session.scalar(query.where(owed, Target.backfill_id == backfill_id)) or 0
