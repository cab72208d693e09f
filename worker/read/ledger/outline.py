"""The outline of a rectification notice: its aspects and their problems."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from worker.clean.lines import Line
from worker.read.ledger.aspects import grouped
from worker.read.ledger.blocks import Block, blocks_of
from worker.read.ledger.closing import ends_account, takes_leave
from worker.read.ledger.closing_sentence import closing_status
from worker.read.ledger.due import Standing, promise_in
from worker.read.ledger.labels import labels_of
from worker.read.ledger.levels import evidence_of, problem_groups
from worker.read.ledger.marks import end_of
from worker.read.ledger.measures import measures_in
from worker.read.ledger.naming import name_in
from worker.read.ledger.paragraphs import Paragraph, paragraphs_of
from worker.read.ledger.passages import Passage
from worker.read.ledger.status import Told, bare_status, statuses_in, trailing_status, words_of
from worker.read.ledger.status_words import status_of, status_of_group
from worker.read.ledger.tables import aspects_in_tables
from worker.read.ledger.twice import told_once
from worker.read.ledger.values import Aspect, Problem

_PUNCTUATION = re.compile(r"[ 。:;,)】\]〕]*")
# The leave is taken in the last lines of a notice; ways to get in touch may be numbered behind it.
_LEAVE_LINES = 15


def aspects_of(
    lines: Sequence[Line], written_on: str | None, declared: Mapping[str, int] = MappingProxyType({})
) -> tuple[Aspect, ...]:
    """Read the aspects and problems from the lines of a body, in the order of the notice.

    Problems that stand under no aspect are those of one aspect without a title. `written_on` (ISO 8601) tells the
    years that promises leave out; `declared` (by the names of the JSON) tells which of two levels is meant.
    """
    paragraphs = _without_leave(paragraphs_of(lines))
    tabled = aspects_in_tables(paragraphs, written_on)
    told = _Telling(paragraphs, written_on).aspects(declared)
    in_tables, in_text = _count(tabled), _count(told)
    if declared.get("problems") in (in_tables, in_text):
        return tabled if in_tables == declared["problems"] else told
    return tabled if in_tables >= in_text else told


def _without_leave(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Cut off what follows the leave, but for a table: that is an annex."""
    for at in range(max(1, len(paragraphs) - _LEAVE_LINES), len(paragraphs)):
        if not paragraphs[at].cells and takes_leave(paragraphs[at].plain):
            return paragraphs[:at] + [paragraph for paragraph in paragraphs[at:] if paragraph.cells]
    return paragraphs


def _count(aspects: Sequence[Aspect]) -> int:
    return sum(len(aspect.problems) for aspect in aspects)


class _Telling:
    """The problems of the running text."""

    def __init__(self, paragraphs: Sequence[Paragraph], written_on: str | None) -> None:
        self._paragraphs = paragraphs
        self._written_on = written_on
        plains = [paragraph.plain for paragraph in paragraphs]
        self._labels = labels_of(plains)
        self._statuses = statuses_in(plains, self._labels)
        self._number = 0

    def aspects(self, declared: Mapping[str, int]) -> tuple[Aspect, ...]:
        groups = self._groups(declared) or self._groups(declared, lenient=True)
        if groups:
            self._cut_farewell(groups[-1][-1])
        return tuple(
            Aspect(self._printed(head) if head else None, tuple(map(self._problem, problems)))
            for head, problems in grouped(groups, declared.get("aspects"))
        )

    def _groups(self, declared: Mapping[str, int], *, lenient: bool = False) -> list[list[Block]]:
        blocks = blocks_of(self._paragraphs, self._labels, lenient=lenient)
        evidence = evidence_of(blocks, self._paragraphs, self._labels, self._statuses)
        return told_once(problem_groups(blocks, evidence, declared.get("problems")))

    def _printed(self, block: Block) -> str | None:
        return self._paragraphs[block.at].text[block.heading.start : block.heading.end].strip() or None

    def _cut_farewell(self, last: Block) -> None:
        """End the last problem where the notice takes its leave."""
        for at in range(last.at + 1, last.end):
            if ends_account(self._paragraphs[at].plain):
                last.end = at
                return

    def _problem(self, block: Block) -> Problem:
        self._number += 1
        told_at, told = self._status(block)
        status_text = words_of(self._paragraphs[told_at].text, told) if told else _status_above(block)
        status = told.status if told else status_of(status_text) if status_text else None
        account = [Passage(*paragraph[:2]) for paragraph in self._paragraphs[block.at : block.end]]
        promise = promise_in(account, Standing(status, status_text), self._written_on)
        return Problem(
            number=self._number,
            printed_number=block.value,
            title=self._title(block),
            status=status,
            status_text=status_text,
            due=promise.due_by.isoformat() if promise else None,
            measures=measures_in(list(self._account(block, told_at, told))),
            text="\n".join(passage.text for passage in account),
        )

    def _title(self, block: Block) -> str:
        heading = block.heading
        if not block.words and block.at + 1 < block.end:
            # 【问题1】 stands on a line of its own.
            following = self._paragraphs[block.at + 1]
            return name_in(following.text, following.plain)
        return name_in(self._paragraphs[block.at].text[heading.start : heading.end], block.words)

    def _account(self, block: Block, told_at: int, told: Told | None) -> Iterator[Passage]:
        """Give what follows the heading, without the words that tell the status."""
        for at in range(block.at, block.end):
            text, plain = self._paragraphs[at][:2]
            start = block.heading.end if at == block.at else 0
            status = told if at == told_at else self._statuses[at]
            if status and status.end > start:
                before = slice(start, max(start, status.opening))
                yield Passage(text[before], plain[before])
                start = status.end
            start = end_of(_PUNCTUATION, plain, start)
            if start < len(plain):
                yield Passage(text[start:], plain[start:])

    def _status(self, block: Block) -> tuple[int, Told | None]:
        """Find the problem's status: by its label, in brackets behind the title, alone, or in the closing sentence."""
        for at in range(block.end - 1, block.at - 1, -1):
            if told := self._statuses[at]:
                return at, told
        first = self._paragraphs[block.at].plain
        if told := trailing_status(first, block.heading.start, block.heading.end):
            return block.at, told
        last = block.end - 1
        plain = self._paragraphs[last].plain
        begin = block.heading.end if last == block.at else 0
        told = closing_status(plain, bare=not measures_in([Passage(plain[begin:], plain[begin:])]), begin=begin)
        return last, told or (bare_status(plain) if last > block.at else None)


def _status_above(block: Block) -> str | None:
    """Return the status that a heading above tells of all that stands under it: 一、已完成整改的问题."""
    while block.parent is not None:
        block = block.parent
        if words := status_of_group(block.words):
            return words
    return None
