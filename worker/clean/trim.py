"""Trimming a body: the rules of `boilerplate`, applied in the order of what they prove.

The edges go first, because a footer proves itself by standing at one; then `worker.read.head` takes the title and the
dateline, whose buttons and counters belong to it; then come the rules that hold anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.clean.boilerplate import Cut, Rule, matches
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import narrow, squeeze

# A block of furniture at the top of a text has been seen three lines long, one at its end eight.
_TOP = 12
_LONGEST_LINK = 80
_SENTENCE_END = ("。", "；", "！", "？", ";")


@dataclass(frozen=True)
class Trimmed:
    """The lines that stay, and what was cut, in the order of the page."""

    lines: list[Line]
    removed: list[Removed]


def trim_edges(lines: Sequence[Line]) -> tuple[list[Removed], list[Line], list[Removed]]:
    """Part the lines into the furniture at the top, the text, and the furniture at the end."""
    top, left = trim_top(lines)
    end = _block(left[::-1], contact_proves=False)
    return top, left[: len(left) - len(end)], end[::-1]


def trim_top(lines: Sequence[Line]) -> tuple[list[Removed], list[Line]]:
    """Part the lines into the furniture at the top and the rest."""
    top = _block(lines[:_TOP], contact_proves=True)
    return top, list(lines[len(top) :])


def trim_inside(lines: Sequence[Line]) -> Trimmed:
    """Cut whole lines and fragments wherever they stand, and the links under a heading such as "related news"."""
    text, rest = _rest(list(lines))
    kept: list[Line] = []
    removed: list[Removed] = []
    for line in text:
        stays, cuts = _clean_line(line)
        removed += cuts
        if stays is not None:
            kept.append(stays)
    return Trimmed(kept, [*removed, *rest])


def _block(lines: Sequence[Line], *, contact_proves: bool) -> list[Removed]:
    """Return the furniture with which `lines` begin: nothing, unless one line of it is certain."""
    block: list[tuple[Rule, Line]] = []
    for line in lines:
        rule = _edge_rule(line)
        if rule is None:
            break
        block.append((rule, line))
    # The lines that touch the text may be the publisher's own contacts.
    while block and block[-1][0].cut is Cut.CONTACT and not contact_proves:
        block.pop()
    if not any(rule.certain for rule, _ in block):
        return []
    return [Removed(rule.name, line.text) for rule, line in block]


def _edge_rule(line: Line) -> Rule | None:
    # A sentence may speak of copyright or of registration numbers; a table row may list them.
    if line.text.endswith(_SENTENCE_END) or "。" in line.text:
        return None
    return next((rule for rule, _ in matches(line.text, Cut.EDGE, Cut.CONTACT, Cut.LINE)), None)


def _rest(lines: list[Line]) -> tuple[list[Line], list[Removed]]:
    """Cut from a heading such as "related news" to the end, where nothing but short lines follows."""
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        found = next(matches(line.text, Cut.REST), None)
        if found:
            return lines[:at], [Removed(found[0].name, cut.text) for cut in lines[at:]]
        if len(line.text) > _LONGEST_LINK or line.text.endswith(_SENTENCE_END):
            break
    return lines, []


def _clean_line(line: Line) -> tuple[Line | None, list[Removed]]:
    whole = next(matches(line.text, Cut.LINE), None)
    if whole:
        return None, [Removed(whole[0].name, line.text)]
    text, removed = _cut_pieces(line.text)
    if not removed:
        return line, []
    return (line._replace(text=squeeze(text)) if text.strip() else None), removed


def _cut_pieces(text: str) -> tuple[str, list[Removed]]:
    removed: list[Removed] = []
    for rule in {found.name: found for found, _ in matches(text, Cut.PIECE)}.values():
        parts: list[str] = []
        at = 0
        # Narrowing keeps the length, so the offsets hold in the text as printed.
        for match in rule.pattern.finditer(narrow(text)):
            removed.append(Removed(rule.name, text[match.start() : match.end()]))
            parts.append(text[at : match.start()])
            at = match.end()
        text = "".join([*parts, text[at:]])
    return text, removed
