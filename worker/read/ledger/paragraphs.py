"""The paragraphs of a body as the outline reads them: one heading or one piece of an account each.

A page may print several in one (cut in `pieces`), a number above the line that it numbers (joined here), or the parts
of a problem below each other in a table (written out in `cards`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from worker.clean.lines import Cell, Line
from worker.clean.text import narrow
from worker.read.ledger.cards import cards_in
from worker.read.ledger.numerals import number_of
from worker.read.ledger.pieces import cuts_in
from worker.read.ledger.rows import rows_in

_LONE = re.compile(r"(?:PART|Part|NO|No)?\.?\s?(0?[1-9]|[12][0-9]|[一二三四五六七八九十]{1,2})$", re.ASCII)
_LONGEST_LONE = 8
_LONGEST_NUMBERED = 60


class Paragraph(NamedTuple):
    """A line as printed, the same narrowed (offsets agree), and the cells it has as a table row."""

    text: str
    plain: str
    cells: tuple[Cell, ...] = ()


def paragraphs_of(lines: Sequence[Line]) -> list[Paragraph]:
    """Narrow all lines at once: one pass over the text costs a fraction of one per line."""
    if not lines:
        return []
    lines = cards_in(rows_in(lines))
    texts = [line.text.replace("\n", " ").strip() for line in lines]
    plains = narrow("\n".join(texts)).split("\n")
    rows = [Paragraph(text, plain, line.cells) for text, plain, line in zip(texts, plains, lines, strict=True) if text]
    return [piece for row in _numbered(rows) for piece in (_pieces(row) or [row])]


def _pieces(paragraph: Paragraph) -> list[Paragraph]:
    """Cut a paragraph in which headings begin; most are left as they are, and give none."""
    text, plain, cells = paragraph
    cuts = [] if cells else cuts_in(plain)
    bounds = pairwise([0, *cuts, len(plain)]) if cuts else ()
    return [Paragraph(text[start:end].strip(), plain[start:end].strip()) for start, end in bounds]


def _numbered(paragraphs: list[Paragraph]) -> Iterator[Paragraph]:
    """Join numbers that stand on lines of their own, and count on, to the lines that they number."""
    last = 0
    number = ""
    for paragraph, following in zip_longest(paragraphs, paragraphs[1:]):
        lone = _LONE.match(paragraph.plain) if len(paragraph.plain) <= _LONGEST_LONE else None
        short = following is not None and not following.cells and len(following.plain) <= _LONGEST_NUMBERED
        if lone and short and not paragraph.cells and number_of(lone[1]) in (1, last + 1):
            last, number = number_of(lone[1]) or 0, lone[1] + "、"
            continue
        yield Paragraph(number + paragraph.text, number + paragraph.plain, paragraph.cells)
        number = ""
