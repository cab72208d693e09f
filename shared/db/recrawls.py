"""Drawer of recrawl requests: wishes, made by persons, that targets be due now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.db.models import RecrawlRequest, Target


class Recrawls:
    """Who wished what to be crawled again, and whether it was."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def open_or_add(self, request: RecrawlRequest) -> tuple[RecrawlRequest, bool]:
        """Return the open request for the same subject, or record this one; and whether it is new."""
        same = RecrawlRequest.subject == request.subject
        open_one = select(RecrawlRequest).where(same, RecrawlRequest.finished_at.is_(None))
        found = self._session.scalar(open_one)
        if found is not None:
            return found, False
        self._session.add(request)
        self._session.flush()
        return request, True

    def by_id(self, recrawl_id: str) -> RecrawlRequest | None:
        """Return the request, if there is one."""
        return self._session.get(RecrawlRequest, recrawl_id)

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[RecrawlRequest]:
        """Return up to `limit` requests in order of id, starting after `after`."""
        query = select(RecrawlRequest).where(RecrawlRequest.id > after).order_by(RecrawlRequest.id).limit(limit)
        return self._session.scalars(query).all()

    def finish_if_done(self, recrawl_id: str, now: datetime) -> None:
        """Close the request once none of its targets waits any more."""
        waiting = select(Target.id).where(Target.recrawl_id == recrawl_id).limit(1)
        if self._session.scalar(waiting) is None:
            mine = RecrawlRequest.id == recrawl_id
            self._session.execute(update(RecrawlRequest).where(mine).values(finished_at=now))

    def waiting(self, recrawl_id: str) -> int:
        """Return how many of a request's targets still wait to be fetched."""
        query = select(func.count()).select_from(Target).where(Target.recrawl_id == recrawl_id)
        return self._session.scalar(query) or 0
