"""Drawer of fetches: what was brought, and which of it still waits for a worker."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from shared.db.models import Fetch, Notice, PassingSnapshot, Target
from shared.db.prepared import Prepared, insertion
from shared.domain.states import Outcome, TargetKind
from shared.ids import new_id

_CORE = {"synchronize_session": False}
_OWED = and_(Fetch.rung_at.is_not(None), Fetch.processed_at.is_(None), Fetch.quarantined_at.is_(None))


@cache
def _append(names: tuple[str, ...]) -> Prepared:
    return insertion(Fetch, names)


class Fetches:
    """Exchanges and their outcomes; append-only but for the worker's marks."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def append(self, fetch: Mapping[str, Any]) -> None:
        """Record one exchange, the row of a `Fetch`."""
        _append(tuple(fetch)).run(self._session, fetch)

    def hand_over(self, fetch_id: str, content: bytes) -> None:
        """Keep the bytes of a page that asks not to be archived until a worker has read them."""
        self._session.add(PassingSnapshot(fetch_id=fetch_id, content=content))
        self._session.flush()

    def passing(self, fetch_id: str) -> bytes | None:
        """Return the bytes that were handed over with the fetch, while they are there."""
        return self._session.scalar(select(PassingSnapshot.content).where(PassingSnapshot.fetch_id == fetch_id))

    def let_pass(self, fetch_id: str) -> None:
        """Keep those bytes no longer: they were read, or cannot be."""
        self._session.execute(delete(PassingSnapshot).where(PassingSnapshot.fetch_id == fetch_id))

    def by_id(self, fetch_id: str) -> Fetch | None:
        """Return the fetch, if there is one."""
        return self._session.get(Fetch, fetch_id)

    def of_target(self, target_id: str, limit: int = 20) -> Sequence[Fetch]:
        """Return a target's fetches, the newest first."""
        query = select(Fetch).where(Fetch.target_id == target_id).order_by(Fetch.number.desc()).limit(limit)
        return self._session.scalars(query).all()

    def visits(self, target_id: str, before_number: int, limit: int) -> Sequence[Fetch]:
        """Return the conclusive fetches before `before_number`, newest first (failures tell nothing of a notice)."""
        conclusive = Fetch.outcome.in_(("captured", "unchanged", "gone"))
        query = select(Fetch).where(Fetch.target_id == target_id, Fetch.number < before_number, conclusive)
        return self._session.scalars(query.order_by(Fetch.number.desc()).limit(limit)).all()

    def newest_pages(self, target_ids: Collection[str], besides: Collection[str]) -> dict[str, Fetch]:
        """Return, by target, the newest fetch that brought a page and was decided on, not by the rules `besides`."""
        read = and_(Fetch.decision.is_not(None), Fetch.outcome == Outcome.CAPTURED, Fetch.decision_rule.not_in(besides))
        newest = select(Fetch.target_id, func.max(Fetch.number)).where(Fetch.target_id.in_(target_ids), read)
        query = select(Fetch).where(tuple_(Fetch.target_id, Fetch.number).in_(newest.group_by(Fetch.target_id)))
        return {fetch.target_id: fetch for fetch in self._session.scalars(query)}

    def looked_at(self, target_ids: Collection[str]) -> dict[str, int]:
        """Return the targets of which a fetch was decided on (with the newest one's number) or only set aside (0)."""
        done = or_(Fetch.decision.is_not(None), Fetch.quarantined_at.is_not(None))
        number = func.max(case((Fetch.decision.is_not(None), Fetch.number), else_=0))
        query = select(Fetch.target_id, number).where(Fetch.target_id.in_(target_ids), done)
        return {row[0]: row[1] for row in self._session.execute(query.group_by(Fetch.target_id))}

    def owe_again(self, target_ids: Collection[str], rules: Collection[str], now: datetime) -> None:
        """Let each target's newest fetch that was decided on be decided on again, if that was by one of `rules`.

        Its decision stays meanwhile, so that it counts as read.
        """
        if not target_ids:
            return
        over = and_(Fetch.target_id.in_(target_ids), Fetch.decision_rule.in_(rules), *_newest_and_done())
        self._session.execute(update(Fetch).where(over).values(processed_at=None, rung_at=now, leases=0))

    def overdue(self, rules: Collection[str], started_before: datetime, limit: int) -> Sequence[str]:
        """Return the ids of the newest fetches of notices' pages that were decided on by `rules`, and are that old.

        Not where another page's or file's fetch has brought the notice on since.
        """
        pages = Target.kind.in_((TargetKind.DETAIL, TargetKind.PART))
        query = select(Fetch.id).join(Target, Target.id == Fetch.target_id).where(pages)
        # Written out, so that the database sees that the index of just these rules will do.
        named = Fetch.decision_rule.in_(bindparam(None, list(rules), expanding=True, literal_execute=True))
        over = query.where(named, Fetch.started_at < started_before, *_newest_and_done())
        first = func.coalesce(Target.parent_id, Target.id)
        on = exists().where(Notice.target_id == first, Notice.changed_at > Fetch.processed_at)
        return self._session.scalars(over.where(~on).order_by(Fetch.started_at).limit(limit)).all()

    def owe(self, fetch_ids: Collection[str], now: datetime) -> None:
        """Let fetches that were decided on be owed again, as if their bells were lost.

        They are free from now on, not from when they were brought: nobody is to take them for stalled.
        """
        values = {"processed_at": None, "rung_at": Fetch.started_at, "leased_until": now, "lease": None, "leases": 0}
        done = and_(Fetch.id.in_(fetch_ids), Fetch.processed_at.is_not(None))
        self._session.execute(update(Fetch).where(done).values(**values), execution_options=_CORE)

    def claim(self, fetch_id: str, now: datetime, lease_seconds: float) -> Fetch | None:
        """Lease a fetch for processing, counting the lease.

        None if it is done, quarantined or somebody else's now, or if an older fetch of the same target is still owed:
        a notice's fetches are decided on in order, or the text between two others would be taken for stale.
        """
        free = or_(Fetch.leased_until.is_(None), Fetch.leased_until < now)
        values = {
            "lease": new_id("lea"),
            "leased_until": now + timedelta(seconds=lease_seconds),
            "leases": Fetch.leases + 1,
        }
        statement = update(Fetch).where(Fetch.id == fetch_id, _OWED, free, ~_older_is_owed())
        statement = statement.values(**values).returning(Fetch)
        return self._session.scalar(statement, execution_options={"synchronize_session": False})

    def settle(self, fetch_id: str, lease: str, values: dict[str, Any]) -> bool:
        """Write the worker's marks and end its lease; False (nothing written) if the lease is somebody else's now."""
        mine = and_(Fetch.id == fetch_id, Fetch.lease == lease, Fetch.processed_at.is_(None))
        done = values | {"lease": None, "leased_until": None}
        return self._session.execute(update(Fetch).where(mine).values(**done).returning(Fetch.id)).first() is not None

    def release(self, claimed: Fetch) -> None:
        """Give a lease back as if it had never been given; nothing is written if it is somebody else's now."""
        mine = and_(Fetch.id == claimed.id, Fetch.lease == claimed.lease, Fetch.processed_at.is_(None))
        values = {"lease": None, "leased_until": None, "leases": Fetch.leases - 1}
        self._session.execute(update(Fetch).where(mine).values(**values))

    def owed(self, now: datetime, *, rung_before: datetime, limit: int) -> Sequence[Fetch]:
        """Return captured work whose bell was rung before `rung_before` and that nobody holds, the oldest first."""
        free = or_(Fetch.leased_until.is_(None), Fetch.leased_until < now)
        query = select(Fetch).where(_OWED, free, Fetch.rung_at < rung_before).order_by(Fetch.rung_at).limit(limit)
        return self._session.scalars(query).all()

    def next_owed(self, target_id: str) -> str | None:
        """Return the id of a target's oldest fetch that still waits for a worker."""
        query = select(Fetch.id).where(Fetch.target_id == target_id, _OWED).order_by(Fetch.number).limit(1)
        return self._session.scalar(query)

    def mark_rung(self, fetch_ids: Sequence[str], at: datetime) -> None:
        """Note that the bells of `fetch_ids` were rung (again)."""
        self._session.execute(update(Fetch).where(Fetch.id.in_(fetch_ids)).values(rung_at=at))

    def quarantine(self, fetch_id: str, reason: str, at: datetime) -> None:
        """Set a fetch aside, with its reason, until it is reprocessed by hand."""
        values = {"quarantined_at": at, "quarantine_reason": reason, "lease": None, "leased_until": None}
        self._session.execute(update(Fetch).where(Fetch.id == fetch_id, _OWED).values(**values))

    def requeue(self, fetch_id: str, at: datetime) -> bool:
        """Take a fetch out of quarantine, to be read again; False if it is not there."""
        values = {"quarantined_at": None, "quarantine_reason": None, "leases": 0, "rung_at": at}
        aside = and_(Fetch.id == fetch_id, Fetch.quarantined_at.is_not(None))
        return (
            self._session.execute(update(Fetch).where(aside).values(**values).returning(Fetch.id)).first() is not None
        )

    def quarantined(self, *, after: str = "", limit: int = 100) -> Sequence[Fetch]:
        """Return fetches set aside, in order of id."""
        query = select(Fetch).where(Fetch.quarantined_at.is_not(None), Fetch.id > after).order_by(Fetch.id)
        return self._session.scalars(query.limit(limit)).all()

    def owed_count(self) -> int:
        """Return how many fetches wait for a worker."""
        return self._session.scalar(select(func.count()).select_from(Fetch).where(_OWED)) or 0

    def unclaimed_since(self, now: datetime) -> datetime | None:
        """Return since when the longest-waiting fetch has been free for a worker to take, or None if none is.

        One that is held, or that waits for an older fetch of its target, is not free: a page that kills its readers
        must not look like workers that are gone.
        """
        free = or_(Fetch.leased_until.is_(None), Fetch.leased_until < now)
        since = func.min(func.coalesce(Fetch.leased_until, Fetch.started_at))
        return self._session.scalar(select(since).where(_OWED, free, ~_older_is_owed()))

    def stalled(self, now: datetime, seconds: float) -> bool:
        """Tell whether a fetch has been free to be taken for `seconds`, while none was taken, ended or held.

        A backlog, or a page that kills its readers, keeps fetches waiting too, but it stalls nothing.
        """
        long_ago = now - timedelta(seconds=seconds)
        waiting_since = self.unclaimed_since(now)
        if waiting_since is None or waiting_since >= long_ago:
            return False
        signs = (Fetch.processed_at, Fetch.quarantined_at, Fetch.leased_until)
        moved = select(Fetch.id).where(or_(*(sign >= long_ago for sign in signs))).limit(1)
        return self._session.scalar(moved) is None

    def last(self) -> Fetch | None:
        """Return the newest fetch; ids sort by time, so that this costs one step in the primary key."""
        return self._session.scalar(select(Fetch).order_by(Fetch.id.desc()).limit(1))

    def with_target(self, fetch_id: str) -> tuple[Fetch, Target] | None:
        """Return a fetch and its target."""
        query = select(Fetch, Target).join(Target, Target.id == Fetch.target_id).where(Fetch.id == fetch_id)
        row = self._session.execute(query).first()
        return (row[0], row[1]) if row else None

    def of_recrawl(self, recrawl_id: str, *, after: str = "", limit: int = 100) -> Sequence[Fetch]:
        """Return up to `limit` fetches that a recrawl request asked for, in order of id, starting after `after`."""
        query = select(Fetch).where(Fetch.recrawl_id == recrawl_id, Fetch.id > after).order_by(Fetch.id)
        return self._session.scalars(query.limit(limit)).all()

    def ends_of_recrawl(self, recrawl_id: str) -> Sequence[tuple[str, str | None, int]]:
        """Return the outcomes and decisions of a recrawl request's fetches, with how many have each."""
        query = select(Fetch.outcome, Fetch.decision, func.count()).where(Fetch.recrawl_id == recrawl_id)
        rows = self._session.execute(query.group_by(Fetch.outcome, Fetch.decision))
        return [(outcome, decision, number) for outcome, decision, number in rows]

    def owed_of_recrawl(self, recrawl_id: str) -> int:
        """Return how many fetches that a recrawl request asked for still wait for a worker."""
        query = select(func.count()).select_from(Fetch).where(_OWED, Fetch.recrawl_id == recrawl_id)
        return self._session.scalar(query) or 0


def _newest_and_done() -> tuple[Any, ...]:
    """Return the conditions under which a fetch is the newest of its target that was decided on, and owed no more."""
    newer = aliased(Fetch)
    later = exists().where(newer.target_id == Fetch.target_id, newer.number > Fetch.number, newer.decision.is_not(None))
    return Fetch.processed_at.is_not(None), ~later


def _older_is_owed() -> Any:
    older = aliased(Fetch)
    return exists().where(
        older.target_id == Fetch.target_id,
        older.number < Fetch.number,
        older.rung_at.is_not(None),
        older.processed_at.is_(None),
        older.quarantined_at.is_(None),
    )
