"""Drawer of recrawl requests: wishes, made by persons, that targets be due now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.db.models import RecrawlRequest, Target
from shared.db.statements import insert
from shared.errors import Unavailable

_TRIES = 3


class Recrawls:
    """Who wished what to be crawled again, and whether it was."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def open_or_add(self, row: dict[str, Any]) -> tuple[RecrawlRequest, bool]:
        """Return the open request for the same subject, or record this one; and whether it is new.

        Two who press at the same moment get the same request: the unique index on open subjects decides.
        """
        is_open = RecrawlRequest.finished_at.is_(None)
        statement = insert(self._session, RecrawlRequest).values(row)
        statement = statement.on_conflict_do_nothing(index_elements=["subject"], index_where=is_open)
        query = select(RecrawlRequest).where(RecrawlRequest.subject == row["subject"], is_open)
        for _ in range(_TRIES):
            new = self._session.scalar(statement.returning(RecrawlRequest.id)) is not None
            found = self._session.scalar(query)
            if found is not None:
                return found, new
            # The request that was in the way was closed just then.
        raise Unavailable(f"requests for {row['subject']} come and go too quickly; ask again")

    def by_id(self, recrawl_id: str) -> RecrawlRequest | None:
        """Return the request, if there is one."""
        return self._session.get(RecrawlRequest, recrawl_id)

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[RecrawlRequest]:
        """Return up to `limit` requests in order of id, starting after `after`."""
        query = select(RecrawlRequest).where(RecrawlRequest.id > after).order_by(RecrawlRequest.id).limit(limit)
        return self._session.scalars(query).all()

    def finish_if_done(self, recrawl_id: str, now: datetime) -> None:
        """Close the request once none of its targets waits any more, and older ones whose last target it took over.

        They are held while they are looked at, or two crawlers that serve the last two targets of a request at the
        same moment would each see the other's as still waiting, and nobody would close it.
        """
        unfinished = RecrawlRequest.finished_at.is_(None)
        made_at = select(RecrawlRequest.created_at).where(RecrawlRequest.id == recrawl_id).scalar_subquery()
        held = select(RecrawlRequest.id).where(unfinished, RecrawlRequest.created_at <= made_at)
        open_ones = self._session.scalars(held.order_by(RecrawlRequest.id).with_for_update()).all()
        waiting = select(Target.recrawl_id).where(Target.recrawl_id.in_(open_ones))
        done = set(open_ones) - set(self._session.scalars(waiting.distinct()))
        if done:
            ended = RecrawlRequest.id.in_(done) & unfinished
            self._session.execute(update(RecrawlRequest).where(ended).values(finished_at=now))

    def waiting_in_all(self) -> int:
        """Return how many targets wait for any request."""
        return self._session.scalar(select(func.count()).where(Target.recrawl_id.is_not(None))) or 0

    def wished_since(self, since: datetime) -> int:
        """Return how many targets requests have made due since then."""
        query = select(func.sum(RecrawlRequest.targets)).where(RecrawlRequest.created_at >= since)
        return self._session.scalar(query) or 0

    def waiting(self, recrawl_id: str) -> int:
        """Return how many of a request's targets still wait to be fetched."""
        query = select(func.count()).select_from(Target).where(Target.recrawl_id == recrawl_id)
        return self._session.scalar(query) or 0
