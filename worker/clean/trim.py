"""Trimming a body: the rules of `boilerplate`, applied in the order of what they prove.

The edges go first, because a footer proves itself by standing at one, be it in lines of its own or glued to the last
line of the text; then `worker.read.head` takes the title and the dateline, whose buttons and counters belong to it;
then come the rules that hold anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from worker.clean.boilerplate import Cut, Rule, has_hint, matches, plain
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import SHORT, narrow, squeeze

# A block of furniture at the top of a text has been seen three lines long, one at its end eight.
_TOP = 12
_LONGEST_LINK = 80
_MOST_LINKS = 200
_SENTENCE_END = ("。", ";", "!", "?")  # in half width
# Furniture is glued to the last line of a text, or to the signature above its date.
_GLUED_WITHIN = 3
_LONGEST_DATE = 14
_LONGEST_GLUED = 4000
_GLUE = 400
_MOST_WORDS = 8
_LONGEST_OWNER = 40
_NUMBERS = frozenset(["icp", "police_record", "site_code"])
# White space parts words, and so do a full stop and a date, behind which furniture begins without any.
_WORD = re.compile(r"[^\s。日]*[。日](?=\S)|\S+")
_SIGNED = re.compile(r"(?:^|\s)(?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日(?!期)")


@dataclass(frozen=True)
class Trimmed:
    """The lines that stay, and what was cut, in the order of the page."""

    lines: list[Line]
    removed: list[Removed]


def trim_edges(lines: Sequence[Line]) -> tuple[list[Removed], list[Line], list[Removed]]:
    """Part the lines into the furniture at the top, the text, and the furniture at the end."""
    top, left = trim_top(lines)
    end = _block(left[::-1], at_end=True)[::-1]
    left = left[: len(left) - len(end)]
    for last in range(len(left) - 1, max(-1, len(left) - 1 - _GLUED_WITHIN), -1):
        left[last], glued = _unglued(left[last], at_end=True)
        end = [*glued, *end]
    return top, left, end


def trim_top(lines: Sequence[Line]) -> tuple[list[Removed], list[Line]]:
    """Part the lines into the furniture at the top and the rest."""
    top = _block(lines[:_TOP], at_end=False)
    left = list(lines[len(top) :])
    if left:
        left[0], glued = _unglued(left[0], at_end=False)
        top = [*top, *glued]
    return top, left


def trim_inside(lines: Sequence[Line]) -> Trimmed:
    """Cut whole lines and fragments wherever they stand."""
    kept: list[Line] = []
    removed: list[Removed] = []
    for line in lines:
        stays, cuts = _clean_line(line)
        removed += cuts
        kept += stays
    return Trimmed(kept, removed)


def trim_rest(lines: list[Line]) -> Trimmed:
    """Cut from a heading such as "related news" to the end, where nothing but short lines follows."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_LINKS), -1):
        line = lines[at]
        found = next(matches(line.text, Cut.REST), None)
        if found:
            return Trimmed(lines[:at], [Removed(found[0].name, cut.text) for cut in lines[at:]])
        if len(line.text) > _LONGEST_LINK or narrow(line.text).endswith(_SENTENCE_END):
            break
    return Trimmed(lines, [])


def _block(lines: Sequence[Line], *, at_end: bool) -> list[Removed]:
    """Return the furniture with which `lines` begin: nothing, unless a line of it, or the date above it, is certain."""
    block: list[tuple[Rule, Line]] = []
    signed = False
    for line in lines:
        seen = narrow(line.text)
        signed = len(seen) <= SHORT and _SIGNED.search(seen) is not None
        rule = None if signed or len(seen) > SHORT else _edge_rule(line.text)
        if rule is None:
            signed = signed and at_end and len(seen) <= _LONGEST_DATE
            break
        block.append((rule, line))
    # The lines that touch the text at its end may be the publisher's own contacts.
    while block and block[-1][0].cut is Cut.CONTACT and at_end:
        block.pop()
    if not signed and not any(rule.certain for rule, _ in block):
        return []
    return [Removed(rule.name, line.text) for rule, line in block]


def _edge_rule(text: str) -> Rule | None:
    for rule, found in matches(text, Cut.LINE, Cut.PIECE, Cut.REST, Cut.EDGE, Cut.CONTACT):
        if rule.cut in (Cut.LINE, Cut.REST) or (rule.cut is Cut.PIECE and found[0].strip() == plain(text).strip()):
            return rule
        # A sentence may speak of copyright or of registration numbers; a table row may list them.
        if rule.cut in (Cut.EDGE, Cut.CONTACT) and not narrow(text).endswith(_SENTENCE_END) and "。" not in text:
            return rule
    return None


