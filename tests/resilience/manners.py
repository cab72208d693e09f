"""What a site can say to keep visitors away, and the days that pass: robots files that change, Retry-After in any form.

A robots file is kept for a day, so that a change of it would show to nobody within minutes: `a_day_goes_by` makes what
our processes know of it a day older.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.simulation.witness import Breach, by_host
from shared.db import Ledger
from shared.db.models import RobotsFile, Target

DAY = timedelta(days=1)
WRITTEN_SECONDS = 1.0
"""An answer that ended so long before may be written down after."""
OPEN = "User-agent: *\nDisallow: /internal/\n"
CLOSED = OPEN + "\nUser-agent: noticewire\nDisallow: /\n"
SLOWLY = OPEN + "Crawl-delay: 1\n"


class Word(NamedTuple):
    """What a host answers for its robots file from now on; status 0: nothing at all."""

    status: int
    body: str = ""


WORDS = (Word(200, CLOSED), Word(503), Word(200, SLOWLY), Word(0), Word(429), Word(200, OPEN))
"""Said in this order by each host whose robots file changes; the first to all of them that are asked is 503."""

Form = Callable[[datetime], str]


def _dated(pattern: str, seconds: int = 2) -> Form:
    return lambda now: (now + timedelta(seconds=seconds)).strftime(pattern)


FORMS: Sequence[tuple[int, Form]] = (
    (429, lambda _: "2"),
    (503, lambda now: format_datetime(now + timedelta(seconds=2), usegmt=True)),
    (429, _dated("%A, %d-%b-%y %H:%M:%S GMT")),
    (503, _dated("%a %b %e %H:%M:%S %Y")),
    (302, lambda _: "1"),
    (503, lambda _: "0"),
    (429, lambda _: "-5"),
    (503, lambda _: "1.5"),
    (429, lambda _: "soon"),
    (503, lambda _: ""),
    (429, lambda _: "Sun Nov  6 08:49:37 1994"),
    (503, lambda _: "Wed, 32 Jan 2031 00:00:00 GMT"),
)
"""Statuses, and values of Retry-After (RFC 9110, 10.2.3) that ask for nothing or for at most two seconds.

No longer: who is killed before the answer could be written down cannot keep more than was written ahead.
"""
FOR_AGES: Sequence[Form] = (
    lambda _: "99999999999999999999",
    lambda _: "Thu, 01 Jan 2999 00:00:00 GMT",
)
"""Values that ask for more than the rest of any run."""


def a_day_goes_by(ledger: Ledger) -> None:
    """Make each robots file that is kept a day older, and what was put off by more than a minute due a day sooner."""
    with Session(ledger.engine) as session:
        if ledger.engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = '1s'"))  # who breaks things must not wait for what is broken
        for row in session.scalars(select(RobotsFile)):
            row.fetched_at = row.fetched_at and row.fetched_at - DAY
            row.failed_at = row.failed_at and row.failed_at - DAY
        later = Target.due_at > datetime.now(UTC) + timedelta(minutes=1)
        for target in session.scalars(select(Target).where(later)):
            target.due_at = target.due_at and target.due_at - DAY
        session.commit()


def not_asked_anew(log: Iterable[dict[str, Any]], nights: Sequence[float]) -> list[Breach]:
    """Return the requests that were made by a robots file of the day before, `nights` being monotonic times.

    At each host one request may be under way in such a night, or decided on; if it is the robots file's own, what it
    brings is of the new day.
    """
    return [breach for host, entries in by_host(log).items() for breach in _of_host(host, entries, nights)]


def _of_host(host: str, entries: Sequence[dict[str, Any]], nights: Sequence[float]) -> Iterator[Breach]:
    for night, next_night in zip(nights, [*nights[1:], float("inf")], strict=True):
        known = [one for one in entries if one["is_robots"] and _ended(one) > night - WRITTEN_SECONDS]
        fresh_from = known[0]["started"] if known else next_night
        for one in [one for one in entries if night < one["started"] < min(fresh_from, next_night)][1:]:
            yield Breach(host, one["number"], one["path"], "by a robots file too old")


def _ended(entry: dict[str, Any]) -> float:
    return float("inf") if entry["ended"] is None else float(entry["ended"])
