"""Drawer of claims: which target is looked at next, under whose lease, and what the look has made of it.

Each round of a crawler comes here twice, so the statements are prepared, and rows are plain tuples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, func, literal_column, not_, or_, select, update
from sqlalchemy.orm import Session

from shared.db.models import Host, Source, Target
from shared.db.prepared import Prepared
from shared.domain.states import TargetKind
from shared.ids import new_id
from shared.urls import host_of


class Claimed(NamedTuple):
    """A target under lease, as it was when it was claimed; the fields are the row's (`models.Target`)."""

    id: str
    source_id: str
    column_id: str
    host: str
    url: str
    method: str | None
    body: str | None
    kind: str
    parent_id: str | None
    page: int
    due_at: datetime
    due_reason: str
    lease: str
    leases: int
    hop_url: str | None
    hops: int
    hop_permanent: bool | None
    hop_method: str | None
    trail: list[dict[str, Any]] | None
    moved_to_id: str | None
    recrawl_id: str | None
    backfill_id: str | None
    fetch_count: int
    quiet_visits: int
    failures: int
    etag: str | None
    last_modified: str | None
    digest: str | None
    last_outcome: str | None


@dataclass(frozen=True)
class Hop:
    """Where a redirect led; `method` is POST where it keeps the call as it is."""

    url: str
    host: str
    permanent: bool = False
    """Whether it, and every one before it on the way, said that the page has moved for good."""
    method: str | None = None
    trail: Sequence[dict[str, Any]] = ()
    """What was said at it, after what was said at those before it."""


def claimable(now: Any) -> Any:
    """Return the condition under which a target, joined with its source, may be claimed at `now`."""
    return and_(
        Target.due_at <= now,
        or_(Target.leased_until.is_(None), Target.leased_until < now),
        Source.paused_at.is_(None),
    )


_NOW = bindparam("now", type_=Target.due_at.type)
_ON_HOLD = select(Host.name).where(Host.next_allowed_at > _NOW)
"""Only a first sieve, so that hosts on hold do not crowd out others."""


def _due_hosts(host: Any) -> Any:
    due = select(host).join(Source, Source.id == Target.source_id).where(claimable(_NOW)).group_by(host)
    return due.order_by(func.min(Target.due_at)).limit(bindparam("most", type_=Integer))


# An expression on SQLite: to group by the column itself, it would walk through all targets by the index of hosts.
_DUE = {
    "sqlite": Prepared(_due_hosts(Target.host.concat(literal_column("''")))),
    "postgresql": Prepared(_due_hosts(Target.host).where(Target.host.not_in(_ON_HOLD))),
}
# On SQLite no sieve: there the holds that count are on the monotonic clock, and the rows would mislead once the wall
# clock is set.
_UNHURRIED = and_(Target.backfill_id.is_not(None), or_(Target.kind == TargetKind.BACKFILL, Target.fetch_count == 0))
"""What a backfill asks for: first pages, and what they show, never wait for it."""

_ROWS: Any = Target.__table__
"""The table and not the mapped class, so that an UPDATE has nothing to do with a session's entities."""


def _claim(scope: Any, *order: Any) -> Prepared:
    chosen = (
        select(Target.id)
        .join(Source, Source.id == Target.source_id)
        .where(Target.host == bindparam("host_asked"), claimable(_NOW), scope)
        .order_by(*order)
        .limit(1)
        .with_for_update(skip_locked=True, of=Target)  # PostgreSQL only; the lease carries the promise on SQLite
    )
    ends = bindparam("ends", type_=_ROWS.c.leased_until.type)
    mine = {"lease": bindparam("mine"), "leased_until": ends, "leases": _ROWS.c.leases + 1}
    columns = [_ROWS.c[name] for name in Claimed._fields]
    return Prepared(update(_ROWS).where(_ROWS.c.id == chosen.scalar_subquery()).values(**mine).returning(*columns))


