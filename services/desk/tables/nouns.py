"""Which rows and columns a table of notices, problems or events has; rows come page by page, and none is held on to."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.desk import filtering
from shared.db import Ledger
from shared.db.models import Event, Notice, Problem
from shared.db.notices import NoticeQuery
from shared.db.problems import ProblemQuery
from shared.domain.filters import Filter
from shared.envelope import envelope
from shared.errors import Gone

Row = Mapping[str, Any]
Found = TypeVar("Found")

PAGE = 500


@dataclass(frozen=True)
class Table:
    """What is exported: a name for files and sheets, and the columns in order."""

    name: str
    columns: Sequence[str]


NOTICES = Table(
    "notices",
    (
        *("id", "url", "title", "published_at", "state", "kind", "inspected", "signed_by", "signed_on"),
        *("source_id", "column_id", "follows_id", "republishes_id", "first_seen_at", "changed_at", "muted_at"),
    ),
)
PROBLEMS = Table(
    "problems",
    (
        *("id", "title", "status", "status_text", "due_by", "due_precision", "changed_at", "created_at"),
        *("notice_id", "notice_title", "notice_url", "inspected"),
    ),
)
EVENTS = Table(
    "events",
    ("position", "id", "type", "subject", "time", "source", "notice_title", "notice_url", "data"),
)


def notice_rows(ledger: Ledger, query: NoticeQuery) -> Iterator[Sequence[Row]]:
    """Yield pages of the notices that `query` asks for, in order of first sight."""

    def page(after: str) -> Sequence[Notice]:
        with ledger.reading() as uow:
            return uow.notices.page(query, after=after, limit=PAGE)

    for found in _pages(page, "", lambda notice: notice.id):
        yield [{name: plain(getattr(one, name)) for name in NOTICES.columns} for one in found]


def problem_rows(ledger: Ledger, query: ProblemQuery) -> Iterator[Sequence[Row]]:
    """Yield pages of the problems that `query` asks for, each with the earliest notice that names it."""
    notices: dict[str, Notice] = {}

    def page(after: str) -> Sequence[Problem]:
        nonlocal notices
        with ledger.reading() as uow:
            found = uow.problems.page(query, after=after, limit=PAGE)
            notices = uow.notices.by_ids([one.notice_id for one in found if one.notice_id])
        return found

    for found in _pages(page, "", lambda problem: problem.id):
        yield [_problem(one, notices.get(one.notice_id or "")) for one in found]


def _problem(problem: Problem, notice: Notice | None) -> Row:
    told = {name: plain(getattr(problem, name)) for name in PROBLEMS.columns if hasattr(problem, name)}
    of_notice = (notice.title, notice.url, notice.inspected) if notice else (None, None, None)
    return told | dict(zip(("notice_title", "notice_url", "inspected"), of_notice, strict=True))


def event_rows(ledger: Ledger, after: int, wanted: Filter) -> Iterator[Sequence[Event]]:
    """Yield pages of the events after a position that a filter wants, up to the last that has its position now.

    Raises `Gone` where some of those are no longer kept.
    """
    with ledger.reading() as uow:
        last, missed = uow.events.last_position(), uow.events.missed(after)
    if missed is not None:
        raise Gone(f"events up to position {missed} are no longer kept; ask for after={missed}, or for after=0")
    while after < last:
        with ledger.reading() as uow:
            found = filtering.after(uow, wanted, after, PAGE)
        yield [one for one in found.events if (one.position or 0) <= last]
        after = found.reached


def event_row(event: Event) -> Row:
    """Return an event as a row: its envelope, with what people look for first in columns of its own."""
    told = json.loads(envelope(event))
    notice = told["data"].get("notice") or {}
    return {
        "position": event.position,
        **{name: told[name] for name in ("id", "type", "subject", "time", "source")},
        "notice_title": notice.get("title"),
        "notice_url": notice.get("url"),
        "data": json.dumps(told["data"], ensure_ascii=False),
    }


def _pages(
    page: Callable[[Any], Sequence[Found]], after: Any, last: Callable[[Found], Any]
) -> Iterator[Sequence[Found]]:
    while found := page(after):
        yield found
        after = last(found[-1])


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times as RFC 3339 in UTC."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
