"""The ledgers of the simulated site's notices: what its witness knows of each is what the reader finds."""

import pytest

from services.simulation.prose import NoticeText, edited, first_text
from worker.read import Document, read

_STATUSES = (
    ("已完成整改，长期坚持", "completed_sustained"),
    ("已完成", "completed"),
    ("取得阶段性成效", "staged"),
    ("正在推进", "in_progress"),
)


def _read(text: NoticeText) -> Document:
    return read("\n".join([text.title, *text.paragraphs()]).encode())


def _status(words: str) -> str:
    return next(status for opening, status in _STATUSES if words.startswith(opening))


def _told(text: NoticeText) -> list[tuple[int, str, str, int]]:
    return [
        (
            problem.printed,
            problem.title.removeprefix("关于").removesuffix("的问题"),
            _status(problem.status),
            len(problem.measures),
        )
        for problem in text.problems
    ]


@pytest.mark.parametrize("number", range(1, 41))
def test_every_problem_is_found_as_the_site_wrote_it(number: int) -> None:
    text = first_text(7, "清源市", number)
    ledger = _read(text).ledger
    found = [(one.printed_number, one.title, str(one.status), len(one.measures)) for one in ledger.problems]
    assert found == _told(text)
    assert [len(aspect.problems) for aspect in ledger.aspects] == [len(aspect.problems) for aspect in text.aspects]
    assert ledger.signed_by == text.inspected
    assert len(ledger.commitments) == sum("预计" in problem.status for problem in text.problems)
    assert ledger.warnings == ()


@pytest.mark.parametrize("number", range(1, 21))
def test_a_changed_status_is_found_where_it_changed(number: int) -> None:
    before = first_text(7, "清源市", number)
    after = edited(before, 7, (number, 2), "status")
    assert [str(one.status) for one in _read(after).ledger.problems] == [_status(one.status) for one in after.problems]