_CLAIMS = (
    _claim(not_(_UNHURRIED), Target.due_at),
    # The walker before what it found, so that how far a backfill goes is known soon.
    _claim(_UNHURRIED, Target.kind, Target.due_at),
)
_FREE = {"lease": None, "leased_until": None, "leases": 0}
_ARRIVED = {"hop_url": None, "hop_method": None, "hops": 0, "hop_permanent": None, "trail": None}


def _free(names: tuple[str, ...]) -> Any:
    """Return the statement that ends a lease and sets the columns `names`."""
    told = {name: bindparam(f"new_{name}", type_=_ROWS.c[name].type) for name in names}
    held = and_(_ROWS.c.id == bindparam("held"), _ROWS.c.lease == bindparam("mine"))
    return update(_ROWS).where(held).values(**told, **_FREE).returning(_ROWS.c.id)


@cache
def _release(names: tuple[str, ...]) -> Prepared:
    return Prepared(_free(names))


@cache
def _settle(names: tuple[str, ...]) -> Prepared:
    """Return the same for a visit's end: a wish to crawl the target again that was made after the claim stays open."""
    same_wish = _ROWS.c.recrawl_id.is_not_distinct_from(bindparam("wish", type_=_ROWS.c.recrawl_id.type))
    due_at = bindparam("new_due_at", type_=_ROWS.c.due_at.type)
    kept = {
        "recrawl_id": case((same_wish, None), else_=_ROWS.c.recrawl_id),
        "due_at": case((same_wish, due_at), else_=_ROWS.c.due_at),
    }
    return Prepared(_free(tuple(name for name in names if name != "due_at")).values(**kept, **_ARRIVED))


class Claims:
    """Targets' leases."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def due_hosts(self, now: datetime, limit: int) -> Sequence[str]:
        """Return hosts with work due, those that waited longest first; whether they may be asked is the turn's word."""
        query = _DUE[self._session.get_bind().dialect.name]
        return [host for (host,) in query.all(self._session, {"now": now, "most": limit})]

    def claim_due(self, host: str, now: datetime, lease_seconds: float) -> Claimed | None:
        """Lease the target of `host` that is due longest, in one statement, so that two crawlers never share it.

        What a backfill asks for comes when nothing else is due.
        """
        values = {"host_asked": host, "now": now, "mine": new_id("lea"), "ends": now + timedelta(seconds=lease_seconds)}
        for claim in _CLAIMS:
            row = claim.first(self._session, values)
            if row is not None:
                return Claimed(*row)
        return None

    def settle(self, target: Claimed, values: dict[str, Any]) -> bool:
        """Write what a visit of the claimed `target` brought and end its lease.

        False (and nothing written) if the lease is somebody else's by now. A wish to crawl it again that was made
        after the claim stays open: the visit may have begun before it.
        """
        told = values | {"host": host_of(target.url)}
        told.setdefault("due_at", None)
        return self._end(_settle(tuple(told)), target, told, wish=target.recrawl_id)

    def release(self, target: Claimed, due_at: datetime, reason: str, hop: Hop | None = None) -> bool:
        """Give the claimed `target`'s lease back: it is due again at `due_at`, and its wish stays open.

        With `hop`, the next request asks for what a redirect led to. False if the lease is somebody else's by now.
        """
        told: dict[str, Any] = {"due_at": due_at, "due_reason": reason}
        if hop is not None:
            told |= {"hop_url": hop.url, "hops": target.hops + 1, "host": hop.host, "hop_permanent": hop.permanent}
            told |= {"hop_method": hop.method, "trail": list(hop.trail)}
        return self._end(_release(tuple(told)), target, told)

    def _end(self, statement: Prepared, target: Claimed, told: dict[str, Any], **more: Any) -> bool:
        mine = {"held": target.id, "mine": target.lease} | more
        values = mine | {f"new_{name}": value for name, value in told.items()}
        return statement.first(self._session, values) is not None
