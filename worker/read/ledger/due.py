"""Dated promises that what is still open of a problem will be finished."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from worker.clean.text import narrow
from worker.read.ledger.days import Day, days_in
from worker.read.ledger.passages import Passage
from worker.read.ledger.values import Aspect, Commitment, Precision, Status


class Promise(NamedTuple):
    """The last day of what is promised, what the date stands for, and the clause that says so."""

    due_by: date
    precision: Precision
    text: str


class Standing(NamedTuple):
    """How far a problem has come, and in which words."""

    status: Status | None
    text: str | None

    @property
    def open(self) -> bool:
        """Tell whether anything is left to be done."""
        return self.status not in _NOTHING_OPEN


# What is finished owes nothing, whatever limit it had.
_NOTHING_OPEN = frozenset([Status.COMPLETED, Status.COMPLETED_SUSTAINED])
_LIMIT = re.compile(
    r"(?:整改|完成|办结|责任|计划完成|预计完成|解决|销号|目标)(?:完成)?的?(?:时限|期限|时间|日期)\s{0,3}[】\])]?\s{0,3}[:】]|时限:"
)
# Up to the next sentence, or the next label on the same line.
_LIMIT_VALUE = re.compile(r"(?:(?!\s\s?[^\s:：]{2,8}[:：])[^。;；]){0,60}")
# The date closes the problem only where what follows it is an end, not a target: 完成整改, not 完成道路5公里.
_END = re.compile(
    r"[前内]?,?\s?(?:[^,。;、]{1,10}并)?(?:可|能|将|要|实现|确保|力争|予以|按[期时]|全部|全面|基本|彻底|内|前|之)*"
    r"(?:(?:完成|落实|推进|实现)(?:全部|全面|所有|剩余|该|此|项|问题|的|相关|各项)*(?:整改|问题|任务|工作|销号)*(?:到位|完毕|完成|工作|任务|目标)?"
    r"|完成[^,。;、0-9]{1,6}(?:整改|销号)|补[充齐](?:完整|完善|到位|完毕|完成)?|(?:全部|全面|完全)?(?:整改|解决|落实|办结|销号|清零|追缴|整治|办理)(?:完成|到位|完毕|工作|任务)*)"
    r"(?:并(?:申请|报请)?(?:销号|验收|办结))?\s?(?:[,。;)]|$)"
)
_PROMISE = re.compile(
    "预计|预期|力争|争取|计划|确保|拟|将|承诺|限期|要求|前(?:完成|整改|补|解决|办结|销号|落实|全|[^,。;]{1,10}并(?:整改|销号|完成))|延期至?"
)
_STOPS = "。;,"
# Far enough back for the year that a closing sentence leaves out.
_TAIL_LENGTH = 2000


def promise_in(account: Sequence[Passage], standing: Standing, written_on: str | None) -> Promise | None:
    """Find the promise of a problem: in its status line, its time limit, or the sentence that closes it.

    `account` holds its paragraphs, heading and status line included; `written_on` (ISO 8601) tells a year left out.
    """
    if not standing.open:
        return None
    if standing.text and (days := days_in(standing.text, written_on)):
        return _promise(standing.text, days[-1])
    for text, plain in account:
        limit = (
            _LIMIT.search(plain) if "时限" in plain or "期限" in plain or "时间" in plain or "日期" in plain else None
        )
        value = _LIMIT_VALUE.match(text, limit.end()) if limit else None
        if value and (promise := limit_in(value[0], written_on)):
            return promise
    closing = [passage for passage in account[-2:] if not _is_status_line(passage.text, standing.text)]
    return _closing(closing[-1], written_on) if closing else None


def limit_in(text: str, written_on: str | None) -> Promise | None:
    """Read a time limit: the last day that it names."""
    days = days_in(text, written_on)
    return _promise(text, days[-1]) if days else None


def commitments_of(aspects: Sequence[Aspect], written_on: str | None) -> tuple[Commitment, ...]:
    """List the promises of all problems in the order of their running numbers."""
    commitments: list[Commitment] = []
    for problem in (problem for aspect in aspects for problem in aspect.problems):
        if problem.due is None:
            continue
        account = [Passage(text, narrow(text)) for text in problem.text.split("\n")]
        promise = promise_in(account, Standing(problem.status, problem.status_text), written_on)
        promise = promise or _named(account, problem.due, written_on)
        if promise:
            commitments.append(Commitment(problem.number, problem.due, promise.precision, promise.text))
    return tuple(commitments)


def _named(account: Sequence[Passage], due: str, written_on: str | None) -> Promise | None:
    """Find the words for a day that is known, in whichever cell of a table they stand."""
    for text, _ in account:
        for day in days_in(text, written_on):
            if day.on.isoformat() == due:
                return _promise(text, day)
    return None


def _is_status_line(text: str, status_text: str | None) -> bool:
    return status_text is not None and len(text) <= len(status_text) + 12 and status_text in text


def _closing(passage: Passage, written_on: str | None) -> Promise | None:
    text, plain = passage.text[-_TAIL_LENGTH:], passage.plain[-_TAIL_LENGTH:]
    begin = plain.rstrip("。 ;!").rfind("。") + 1
    if not _PROMISE.search(plain, begin):
        return None
    for day in days_in(plain, written_on):
        if day.start >= begin and _END.match(plain, day.end):
            return _promise(text, day)
    return None


def _promise(text: str, day: Day) -> Promise:
    """Cut out the clause that holds the day."""
    plain = narrow(text)
    start = max(plain.rfind(stop, 0, day.start) for stop in _STOPS) + 1
    end = min((at for stop in _STOPS if (at := plain.find(stop, day.end)) >= 0), default=len(plain))
    return Promise(day.on, day.precision, text[start:end].strip())
