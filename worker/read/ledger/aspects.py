"""Under which headings the problems of a notice stand: the aspects, however many headings lie between."""

from collections.abc import Sequence
from itertools import groupby

from worker.read.ledger.blocks import Block
from worker.read.ledger.headings import Form, is_report, reports, stands_around

# (一)…方面 may hold 1.…方面: the outer one is the aspect.
_NAMES_ASPECT = (Form.SUBJECT, Form.PROBLEM, Form.TAILED)

Grouped = list[tuple[Block | None, list[Block]]]


def grouped(groups: Sequence[list[Block]], declared: int | None) -> Grouped:
    """Give the problems by the aspect that they stand under, None where no heading names one.

    `declared` is the number of aspects that the notice states; where two levels may be meant, it tells which.
    """
    near = [_head(group[0], alone=len(groups) == 1) for group in groups]
    far = [_outermost(head) for head in near]
    heads = near if _count(near) == declared != _count(far) or _count(far) == 1 else far
    if not any(heads):
        return [(None, [block for group in groups for block in group])] if groups else []
    joined = groupby(zip(heads, groups, strict=True), key=lambda pair: id(pair[0]) if pair[0] else id(pair[1]))
    return [(pairs[0][0], [block for _, group in pairs for block in group]) for pairs in (list(of) for _, of in joined)]


def _head(block: Block, *, alone: bool) -> Block | None:
    """Return the heading above; the only part of a notice that reports is none."""
    above = block.parent
    return None if above is None or not above.words or (alone and is_report(above.words)) else above


def _outermost(head: Block | None) -> Block | None:
    while head and head.parent and _names_aspect(head.parent):
        head = head.parent
    return head


def _names_aspect(block: Block) -> bool:
    words = block.words
    return block.heading.form in _NAMES_ASPECT and not reports(words) and not stands_around(words)


def _count(heads: Sequence[Block | None]) -> int:
    return len({id(head) for head in heads})
