"""Entering the ledger of a notice: what its latest revision says becomes rows, within the caller's transaction.

describe → link to what it follows → tell which problem is which → replace its rows → see how the problems stand
→ enter the days to come, which `worker.due` tells of.
The caller has the notice by `held`, so that notices about one body are entered one after the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import UnitOfWork
from shared.db.models import Notice, Problem
from shared.domain.problems import Told
from shared.errors import Unavailable
from worker.dates import of_promise, of_window
from worker.entries import MOST_PROBLEMS, Document, body_of, describe, entries_of, files_beside, namings_in
from worker.family import Family
from worker.follow import Standing, standing


@dataclass(frozen=True)
class Entry:
    """Whose ledger is entered, by which of its revisions, and when."""

    notice: Notice
    revision: int
    now: datetime
    anew: bool = False
    """Whether the same bytes were only read anew: a status that reads otherwise now is corrected, and is no news."""


@dataclass(frozen=True)
class StatusChange:
    """A problem that was known before stands otherwise now."""

    problem_id: str
    title: str
    number: int | None
    """In the notice that was entered; None where only others name it."""
    before: str | None
    after: str | None
    text: str | None


def held(uow: UnitOfWork, target_id: str, document: Document | None) -> Notice | None:
    """Return a target's notice, held together with the bodies that it was and is about.

    The bodies come first, by what is seen without holding: whoever waits for one holds nothing that another needs.
    Raises `Unavailable` where the notice came to be about another body meanwhile.
    """
    before = uow.notices.body_of(target_id)
    if document is not None:
        uow.ledgers.hold({body for body in (before, body_of(document)) if body})
    notice = uow.notices.of_target(target_id)
    if notice is not None and notice.inspected_key != before:
        raise Unavailable(f"{notice.id} was entered by another meanwhile; it is tried again")
    return notice


def enter(uow: UnitOfWork, entry: Entry, document: Document) -> list[StatusChange]:
    """Enter what `document` says; return the problems known before whose status is another by it, in its order."""
    notice = entry.notice
    bodies = {notice.inspected_key, body_of(document)}
    describe(notice, document)
    family = Family(uow, notice, bodies, entry.now)
    family.link()
    names = family.identify(namings_in(document))
    first = entry.revision == 1 and not entry.anew
    uow.ledgers.replace(notice.id, entries_of(notice.id, document, names, _file_texts(uow, document)), first=first)
    family.rename()
    if window := document.get("comment_window"):
        _look_ahead(uow, entry, {notice.id: of_window(window["opens_on"], window["closes_on"], entry.now)})
    return _stand(uow, entry, family, {problem_id: number for number, problem_id in names.items()})


def _file_texts(uow: UnitOfWork, document: Document) -> list[str]:
    digests = files_beside(document)
    kept = uow.files.extracted(digests) if digests else {}
    return [kept[digest].text or "" for digest in dict.fromkeys(digests) if digest in kept]


def _stand(uow: UnitOfWork, entry: Entry, family: Family, numbers: dict[str, int]) -> list[StatusChange]:
    """Write how the family's problems stand now; one that nobody names any more stays as it was."""
    told: dict[str, list[Told]] = defaultdict(list)
    for one in uow.ledgers.told(family.touched):
        told[one.problem_id].append(one)
    known = uow.ledgers.problems(family.touched - family.fresh.keys())
    news, history, rows, days = [], [], [], {}
    for problem_id in sorted(told, key=lambda one: (numbers.get(one, MOST_PROBLEMS + 1), one)):
        problem, stands = known.get(problem_id) or family.fresh[problem_id], standing(told[problem_id])
        turned = (problem.status, problem.status_text) != (stands.status, stands.status_text)
        if turned:
            history.append(_turn(entry, problem_id, stands))
        if problem.due_by != stands.due_by:
            days[problem_id] = of_promise(stands.due_by, entry.now)
        if problem_id in known and problem.status != stands.status:
            news.append(_change(problem, stands, numbers.get(problem_id)))
        if turned or any(getattr(problem, name) != value for name, value in stands._asdict().items()):
            changed_at = entry.now if turned and not entry.anew else problem.changed_at
            rows.append({"id": problem_id, "changed_at": changed_at} | stands._asdict())
    uow.ledgers.stand(rows)
    _look_ahead(uow, entry, days)
    _record(uow, entry, history)
    return news


def _look_ahead(uow: UnitOfWork, entry: Entry, days: Mapping[str, Iterable[tuple[str, str]]]) -> None:
    """Enter the days to come of problems and notices, by their ids."""
    told = ((kind, about, day) for about, found in days.items() for kind, day in found)
    uow.agenda.enter([{"type": kind, "about": about, "day": day, "made_at": entry.now} for kind, about, day in told])


def _change(problem: Problem, stands: Standing, number: int | None) -> StatusChange:
    return StatusChange(problem.id, stands.title, number, problem.status, stands.status, stands.status_text)


def _turn(entry: Entry, problem_id: str, stands: Standing) -> dict[str, Any]:
    return {
        "problem_id": problem_id,
        "notice_id": entry.notice.id,
        "revision": entry.revision,
        "status": stands.status,
        "status_text": stands.status_text,
        "recorded_at": entry.now,
    }


def _record(uow: UnitOfWork, entry: Entry, history: list[dict[str, Any]]) -> None:
    """Append to the problems' histories; what the same revision brought before is corrected in its place."""
    serials = uow.ledgers.recorded(entry.notice.id, entry.revision) if entry.anew and history else {}
    uow.ledgers.record_statuses([row for row in history if row["problem_id"] not in serials])
    again = (row for row in history if row["problem_id"] in serials)
    uow.ledgers.correct_statuses([row | {"serial": serials[row["problem_id"]]} for row in again])
