"""Drawer of retention: what is old enough to go by a rule and needed by nobody, in small batches."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.db.models import (
    Attempt,
    AuditEntry,
    Delivery,
    Episode,
    Event,
    Fetch,
    LetGo,
    RecrawlRequest,
    RelayState,
    Revision,
    Target,
)
from shared.db.statements import insert
from shared.domain.states import OF_NOTICE, DeliveryState, Outcome

KEPT_VISITS = 50
"""Newest visits of each target that are kept however old: what was decided of it goes by the last ones."""
VAIN = (Outcome.UNCHANGED, Outcome.FAILED, Outcome.BLOCKED)
"""Visits that brought nothing; of one that found a page gone, an event may tell."""
_OWED = and_(Fetch.rung_at.is_not(None), Fetch.processed_at.is_(None))
_CORE = {"synchronize_session": False}


class Batch(NamedTuple):
    """One step of a walk through old rows in order of id: how many went, and where to go on (None: it is through)."""

    gone: int
    after: str | None


class Kept(NamedTuple):
    """A fetch whose snapshot is kept."""

    id: str
    digest: str


class Retention:
    """What goes, and how much of it has gone."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def drop_events(self, before: datetime, limit: int) -> int:
        """Delete the oldest events that were stamped before, with their deliveries; return how many went.

        In order of position and without a gap, up to the first that is still owed to somebody; the newest of all stays,
        so that it can be told from which position on events are kept.
        """
        owed = exists().where(Delivery.event_id == Event.id, Delivery.state == DeliveryState.DUE)
        oldest = select(Event.serial, Event.position, Event.stamped_at, owed).where(Event.position.is_not(None))
        last = self._session.scalar(select(func.max(Event.position)))
        serials = []
        for serial, position, stamped_at, waits in self._session.execute(oldest.order_by(Event.position).limit(limit)):
            if position == last or waits or stamped_at is None or stamped_at >= before:
                break
            serials.append(serial)
        self._session.execute(delete(Event).where(Event.serial.in_(serials)), execution_options=_CORE)
        return len(serials)

    def drop_attempts(self, before: datetime, after: str, limit: int) -> Batch:
        """Delete attempts from before of deliveries that have ended."""
        query = select(Attempt.id, Delivery.state).join(Delivery, Delivery.id == Attempt.delivery_id)
        page = self._page(query, Attempt, before, after, limit)
        ended = [row.id for row in page if row.state != DeliveryState.DUE]
        self._session.execute(delete(Attempt).where(Attempt.id.in_(ended)), execution_options=_CORE)
        return Batch(len(ended), page[-1].id if len(page) == limit else None)

    def drop_visits(self, before: datetime, after: str, limit: int) -> Batch:
        """Delete fetches from before that brought nothing which is kept, but for each target's newest ones."""
        old = Fetch.number <= Target.fetch_count - KEPT_VISITS
        idle = and_(or_(Fetch.outcome.in_(VAIN), Fetch.let_go_at.is_not(None)), old, ~_OWED)
        idle = and_(idle, Fetch.quarantined_at.is_(None))
        query = select(Fetch.id, idle.label("goes")).join(Target, Target.id == Fetch.target_id)
        page = self._page(query, Fetch, before, after, limit)
        going = [row.id for row in page if row.goes]
        unnamed = ~exists().where(Revision.fetch_id == Fetch.id)
        self._session.execute(delete(Fetch).where(Fetch.id.in_(going), unnamed), execution_options=_CORE)
        return Batch(len(going), page[-1].id if len(page) == limit else None)

    def drop_episodes(self, before: datetime, limit: int) -> int:
        """Delete episodes that ended before and are told, but for each source's newest: the next goes by its number."""
        newer = aliased(Episode)
        later = exists().where(newer.source_id == Episode.source_id, newer.number > Episode.number)
        old = and_(Episode.ended_at < before, Episode.end_told_at.is_not(None), later)
        return self._delete(Episode, (Episode.source_id, Episode.number), old, limit)

    def drop_recrawls(self, before: datetime, limit: int) -> int:
        """Delete wishes to crawl again that were fulfilled before."""
        return self._delete(RecrawlRequest, (RecrawlRequest.id,), RecrawlRequest.finished_at < before, limit)

    def drop_audit(self, before: datetime, limit: int) -> int:
        """Delete entries of the audit log from before."""
        return self._delete(AuditEntry, (AuditEntry.id,), AuditEntry.at < before, limit)

    def _delete(self, table: Any, key: tuple[Any, ...], old: Any, limit: int) -> int:
        found = self._session.execute(select(*key).where(old).limit(limit)).all()
        for row in found:
            mine = (one == value for one, value in zip(key, row, strict=True))
            self._session.execute(delete(table).where(*mine), execution_options=_CORE)
        return len(found)

    def live(self, now: datetime, seconds: float) -> datetime:
        """Let time go on by at most `seconds`, never beyond `now`; return how far it has come. Commit it.

        The first time, it is as late as it is said to be.
        """
        known = self._session.scalar(select(RelayState.lived_until)) or now
        lived = min(now, known + timedelta(seconds=seconds))
        self._session.execute(update(RelayState).values(lived_until=lived), execution_options=_CORE)
        return lived

    def snapshots(self, before: datetime, after: str, limit: int) -> tuple[Sequence[Kept], str | None]:
        """Return fetches from before whose snapshots are kept and may not be needed, and where to go on."""
        unsure = and_(Fetch.outcome == Outcome.CAPTURED, Fetch.digest.is_not(None), Fetch.let_go_at.is_(None))
        unsure = and_(unsure, Target.kind.not_in(OF_NOTICE))
        query = select(Fetch.id, Fetch.digest, unsure.label("unsure")).join(Target, Target.id == Fetch.target_id)
        page = self._page(query, Fetch, before, after, limit)
        found = [Kept(row.id, row.digest) for row in page if row.unsure]
        return found, page[-1].id if len(page) == limit else None

    def needed(self, digests: Collection[str], before: datetime) -> set[str]:
        """Return which snapshots somebody needs.

        Revisions need theirs, notices the bytes of their further pages and files, workers what is owed or set aside,
        every target what it brought last; and whatever came since `before` is too young to go.
        """
        waits = or_(_OWED, Fetch.quarantined_at.is_not(None))
        why = or_(Fetch.started_at >= before, Target.kind.in_(OF_NOTICE), waits, Target.digest == Fetch.digest)
        fetched = select(Fetch.digest).join(Target, Target.id == Fetch.target_id).where(Fetch.digest.in_(digests), why)
        revised = select(Revision.digest).where(Revision.digest.in_(digests))
        return {*self._session.scalars(fetched.distinct()), *self._session.scalars(revised.distinct())} - {None}

    def mark_let_go(self, digests: Collection[str], before: datetime, at: datetime) -> None:
        """Note of the fetches from before that these snapshots of theirs are gone."""
        mine = and_(Fetch.digest.in_(digests), Fetch.started_at < before, Fetch.let_go_at.is_(None))
        self._session.execute(update(Fetch).where(mine).values(let_go_at=at), execution_options=_CORE)

    def count(self, what: str, number: int, at: datetime) -> None:
        """Count what went."""
        if number:
            statement = insert(self._session, LetGo).values(what=what, count=number, at=at)
            more = {"count": LetGo.count + number, "at": at}
            self._session.execute(statement.on_conflict_do_update(index_elements=["what"], set_=more))

    def totals(self) -> dict[str, int]:
        """Return how much went in all, by what it was."""
        return {row.what: row.count for row in self._session.scalars(select(LetGo))}

    def older(self, table: str, before: datetime) -> int:
        """Return how many rows are older than a rule's days; some of them may be needed and stay."""
        conditions: dict[str, Any] = {
            "events": select(func.count()).select_from(Event).where(Event.stamped_at < before),
            "attempts": select(func.count()).select_from(Attempt).where(Attempt.started_at < before),
            "visits": _fetches(before).where(or_(Fetch.outcome.in_(VAIN), Fetch.let_go_at.is_not(None))),
            "episodes": select(func.count()).select_from(Episode).where(Episode.ended_at < before),
            "recrawls": select(func.count()).select_from(RecrawlRequest).where(RecrawlRequest.finished_at < before),
            "audit": select(func.count()).select_from(AuditEntry).where(AuditEntry.at < before),
            "snapshots": _fetches(before).where(Fetch.outcome == Outcome.CAPTURED, Fetch.let_go_at.is_(None)),
        }
        return self._session.scalar(conditions[table]) or 0

    def _page(self, query: Any, table: Any, before: datetime, after: str, limit: int) -> Sequence[Any]:
        """Return the next rows of a walk; ids sort by time, so that a walk ends where rows are too young."""
        old = query.where(table.id > after, table.started_at < before)
        return self._session.execute(old.order_by(table.id).limit(limit)).all()


def _fetches(before: datetime) -> Any:
    return select(func.count()).select_from(Fetch).where(Fetch.started_at < before)
