"""Drawer of notices and their revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import Notice, Revision


@dataclass(frozen=True)
class NoticeQuery:
    """Which notices are asked for; every field that is None asks nothing."""

    source_id: str | None = None
    column_id: str | None = None
    state: str | None = None
    changed_since: datetime | None = None


class Notices:
    """What was published, and how it changed."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def by_id(self, notice_id: str) -> Notice | None:
        """Return the notice, if there is one."""
        return self._session.get(Notice, notice_id)

    def by_url(self, url: str) -> Notice | None:
        """Return the notice at the canonical `url`."""
        return self._session.scalar(select(Notice).where(Notice.url == url))

    def of_target(self, target_id: str) -> Notice | None:
        """Return a target's notice, held until the end of the transaction, so that decisions on it take turns."""
        query = select(Notice).where(Notice.target_id == target_id).with_for_update()
        return self._session.scalar(query)

    def add(self, notice: Notice) -> None:
        """Record a new notice."""
        self._session.add(notice)
        self._session.flush()

    def latest_revision(self, notice_id: str) -> Revision | None:
        """Return the newest revision of a notice."""
        query = select(Revision).where(Revision.notice_id == notice_id).order_by(Revision.number.desc()).limit(1)
        return self._session.scalar(query)

    def append_revision(self, revision: Revision) -> None:
        """Record the next distinct content of a notice."""
        self._session.add(revision)
        self._session.flush()

    def revisions(self, notice_id: str, *, after: int = 0, limit: int = 100) -> Sequence[Revision]:
        """Return a notice's revisions in order of number, starting after `after`."""
        query = select(Revision).where(Revision.notice_id == notice_id, Revision.number > after)
        return self._session.scalars(query.order_by(Revision.number).limit(limit)).all()

    def revision(self, notice_id: str, number: int) -> Revision | None:
        """Return the `number`-th revision (from 1) of a notice, if there is one."""
        query = select(Revision).where(Revision.notice_id == notice_id, Revision.number == number)
        return self._session.scalar(query)

    def page(self, query: NoticeQuery, *, after: str = "", limit: int = 100) -> Sequence[Notice]:
        """Return up to `limit` notices in order of id (which is the order of first sight), starting after `after`."""
        asked = select(Notice).where(Notice.id > after)
        if query.source_id:
            asked = asked.where(Notice.source_id == query.source_id)
        if query.column_id:
            asked = asked.where(Notice.column_id == query.column_id)
        if query.state:
            asked = asked.where(Notice.state == query.state)
        if query.changed_since:
            asked = asked.where(Notice.changed_at >= query.changed_since)
        return self._session.scalars(asked.order_by(Notice.id).limit(limit)).all()
