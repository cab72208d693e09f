"""The measures of a problem: what its account numbers, by ordinals (一是…二是…) or by marks below the problem's."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from worker.read.ledger.headings import Form, heading_of
from worker.read.ledger.labels import label_at, names_no_deed
from worker.read.ledger.marks import Style, mark_of
from worker.read.ledger.naming import LABEL
from worker.read.ledger.numerals import number_of
from worker.read.ledger.passages import Passage


class _Start(NamedTuple):
    """Where a measure's number stands in a passage."""

    at: int
    end: int
    value: int | None


_HAN = "[一二三四五六七八九十]"
# What may stand before a number in running text: behind a quotation mark it is quoted, behind a character it is
# another word (之一是, 统一是). Patterns begin with their characters and leave this to code: ten times as fast.
_BEFORE_ORDINAL = frozenset("。;:,.!?、)”’》】")
_BEFORE_NUMBER = frozenset("。;:")
# 第一, 其二 and 措施三 number nothing else in the middle of a sentence.
_SPELLED = frozenset("第其措举")
_IS = re.compile(rf"({_HAN}{{1,3}})是(?!{_HAN}[、,]二是)(?:[,:]\s?)?")


class _Inline(NamedTuple):
    """How a style numbers measures inside a line, and what a text must hold to do so."""

    pattern: re.Pattern[str]
    first: tuple[str, ...]


_DIGITS = _Inline(
    re.compile(r"(?:(\d{1,2})\s?(?:[、.](?!\d)|\)(?=\D|\d{1,3}[号名个家处条项]))|([⒈-⒛]))\s*", re.ASCII), ("1", "⒈")
)
_INLINE = {
    Style.ORDINAL: _Inline(re.compile(rf"[第其]({_HAN}{{1,3}})[,、:是]\s*"), ("第一", "其一")),
    Style.MEASURE: _Inline(
        re.compile(rf"(?:措施|举措)({_HAN}{{1,3}}|\d{{1,2}})[,、.:]\s*", re.ASCII),
        ("措施一", "举措一", "措施1", "举措1"),
    ),
    Style.CIRCLED: _Inline(re.compile(r"([①-⑳])[、.]?\s*"), ("①",)),
    Style.DIGIT_PAREN: _Inline(re.compile(r"(?:\((\d{1,2})\)[、.]?|([⑴-⒇]))\s*", re.ASCII), ("(1)", "⑴")),
    Style.DIGIT: _DIGITS,
    Style.DIGIT_COMMA: _DIGITS,
    Style.HAN_PAREN: _Inline(re.compile(rf"\(({_HAN}{{1,3}})\)[、.]?\s*"), ("(一)",)),
    Style.BULLET: _Inline(re.compile(r"(?:[—–―-]{1,2}|[·●◆■▪•▲★◇○◎□▶►✦※☆➤])\s*()"), ()),
}
_SIGNS = ((0x2460, 0x2473), (0x2474, 0x2487), (0x2488, 0x249B))
_SIGN_SET = frozenset(chr(code) for first, last in _SIGNS for code in range(first, last + 1))


# More numbers than this in one paragraph are no account of anything.
_MOST = 1000

_ordinal = lru_cache(maxsize=256)(number_of)


def runs_in(plain: str) -> int:
    """Count the runs of ordinals that begin in a narrowed paragraph."""
    runs = 0
    at = plain.find("一是")
    while at >= 0 and runs < _MOST:
        before = _sign_before(plain, at)
        # Behind a comma an ordinal goes on with the run that is open.
        runs += not before or (before in _BEFORE_ORDINAL and not (before == "," and runs))
        at = plain.find("一是", at + 2)
    return runs


