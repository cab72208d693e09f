"""Drawer of hosts: when each may be asked next, how it has been answering, its budget's days and its robots files."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, String, and_, bindparam, delete, or_, select, true, update
from sqlalchemy.orm import Session

from shared.db.models import Host, HostDay, RobotsFile, Source
from shared.db.prepared import Prepared
from shared.db.sources import Watched
from shared.db.statements import insert, insert_by, insert_new
from shared.urls import host_of

KEPT_DAYS = timedelta(days=31)


@dataclass(frozen=True)
class Allowance:
    """What a host may be asked for in one day; None is without bounds."""

    day: date
    requests: int | None
    bytes: int | None


class RobotsRow(NamedTuple):
    """What is stored of an origin's robots file; the fields are the row's (`models.RobotsFile`)."""

    origin: str
    status: int | None
    body: bytes | None
    fetched_at: datetime | None
    failed_at: datetime | None
    failures: int
    error: str | None


class Standing(NamedTuple):
    """All that is known, before a request, of the host and the origin that are asked."""

    at: datetime
    """When this was known."""
    failures: int
    """Of the host, in a row so far."""
    last_ok_at: datetime | None
    robots: RobotsRow | None
    owner: Watched | None
    """The source whose site the host is."""


# What every request asks for is written once: to build a statement takes longer than to run it.
_DAYS: Any = HostDay.__table__
_GIVE_BACK = Prepared(
    update(_DAYS)
    .where(_DAYS.c.name == bindparam("host"), _DAYS.c.day == bindparam("on", type_=_DAYS.c.day.type))
    .values(bytes=_DAYS.c.bytes - bindparam("size", type_=BigInteger))
)


_HOST_ASKED = select(bindparam("host_asked", type_=String).label("name")).subquery()
_STANDING = Prepared(
    select(
        Host.failures,
        Host.last_ok_at,
        *(getattr(RobotsFile, name) for name in RobotsRow._fields),
        *(getattr(Source, name) for name in Watched._fields),
    )
    .select_from(_HOST_ASKED)
    .outerjoin(Host, Host.name == _HOST_ASKED.c.name)
    .outerjoin(RobotsFile, RobotsFile.origin == bindparam("origin_asked", type_=String))
    .outerjoin(Source, Source.host == _HOST_ASKED.c.name)
)
_ROBOTS_FROM, _OWNER_FROM = 2, 2 + len(RobotsRow._fields)


@cache
def _spend(dialect: str, bounded: tuple[str, ...]) -> Prepared:
    """Return the statement that counts a request unless it is too much by one of the bounds."""
    statement = insert_by(dialect, _DAYS).values(
        {name: bindparam(name, type_=_DAYS.c[name].type) for name in ("name", "day", "requests", "bytes")}
    )
    new = statement.excluded
    within = {
        "most_requests": _DAYS.c.requests < bindparam("most_requests", type_=BigInteger),
        "most_bytes": _DAYS.c.bytes + new.bytes <= bindparam("most_bytes", type_=BigInteger),
    }
    more = {"requests": _DAYS.c.requests + 1, "bytes": _DAYS.c.bytes + new.bytes}
    enough = and_(true(), *(within[bound] for bound in bounded))
    counted = statement.on_conflict_do_update(index_elements=["name", "day"], set_=more, where=enough)
    return Prepared(counted.returning(_DAYS.c.requests))


@cache
def _record(dialect: str, names: tuple[str, ...]) -> Any:
    """Return the statement that sets the columns `names` of a host, which may be new."""
    statement = insert_by(dialect, Host)
    return statement.on_conflict_do_update(
        index_elements=["name"], set_={name: statement.excluded[name] for name in names if name != "name"}
    )


class Hosts:
    """What is known of a host and its origins."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def by_name(self, name: str) -> Host | None:
        """Return what is known of the host, if it was ever asked."""
        return self._session.get(Host, name)

    def standing(self, name: str, origin: str, now: datetime) -> Standing:
        """Return what is known at `now` of a host and of one of its origins, in one statement."""
        row = _STANDING.first(self._session, {"host_asked": name, "origin_asked": origin})
        assert row is not None
        robots, owner = row[_ROBOTS_FROM:_OWNER_FROM], row[_OWNER_FROM:]
        return Standing(
            now,
            row[0] or 0,
            row[1],
            RobotsRow(*robots) if robots[0] is not None else None,
            Watched(*owner) if owner[0] is not None else None,
        )

    def set_next_allowed(self, name: str, at: datetime) -> None:
        """Write when the next request to the host may start."""
        insert_new(self._session, Host, [{"name": name, "failures": 0}], ["name"])
        self._session.execute(update(Host).where(Host.name == name).values(next_allowed_at=at))

    def record_answer(self, name: str, *, failures: int, error: str | None, at: datetime) -> None:
        """Note how a request ended: `failures` in a row so far, and the last error in words.

        That all is well need not be noted each time.
        """
        values = {"name": name, "failures": failures, "last_error": error}
        if not failures:
            values["last_ok_at"] = at
        self._session.execute(_record(self._session.get_bind().dialect.name, tuple(values)), values)

    def set_remark(self, name: str, remark: str | None) -> None:
        """Note what an operator should decide on, or that there is nothing any more."""
        insert_new(self._session, Host, [{"name": name, "failures": 0}], ["name"])
        self._session.execute(update(Host).where(Host.name == name).values(remark=remark))

    def spend(self, name: str, allowance: Allowance, size: int) -> bool:
        """Count a request, and ahead of it `size` bytes, to the host's day; False (not counted) if that is too much.

        In one statement, so that crawlers at the same moment never spend more together than there is. The first of a
        day always may: what it has to bring is bounded by the allowance.
        """
        asked = {"name": name, "day": allowance.day, "requests": 1, "bytes": size}
        bounds = {"most_requests": allowance.requests, "most_bytes": allowance.bytes}
        bounded = tuple(bound for bound, most in bounds.items() if most is not None)
        statement = _spend(self._session.get_bind().dialect.name, bounded)
        row = statement.first(self._session, asked | {bound: bounds[bound] for bound in bounded})
        if row == (1,):
            long_ago = and_(HostDay.name == name, HostDay.day < allowance.day - KEPT_DAYS)
            self._session.execute(delete(HostDay).where(long_ago))
        return row is not None

    def give_back(self, name: str, day: date, size: int) -> None:
        """Take back of the bytes counted ahead those that did not come."""
        _GIVE_BACK.run(self._session, {"host": name, "on": day, "size": size})

    def day(self, name: str, day: date) -> HostDay | None:
        """Return what was counted on the day, if anything was."""
        return self._session.get(HostDay, (name, day))

    def remarked(self, limit: int = 50) -> list[Host]:
        """Return hosts of which an operator should know something."""
        query = select(Host).where(Host.remark.is_not(None)).order_by(Host.name).limit(limit)
        return list(self._session.scalars(query))

    def failing(self, limit: int = 50) -> list[Host]:
        """Return hosts that failed last time, the worst first."""
        query = select(Host).where(Host.failures > 0).order_by(Host.failures.desc(), Host.name).limit(limit)
        return list(self._session.scalars(query))

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the stored robots file of an origin."""
        return self._session.get(RobotsFile, origin)

    def robots_of(self, name: str) -> list[RobotsFile]:
        """Return the stored robots files of all origins of a host, whatever scheme and port."""
        spelt = f"[{name}]" if ":" in name else name
        begins = [RobotsFile.origin.startswith(f"{scheme}://{spelt}", autoescape=True) for scheme in ("http", "https")]
        found = self._session.scalars(select(RobotsFile).where(or_(*begins)).order_by(RobotsFile.origin))
        return [row for row in found if host_of(row.origin) == name]

    def save_robots(self, values: dict[str, Any]) -> None:
        """Store the robots file of `values["origin"]`, in place of an earlier one."""
        statement = insert(self._session, RobotsFile).values(values)
        changed = {name: value for name, value in values.items() if name != "origin"}
        self._session.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=changed))