def _unglued(line: Line, *, at_end: bool) -> tuple[Line, list[Removed]]:
    """Part a line from the furniture that is glued to its end, or to its beginning: whole words of it, one certain.

    Buttons and counters are cut off its end even if nothing is certain.
    """
    if (
        line.cells
        or len(line.text) > _LONGEST_GLUED
        or not has_hint(line.text[-_GLUE:] if at_end else line.text[:_GLUE])
    ):
        return line, []
    words = [found.span() for found in _WORD.finditer(line.text)]
    run = list(_run(line.text, words, at_end=at_end))
    certain = any(rule.certain for rule, _, _ in run)
    while run and at_end and run[-1][0].cut is Cut.CONTACT:
        run.pop()
    if not certain:
        run = list(takewhile(lambda each: each[0].cut in (Cut.LINE, Cut.PIECE), run)) if at_end else []
    whole = words[0][0] if at_end else words[-1][1]
    if not run or whole in run[-1]:
        return line, []
    removed = [Removed(rule.name, line.text[start:end]) for rule, start, end in run]
    edge = run[-1][1] if at_end else run[-1][2]
    text = line.text[:edge] if at_end else line.text[edge:]
    return line._replace(text=text.strip()), removed[::-1] if at_end else removed


def _run(text: str, words: list[tuple[int, int]], *, at_end: bool) -> Iterator[tuple[Rule, int, int]]:
    """Yield the furniture at one end of a line, outermost first; a piece of it may be several words long."""
    first, last = 0, len(words)
    while first < last:
        for size in range(min(_MOST_WORDS, last - first), 0, -1):
            taken = words[last - size : last] if at_end else words[first : first + size]
            start, end = taken[0][0], taken[-1][1]
            rule = _unit_rule(text[start:end], alone=size == 1)
            if rule is not None:
                yield rule, start, end
                first, last = (first, last - size) if at_end else (first + size, last)
                break
        else:
            return


def _unit_rule(text: str, *, alone: bool) -> Rule | None:
    """Name what a few words are as a whole: a mark inside them proves nothing for those before it."""
    seen = plain(text)
    rule = None if _SIGNED.search(seen) else _edge_rule(text)
    if rule is None or rule.cut is Cut.REST or alone:
        return None if rule is not None and rule.cut is Cut.REST else rule
    if rule.name == "copyright" and seen.endswith("版权所有"):
        return rule if len(seen) <= _LONGEST_OWNER else None
    found = rule.pattern.search(seen)
    assert found is not None
    whole = found.end() == len(seen) or rule.name not in _NUMBERS
    return rule if found.start() == 0 and whole else None


def _clean_line(line: Line) -> tuple[list[Line], list[Removed]]:
    rules = [rule for rule, _ in matches(line.text, Cut.LINE, Cut.PIECE)]
    if not rules:
        return [line], []
    if whole := next((rule for rule in rules if rule.cut is Cut.LINE), None):
        return [], [Removed(whole.name, line.text)]
    text, removed = _cut_pieces(line.text, rules)
    kept: list[Line] = []
    for left in (squeeze(each) for each in text.split("\n") if each.strip()):
        # Between two buttons there may have been a third without brackets.
        if found := next(matches(left, Cut.LINE), None):
            removed.append(Removed(found[0].name, left))
        else:
            kept.append(line._replace(text=left))
    return kept, removed


def _cut_pieces(text: str, rules: Sequence[Rule]) -> tuple[str, list[Removed]]:
    removed: list[Removed] = []
    for rule in rules:
        parts: list[str] = []
        at = 0
        # Narrowing keeps the length, so the offsets hold in the text as printed.
        for match in rule.pattern.finditer(plain(text)):
            removed.append(Removed(rule.name, text[match.start() : match.end()]))
            parts.append(text[at : match.start()])
            # Two pages may part a sentence; two sentences on two pages are two paragraphs.
            if rule.name == "next_page_marker" and narrow(parts[-1][-1:]) in _SENTENCE_END:
                parts.append("\n")
            at = match.end()
        text = "".join([*parts, text[at:]])
    return text, removed