def measures_in(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the measures as printed, without their numbers, in order; none where the account numbers nothing.

    A paragraph that goes on without a number belongs to the measure before it, unless it is a heading.
    """
    passages = _measures_section(passages)
    if any("一是" in passage.plain for passage in passages):
        measures = _split(passages, _ordinals_in(passages))
        if measures:
            return measures
    style = _numbering(passages)
    return _split(passages, _numbers_in(passages, style)) if style else ()


def _measures_section(passages: Sequence[Passage]) -> list[Passage]:
    """Give the passages without their labels: those under 整改措施 alone, where the account tells the same twice."""
    sections: list[tuple[str, list[Passage]]] = [("", [])]
    for passage in passages:
        plain = passage.plain
        mark = mark_of(plain)
        start = 0
        if label := label_at(plain) or (mark and label_at(plain, mark.end)):
            sections.append((label.name, []))
            start = label.end
        elif mark and (told := LABEL.match(plain, mark.end)):
            sections.append((told[0].rstrip(" :"), []))
        sections[-1][1].append(Passage(passage.text[start:], plain[start:]))
        if start and plain[0] == "(" and plain[start - 1] != ")":
            # (责任领导:…) says nothing of the lines below it.
            sections.append(("", []))
    sections = [(label, section) for label, section in sections if not names_no_deed(label)]
    planned = [section for label, section in sections if label.endswith(("措施", "举措"))]
    if planned and len(sections) > len(planned):
        numbered = [passage for section in planned for passage in section]
        if any("一是" in passage.plain for passage in numbered) or _numbering(numbered):
            return numbered
    return [passage for _, section in sections for passage in section]


def _ordinals_in(passages: Sequence[Passage]) -> Iterator[list[_Start]]:
    last = 0
    for passage in passages:
        starts = _ordinals(passage.plain, last)
        last = starts[-1].value or last if starts else last
        yield starts


def _ordinals(plain: str, last: int) -> list[_Start]:
    """Find the ordinals that run on from the `last` one: one may be repeated or left out, and a new run may begin."""
    starts: list[_Start] = []
    for found in islice(_IS.finditer(plain), _MOST):
        at = found.start()
        before = _sign_before(plain, at)
        value = _ordinal(found[1])
        if value is None or (before and before not in _BEFORE_ORDINAL):
            continue
        fresh = value == 1 and not (last and before == ",")
        if fresh or (last and last <= value <= last + 2) or not before:
            starts.append(_Start(at, found.end(), value))
            last = value
    return starts


def _sign_before(plain: str, at: int) -> str:
    while at and plain[at - 1] == " ":
        at -= 1
    return plain[at - 1] if at else ""


def _numbering(passages: Sequence[Passage]) -> Style | None:
    """Find the style that numbers the account: that of its first mark, on a line of its own or inside one."""
    for passage in passages:
        mark = mark_of(passage.plain)
        if mark and mark.style in _INLINE and not _is_heading(passage, mark.end):
            return mark.style
    for passage in passages:
        for style, inline in _INLINE.items():
            if any(sign in passage.plain for sign in inline.first) and len(_in_order(passage.plain, inline, 0)) > 1:
                return style
    return None


def _is_heading(passage: Passage, start: int) -> bool:
    return heading_of(passage.plain, start).form is Form.PROBLEM


def _numbers_in(passages: Sequence[Passage], style: Style) -> Iterator[list[_Start]]:
    last = 0
    for passage in passages:
        starts = _in_order(passage.plain, _INLINE[style], last)
        last = starts[-1].value or last if starts else last
        yield starts


def _in_order(plain: str, inline: _Inline, last: int) -> list[_Start]:
    starts: list[_Start] = []
    for found in islice(inline.pattern.finditer(plain), _MOST):
        at = found.start()
        before = plain[at - 1 : at] if at else ""
        value = _value(next((group for group in found.groups() if group), ""))
        sign = plain[at] in _SIGN_SET
        spelled = plain[at] in _SPELLED and before == ","
        in_order = value == last + 1 and (sign or spelled or before in _BEFORE_NUMBER or before == " ")
        if not at or in_order:
            starts.append(_Start(at, found.end(), value))
            last = value or 0
    return starts


def _value(printed: str) -> int | None:
    if len(printed) == 1:
        for first, end in _SIGNS:
            if first <= ord(printed) <= end:
                return ord(printed) - first + 1
    return _ordinal(printed) if printed else None


def _split(passages: Sequence[Passage], starts: Iterator[list[_Start]]) -> tuple[str, ...]:
    measures: list[list[str]] = []
    is_open = False
    for passage, here in zip(passages, starts, strict=True):
        mark = mark_of(passage.plain)
        if not here:
            is_open = is_open and (mark is None or not _is_heading(passage, mark.end))
            if is_open and passage.text.strip():
                measures[-1].append(passage.text.strip())
            continue
        ends = [start.at for start in here[1:]] + [len(passage.text)]
        measures.extend([passage.text[start.end : end].strip()] for start, end in zip(here, ends, strict=True))
        is_open = True
    # What parts one measure from the next is no part of it.
    return tuple("\n".join(pieces).rstrip("，,；;、 \u3000") for pieces in measures if pieces[0])
