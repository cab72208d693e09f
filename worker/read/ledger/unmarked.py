"""Headings without a mark: known by their words, or by where they stand."""

from collections import Counter
from collections.abc import Iterator, Sequence

from worker.read.ledger.endings import ending_of
from worker.read.ledger.headings import Form, heading_of, is_subject
from worker.read.ledger.labels import Label
from worker.read.ledger.marks import Mark, Style
from worker.read.ledger.naming import INTRODUCTION
from worker.read.ledger.paragraphs import Paragraph

_BARE_LENGTH = 40
_LONGEST_SUBJECT = 50
_LONGEST_ABOVE = 80
_CLOSED = "。；;，,：:！？!?、)）"
_INTRODUCES = '关有针对就“‘"「'
_QUOTES = '“‘"「'
_ORDINALS = "一是"
_LEAST = 2
# Above nearly every account of the notice stands a line of its own.
_NEARLY_ALL = 0.8


def unmarked_styles(
    paragraphs: Sequence[Paragraph], marks: Sequence[Mark | None], labels: Sequence[Label | None], *, lenient: bool
) -> dict[int, Style]:
    """Find the paragraphs without a mark that are headings: their places, and how they are known.

    `lenient` takes a sentence that opens with a problem for its heading: 针对…的问题，开展….
    """
    free = [not (line.cells or mark or label) for line, mark, label in zip(paragraphs, marks, labels, strict=True)]
    by_words = {
        at: style
        for at, paragraph in enumerate(paragraphs)
        if free[at] and (style := _by_words(paragraph.plain, lenient=lenient))
    }
    # What stands between …方面 and its first number heads nothing.
    bare = {at: Style.BARE for at in _bare(paragraphs, marks) if by_words.get(at - 1) is not Style.SUBJECT}
    above = dict.fromkeys(_above_accounts(paragraphs, labels, free), Style.ABOVE)
    stated = dict.fromkeys(_stated(paragraphs, free), Style.STATED)
    return {**(above if above.keys().isdisjoint(by_words) else {}), **bare, **stated, **by_words}


def _by_words(plain: str, *, lenient: bool) -> Style | None:
    if plain[:1] in _INTRODUCES and (INTRODUCTION.match(plain) or plain[0] in _QUOTES):
        form = heading_of(plain, 0, marked=False).form
        if form is Form.PROBLEM or (lenient and form is Form.TAILED):
            return Style.NAMED
    if len(plain) <= _LONGEST_SUBJECT and plain[-1:] not in "。;,:" and is_subject(plain):
        return Style.SUBJECT
    return None


def _bare(paragraphs: Sequence[Paragraph], marks: Sequence[Mark | None]) -> Iterator[int]:
    """Find the short lines above a first number: they head what is numbered."""
    for at, following in enumerate(marks[1:]):
        plain = paragraphs[at].plain
        free = not (marks[at] or paragraphs[at].cells)
        if following and following.value == 1 and free and len(plain) <= _BARE_LENGTH and plain[-1] not in _CLOSED:
            yield at


def _stated(paragraphs: Sequence[Paragraph], free: Sequence[bool]) -> list[int]:
    """Find the lines that close with a status: they name the problems, where there are several."""
    plains = [paragraph.plain for paragraph in paragraphs]
    found = [at for at, plain in enumerate(plains) if free[at] and ending_of(plain, 0, len(plain))]
    return found if len(found) > _LEAST else []


def _above_accounts(paragraphs: Sequence[Paragraph], labels: Sequence[Label | None], free: Sequence[bool]) -> list[int]:
    """Find the lines right above the label, or the ordinal, that opens each account: they name the problems."""
    opens = [
        label.name if label else _ORDINALS * line.plain.startswith(_ORDINALS)
        for line, label in zip(paragraphs, labels, strict=True)
    ]
    lines = [free[at] and not opens[at] and len(line.plain) <= _LONGEST_ABOVE for at, line in enumerate(paragraphs)]
    times = Counter(opens)
    heads: dict[str, list[int]] = {}
    for at, name in enumerate(opens[1:]):
        if name and lines[at]:
            heads.setdefault(name, []).append(at)
    told = [
        places for name, places in heads.items() if len(places) >= _LEAST and len(places) >= _NEARLY_ALL * times[name]
    ]
    return max(told, key=len, default=[])
