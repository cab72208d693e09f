"""The calendar: tells of promises and comment windows when their days have come; led, as the alarm is.

first day that waits → what waits of it, type by type → judged by what is known now → events, in one transaction.
What was left undone while nobody led is done first, in order of the days, and marked as late.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.agenda import Said
from shared.db.models import Appointment, Notice, Problem, Revision
from shared.domain.events import COMMENT_WINDOW_OPENED, Fact
from worker.dates import OF_PROMISES, Judgement, Known, day_of, due_at, judge, lateness, offsets, shifted
from worker.difference import shortened
from worker.follow import written_on
from worker.telling import Origin, event_row, of_notice, of_problem, of_revision

log = structlog.get_logger()

BATCH = 200


class Case(NamedTuple):
    """One thing that may be told: what is known of it, and, where a notice still says so, what there is to tell."""

    known: Known
    notice: Notice | None = None
    telling: dict[str, Any] | None = None
    cause: str = ""


class Times(NamedTuple):
    """When something was to be told, and when it is."""

    due_at: datetime
    now: datetime


class Calendar:
    """Tells of days; the caller holds the leadership."""

    def __init__(self, ledger: Ledger, closing_days: int = 3) -> None:
        """Wire the calendar; windows are closing so many days before their last."""
        self._ledger = ledger
        self._offsets = offsets(closing_days)

    def tell(self, now: datetime | None = None) -> int:
        """Judge up to `BATCH` things of the first day that waits, if it has come; return how many there were.

        `now` is the ledger's time, unless a rehearsal gives another.
        """
        with self._ledger.reading() as uow:
            if self._first(uow) > day_of(now or uow.now()):
                return 0
        with self._ledger.begin() as uow:
            at = now or uow.now()
            told_on = self._first(uow)
            rows = list(self._judged(uow, told_on, at)) if told_on <= day_of(at) else []
            uow.events.append([event for _, event in rows if event])
            uow.agenda.judged([judged for judged, _ in rows])
            uow.commit()
        log.info("days_told", day=told_on, judged=len(rows), events=sum(1 for _, event in rows if event))
        return len(rows)

    def _first(self, uow: UnitOfWork) -> str:
        """Return the first day on which something is to be told; beyond all days if nothing is."""
        days = uow.agenda.first_days(self._offsets)
        return min((shifted(day, self._offsets[kind]) for kind, day in days.items()), default="~")

    def _judged(
        self, uow: UnitOfWork, told_on: str, now: datetime
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        left = BATCH
        for kind, offset in self._offsets.items():
            day = shifted(told_on, -offset)
            waiting = uow.agenda.waiting(kind, day, left) if left else ()
            left -= len(waiting)
            cases = _promises(uow, waiting, day) if kind in OF_PROMISES else _windows(uow, waiting)
            for one, case in zip(waiting, cases, strict=True):
                judgement = judge(kind, day, told_on, case.known)
                judged = {"serial": one.serial, "judged_at": now, "rule": judgement.rule}
                yield judged, _event(one, case, judgement, Times(due_at(told_on, one.made_at), now))


def _promises(uow: UnitOfWork, waiting: Sequence[Appointment], day: str) -> Iterator[Case]:
    ids = [one.about for one in waiting]
    if not ids:
        return
    problems = uow.agenda.problems(ids)
    said: dict[str, Said] = {}
    for problem_id, one in _weightiest_first(uow.agenda.promises(ids, day)):
        said.setdefault(problem_id, one)
    revisions = uow.agenda.revisions({one.notice.id for one in said.values()})
    for problem_id in ids:
        problem, promise = problems.get(problem_id), said.get(problem_id)
        if problem is None or promise is None:
            yield Case(Known(None))
            continue
        told = _promise(problem, promise, day) | _latest(revisions, promise.notice)
        known = Known(problem.due_by, problem.status)
        yield Case(known, promise.notice, told, f"commitment/{problem_id}/{day}")


def _weightiest_first(said: Sequence[tuple[str, Said]]) -> list[tuple[str, Said]]:
    """Order promises: the latest notice's first, and of two that tell the same text the original's."""
    in_order = sorted(said, key=lambda one: (one[1].notice.republishes_id is not None, one[1].notice.id))
    return sorted(in_order, key=lambda one: _written(one[1].notice), reverse=True)


def _written(notice: Notice) -> str:
    return written_on(notice.signed_on, notice.published_at) or ""


def _promise(problem: Problem, said: Said, day: str) -> dict[str, Any]:
    told = of_problem(problem.id, problem.title, said.account.number)
    promised = said.commitment
    return {
        "problem": told | {"status": problem.status, "status_text": shortened(problem.status_text)},
        "commitment": {
            "due_by": day,
            "precision": promised.precision if promised else problem.due_precision,
            "text": shortened(promised.text) if promised else None,
        },
    }


def _windows(uow: UnitOfWork, waiting: Sequence[Appointment]) -> Iterator[Case]:
    ids = {one.about for one in waiting}
    found = uow.agenda.windows(ids) if ids else {}
    revisions = uow.agenda.revisions(ids) if ids else {}
    for one in waiting:
        notice, window = found.get(one.about, (None, None))
        if notice is None or window is None:
            yield Case(Known(None))
            continue
        day = window.opens_on if one.type == COMMENT_WINDOW_OPENED else window.closes_on
        told = {"window": {"opens_on": window.opens_on, "closes_on": window.closes_on}} | _latest(revisions, notice)
        yield Case(Known(day, state=notice.state, opens_on=window.opens_on), notice, told, f"window/{one.day}")


def _latest(revisions: Mapping[str, Revision], notice: Notice) -> dict[str, Any]:
    latest = revisions.get(notice.id)
    return {"revision": of_revision(latest) if latest else None}


def _event(one: Appointment, case: Case, judgement: Judgement, times: Times) -> dict[str, Any] | None:
    """Return the row of the event, or None where nothing is told."""
    if not judgement.told or case.notice is None:
        return None
    data = {
        "notice": of_notice(case.notice),
        "rule": judgement.rule,
        **(case.telling or {}),
        **lateness(times.due_at, times.now),
    }
    fact = Fact(one.type, case.notice.id, case.cause, data)
    origin = Origin(case.notice.source_id, case.notice.column_id, times.due_at)
    return event_row(fact, origin) | {"republication": case.notice.republishes_id is not None}
