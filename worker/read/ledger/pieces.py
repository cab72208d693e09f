"""Paragraphs cut where a new heading begins inside them: 方面。1.关于…的问题。… 2.关于…的问题。…

A number inside a paragraph counts measures, unless what it numbers is framed as a problem. So a paragraph is cut only
where a run of one style counts on and most of what it numbers says that it is a problem; the headings of aspects in
the same paragraph (（二）…方面。) are cut off with them. What is a problem itself is never cut.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from worker.read.ledger.headings import Form, ends_deficient, heading_of
from worker.read.ledger.marks import Mark, Style, mark_of

# What may follow a full stop and be a mark; the second of a run, for the first may open the paragraph.
_SECOND = re.compile(
    r"[。;:)!?】]\s?(?:[12][.、](?!\d)|\([12一二]\)|[①②]|[一二]、|问题[12一二]|第[一二][,、]|[一二]是(?=针对|关于|对“))"
)
_INSIDE = re.compile(
    r"(?<=[。;:)!?】\s])(?:\d{1,2}[.、](?!\d)|\(\d{1,2}\)|\([一二三四五六七八九十]{1,3}\)|[①-⑳]|[一二三四五六七八九十]{1,3}[、是]"
    r"|[【(]?(?:反馈|具体)?问题[\d一二三四五六七八九十]|第[一二三四五六七八九十]{1,3}[,、])",
    re.ASCII,
)
_SAID = re.compile("([一二三四五六七八九十]{1,3})是[,:]?")
_HAN = "零一二三四五六七八九十"
_MOST = 1000
_LONGEST_HEADING = 200
_LONGEST_NAME = 40
_LONGEST_PART = 30
_UNCUT = (Form.PROBLEM, Form.TAILED, Form.DEFICIENT)


class _Start(NamedTuple):
    """A mark inside a paragraph, and whether what it numbers is framed as a problem, or as an aspect."""

    at: int
    mark: Mark
    framed: bool
    parts: bool


def cuts_in(plain: str) -> list[int]:
    """Return where a narrowed paragraph is to be cut, in order; nowhere in most."""
    if not _SECOND.search(plain):
        return []
    own = _mark_at(plain, 0)
    if own and heading_of(plain, own.end).form in _UNCUT and not _starts_run(plain, own):
        return []
    starts = list(_starts(plain, own))
    style = _numbering(starts, own)
    if style is None:
        return []
    run = _counting([start for start in starts if start.mark.style is style])
    parts = [start for start in starts if start.parts and start.mark.style is not style]
    return sorted({start.at for start in (*run, *parts)} - {0})


def _mark_at(plain: str, at: int) -> Mark | None:
    piece = plain[at : at + 12]
    if mark := mark_of(piece):
        return mark._replace(end=at + mark.end)
    said = _SAID.match(piece)
    return Mark(Style.SAID, _HAN.find(said[1]), at + said.end()) if said else None


def _starts_run(plain: str, own: Mark) -> bool:
    """Tell whether the paragraph's own mark is the first of a run that goes on inside it: 1.关于…。… 2.关于…"""
    for found in islice(_INSIDE.finditer(plain, own.end), _MOST):
        mark = _mark_at(plain, found.start())
        if mark and mark.style is own.style:
            return own.value is not None and mark.value == own.value + 1
    return False


def _starts(plain: str, own: Mark | None) -> Iterator[_Start]:
    if own:
        yield _start(plain, 0, own)
    for found in islice(_INSIDE.finditer(plain, 1), _MOST):
        if mark := _mark_at(plain, found.start()):
            yield _start(plain, found.start(), mark)


def _start(plain: str, at: int, mark: Mark) -> _Start:
    piece = plain[mark.end : mark.end + _LONGEST_HEADING]
    heading = heading_of(piece, 0)
    words = piece[heading.start : heading.end]
    named = len(words) <= _LONGEST_NAME and ends_deficient(words)
    parts = heading.form is Form.SUBJECT or (mark.style is Style.HAN and len(words) <= _LONGEST_PART)
    return _Start(at, mark, heading.form is Form.PROBLEM or named, parts)


def _numbering(starts: Sequence[_Start], own: Mark | None) -> Style | None:
    """Find the style that numbers problems: most that it numbers are framed so, and there are two, or all is below
    the heading that the paragraph opens with.
    """
    for style in dict.fromkeys(start.mark.style for start in starts):
        run = _counting([start for start in starts if start.mark.style is style])
        framed = sum(start.framed for start in run)
        below = own is not None and own.style is not style and starts[0].parts
        if framed >= (1 if below else 2) and 3 * framed >= 2 * len(run):
            return style
    return None


def _counting(starts: Sequence[_Start]) -> list[_Start]:
    """Leave out what does not count on, or start again at one."""
    run: list[_Start] = []
    for start in starts:
        last = run[-1].mark.value if run else None
        if start.mark.value == 1 or last is None or start.mark.value == last + 1:
            run.append(start)
    return run
