"""Which marks a notice numbers by: some are told only by how they count through the whole of it.

1.1 may be a number or a sum, 一是 a problem or a measure, 1、 beside 1. a level or a slip of the pen.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from worker.read.ledger.headings import Form, heading_of
from worker.read.ledger.marks import Mark, Style, mark_of
from worker.read.ledger.naming import INTRODUCTION
from worker.read.ledger.numerals import number_of
from worker.read.ledger.status import leading_status, past_brackets

_DOTTED = re.compile(r"(\d{1,2})[.-](\d{1,2})(?:[.-](\d{1,2}))?(?![\d.%])[\s、.,:]{0,3}", re.ASCII)
_SPACED = re.compile(r"(?:([一二三四五六七八九十]{1,3})|(\d{1,2}))\s{1,4}(?=[\u4e00-\u9fff“])", re.ASCII)
_GLUED = re.compile(r"(\d\d)(?=[\u4e00-\u9fff“])", re.ASCII)
_ONE_DIGIT = 9
_NUMERALS = frozenset("一二三四五六七八九十123456789")
_SAID = re.compile(r"([一二三四五六七八九十]{1,3})是[,:]?")
_FRAMED = (Form.PROBLEM, Form.TAILED, Form.DEFICIENT)
_LEAST = 2
_LONGEST_LINE = 80


def marks_of(plains: Sequence[str]) -> list[Mark | None]:
    """Read the mark of each narrowed paragraph of a notice, as the notice as a whole counts."""
    marks = _told_apart([mark_of(plain) or _behind_status(plain) for plain in plains])
    for at, mark in {**_glued(plains, marks), **_spaced(plains, marks), **_said(plains), **_dotted(plains)}.items():
        marks[at] = mark
    return marks


def _told_apart(marks: list[Mark | None]) -> list[Mark | None]:
    """Take 1、 and 1. for two levels only where each counts on its own; else one of them is a slip of the pen."""
    commas = [mark.value for mark in marks if mark and mark.style is Style.DIGIT_COMMA]
    dots = [mark.value for mark in marks if mark and mark.style is Style.DIGIT]
    if not commas or (len(commas) > 1 and len(dots) > 1 and _counts(commas) and _counts(dots)):
        return marks
    return [mark._replace(style=Style.DIGIT) if mark and mark.style is Style.DIGIT_COMMA else mark for mark in marks]


def _counts(values: Sequence[int | None]) -> bool:
    return values[0] == 1 and all(after in (1, (before or 0) + 1) for before, after in pairwise(values))


def _behind_status(plain: str) -> Mark | None:
    told = leading_status(plain)
    if told is None:
        return None
    start = past_brackets(plain, told)
    mark = mark_of(plain[start:])
    return mark._replace(end=start + mark.end) if mark else None


def _spaced(plains: Sequence[str], marks: Sequence[Mark | None]) -> dict[int, Mark]:
    """Find the paragraphs numbered with nothing but a blank behind the number: those that count on."""
    found = {
        at: Mark(Style.DIGIT if match[2] else Style.HAN, number_of(match[1] or match[2]), match.end())
        for at, plain in enumerate(plains)
        if marks[at] is None and plain[:1] in _NUMERALS and (match := _SPACED.match(plain))
    }
    last: dict[Style, int] = {}
    counting: dict[int, Mark] = {}
    for at, mark in found.items():
        if mark.value in (1, last.get(mark.style, 0) + 1):
            last[mark.style] = mark.value or 0
            counting[at] = mark
    return counting if len(counting) >= _LEAST and 2 * len(counting) > len(found) else {}


def _glued(plains: Sequence[str], marks: Sequence[Mark | None]) -> dict[int, Mark]:
    """Find the paragraphs numbered 01, 02 … 10 with nothing behind the number: those that count on from 01."""
    found: dict[int, Mark] = {}
    last = 0
    for at, plain in enumerate(plains):
        match = _GLUED.match(plain) if marks[at] is None and plain[:1] in "0123456789" else None
        if match and int(match[1]) == last + 1 and (last >= _ONE_DIGIT or match[1][0] == "0"):
            last += 1
            found[at] = Mark(Style.PADDED, last, match.end())
    return found if len(found) >= _LEAST else {}


def _dotted(plains: Sequence[str]) -> dict[int, Mark]:
    """Find the paragraphs numbered 1.1, 1.2, 2.1 …: those that count on; what does not is a sum or a day."""
    marks: dict[int, Mark] = {}
    seen = 0
    last: dict[Style, tuple[int, int]] = {}
    for at, plain in enumerate(plains):
        found = _DOTTED.match(plain) if plain[:1].isdigit() else None
        if not found:
            continue
        seen += 1
        part, value = map(int, found.groups()[1:] if found[3] else found.groups()[:2])
        style = Style.DEEPER if found[3] else Style.DOTTED
        before = last.get(style, (0, 0))
        if (part, value) == (before[0], before[1] + 1) or (value == 1 and (part > before[0] or found[3])):
            last[style] = (part, value)
            marks[at] = Mark(style, value, found.end())
    return marks if len(marks) >= _LEAST and 2 * len(marks) > seen else {}


def _said(plains: Sequence[str]) -> dict[int, Mark]:
    """Find the paragraphs that open with an ordinal, where what these say is a problem's name: 一是针对…问题."""
    found = {at: match for at, plain in enumerate(plains) if "是" in plain[1:3] and (match := _SAID.match(plain))}
    framed = sum(_is_framed(plains[at], match.end()) for at, match in found.items())
    if framed < _LEAST or 2 * framed <= len(found):
        return {}
    return {at: Mark(Style.SAID, number_of(match[1]), match.end()) for at, match in found.items()}


def _is_framed(plain: str, start: int) -> bool:
    # Most are measures, and need no closer look.
    if len(plain) > _LONGEST_LINE and not INTRODUCTION.match(plain, start):
        return False
    heading = heading_of(plain, start)
    return heading.form is Form.PROBLEM or (heading.alone and heading.form in _FRAMED)
