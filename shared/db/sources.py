"""Drawer of sources and their columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from shared.db.models import Account, Column, Problem, Source
from shared.db.prepared import Prepared
from shared.db.statements import insert_new


class Covered(NamedTuple):
    """How far a look at a listing reached."""

    since: str | None
    """All that is newer than this day (ISO 8601) was shown; None where that is not known."""
    to_end: bool
    """Whether no next page is named."""


class Watched(NamedTuple):
    """What the operator says of a source; the fields are the row's (`models.Source`)."""

    id: str
    host: str
    hosts: list[str] | None
    delay_seconds: float | None
    verify_tls: bool
    allow: list[str]
    daily_requests: int | None
    daily_bytes: int | None
    quiet_hours: str | None
    time_zone: str | None
    paused_at: datetime | None


_WATCHED = Prepared(
    select(*(getattr(Source, name) for name in Watched._fields)).where(Source.id == bindparam("source_asked"))
)

NOTHING = Covered(None, to_end=False)


class Sources:
    """Who publishes, and where."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, values: dict[str, Any]) -> Source:
        """Record a source, unless one of that host is there; return the host's. Two at the same moment take turns."""
        insert_new(self._session, Source, [values], ["host"])
        return self._session.scalars(select(Source).where(Source.host == values["host"])).one()

    def add_column(self, values: dict[str, Any]) -> tuple[Column, bool]:
        """Record a column of a source, unless one at that URL is there; return the URL's, and whether it is new."""
        new = bool(insert_new(self._session, Column, [values], ["url"]))
        return self._session.scalars(select(Column).where(Column.url == values["url"])).one(), new

    def by_id(self, source_id: str) -> Source | None:
        """Return the source, if there is one."""
        return self._session.get(Source, source_id)

    def watched(self, source_id: str) -> Watched:
        """Return what the operator says of a source, which is there."""
        row = _WATCHED.first(self._session, {"source_asked": source_id})
        assert row is not None
        return Watched(*row)

    def by_host(self, host: str) -> Source | None:
        """Return the source whose site is `host`."""
        return self._session.scalar(select(Source).where(Source.host == host))

    def column(self, column_id: str) -> Column | None:
        """Return the column, if there is one."""
        return self._session.get(Column, column_id)

    def column_by_url(self, url: str) -> Column | None:
        """Return the column whose listing is at the canonical `url`."""
        return self._session.scalar(select(Column).where(Column.url == url))

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[Source]:
        """Return up to `limit` sources in order of id, starting after `after`."""
        return self._session.scalars(select(Source).where(Source.id > after).order_by(Source.id).limit(limit)).all()

    def columns(self, source_id: str | None = None, *, after: str = "", limit: int = 500) -> Sequence[Column]:
        """Return columns in order of id: of one source, or of all."""
        query = select(Column).where(Column.id > after).order_by(Column.id).limit(limit)
        return self._session.scalars(query.where(Column.source_id == source_id) if source_id else query).all()

    def set_paused(self, source_id: str, at: datetime | None) -> None:
        """Pause a source (its targets are not claimed) or, with None, resume it."""
        self._session.execute(update(Source).where(Source.id == source_id).values(paused_at=at))

    def habits(self) -> Sequence[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
        """Return what was learned of each column that is watched now: its habit, and through which list it is read."""
        query = (
            select(Column.habit, Column.latest)
            .join(Source, Source.id == Column.source_id)
            .where(Source.paused_at.is_(None))
        )
        return [(habit, latest) for habit, latest in self._session.execute(query)]

    def with_latest(self, source_id: str) -> Sequence[Column]:
        """Return a source's columns that are read through another list, or were."""
        query = select(Column).where(Column.source_id == source_id, Column.latest.is_not(None)).order_by(Column.id)
        return self._session.scalars(query).all()

    def record_latest(self, column_id: str, latest: dict[str, Any] | None) -> None:
        """Keep through which other list a column is read, and by which rule, or that it is by none."""
        self._session.execute(update(Column).where(Column.id == column_id).values(latest=latest))

    def record_habit(self, column_id: str, habit: dict[str, Any]) -> None:
        """Keep what is known of a column's habit by now."""
        self._session.execute(update(Column).where(Column.id == column_id).values(habit=habit))

    def record_shape(self, column_id: str, shape: dict[str, Any]) -> None:
        """Keep how a column's first page usually reads."""
        self._session.execute(update(Column).where(Column.id == column_id).values(shape=shape))

    def record_unread(self, column_id: str, unread: dict[str, Any] | None) -> None:
        """Keep since when a column's list cannot be had, or None that it can."""
        self._session.execute(update(Column).where(Column.id == column_id).values(unread=unread))

    def record_listing(
        self, column_id: str, family: str | None, warning: str | None, at: datetime, *, covered: Covered = NOTHING
    ) -> None:
        """Note how a column's first page read, when its links were recorded, and how far it reached."""
        values: dict[str, Any] = {"warning": warning, "unverified": None, "listed_at": at, "looked_at": at}
        if family is not None:  # the answer to a call may not tell what its page told
            values["family"] = family
        values |= {"covered_from": covered.since, "covered_to_end": covered.to_end, "covered_pages": 1}
        self._session.execute(update(Column).where(Column.id == column_id).values(**values))

    def record_further_page(self, column_id: str, page: int, covered: Covered, *, after: datetime) -> None:
        """Note how far a further page reaches, if it goes on where the look that began after `after` had come to."""
        goes_on = and_(Column.id == column_id, Column.covered_pages == page - 1, Column.listed_at >= after)
        further = and_(goes_on, Column.covered_from >= covered.since)
        if covered.since is not None:
            self._session.execute(
                update(Column)
                .where(further)
                .values(covered_from=covered.since, covered_to_end=covered.to_end, covered_pages=page)
            )

    def record_profile(self, column_id: str, profile: dict[str, Any]) -> None:
        """Keep how a column is read."""
        self._session.execute(update(Column).where(Column.id == column_id).values(profile=profile))

    def record_look(self, column_id: str, at: datetime, warning: str | None = None) -> None:
        """Note that a column's first page was looked at and had not changed, or why it could not be read."""
        values = {"looked_at": at} if warning is None else {"warning": warning}
        self._session.execute(update(Column).where(Column.id == column_id).values(**values))

    def remove(self, source_id: str) -> None:
        """Forget a source with its columns, targets, fetches and notices; its events stay, for they happened.

        Problems go with the last notice that knew of them: those that other sources' notices name stay.
        """
        self._session.execute(delete(Source).where(Source.id == source_id))
        named = exists().where(Account.problem_id == Problem.id)
        self._session.execute(delete(Problem).where(Problem.notice_id.is_(None), ~named))
