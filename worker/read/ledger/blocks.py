"""A body as a tree of headed blocks: every marked paragraph opens one, up to the next mark of its level or above."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from worker.read.ledger.headings import Heading, heading_of
from worker.read.ledger.labels import Label
from worker.read.ledger.marks import Mark, Style
from worker.read.ledger.numbering import marks_of
from worker.read.ledger.paragraphs import Paragraph
from worker.read.ledger.unmarked import unmarked_styles


@dataclass(slots=True, eq=False)
class Block:
    """A heading and what stands under it: the paragraphs [at:end]."""

    style: Style
    level: str  # blocks of one style are of one level, but every sign of a bullet is its own
    value: int | None
    at: int
    end: int
    heading: Heading
    words: str  # of the heading, narrowed
    parent: "Block | None" = None
    children: list["Block"] = field(default_factory=list)


def blocks_of(paragraphs: Sequence[Paragraph], labels: Sequence[Label | None], *, lenient: bool = False) -> list[Block]:
    """Build the tree, whatever its levels mean: a level seen before closes all that was opened since.

    `lenient` takes sentences for headings that only open like one.
    """
    blocks: list[Block] = []
    open_blocks: list[Block] = []
    marks = marks_of([paragraph.plain if not paragraph.cells else "" for paragraph in paragraphs])
    unmarked = unmarked_styles(paragraphs, marks, labels, lenient=lenient)
    for at, (paragraph, mark) in enumerate(zip(paragraphs, marks, strict=True)):
        style = mark.style if mark else unmarked.get(at)
        if style is None:
            continue
        block = _block(paragraph, style, mark, at)
        while any(above.level == block.level for above in open_blocks):
            open_blocks.pop().end = at
        if open_blocks:
            block.parent = open_blocks[-1]
            block.parent.children.append(block)
        open_blocks.append(block)
        blocks.append(block)
    for block in open_blocks:
        block.end = len(paragraphs)
    return blocks


def _block(paragraph: Paragraph, style: Style, mark: Mark | None, at: int) -> Block:
    heading = heading_of(paragraph.plain, mark.end if mark else 0)
    words = paragraph.plain[heading.start : heading.end]
    value, sign = (mark.value, mark.sign) if mark else (None, "")
    return Block(style, style.value + sign, value, at, at + 1, heading, words)
