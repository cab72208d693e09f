"""The grammar of heading marks: what numbers a paragraph, and with which number."""

import re
from enum import StrEnum
from typing import NamedTuple

from worker.read.ledger.labels import PROBLEM_LABEL
from worker.read.ledger.numerals import number_of


class Style(StrEnum):
    """How a heading is marked. The style says nothing of the level: each notice orders them its own way."""

    PART = "第一部分"
    HAN = "一、"
    HAN_PAREN = "(一)"
    ORDINAL = "第一,"
    DIGIT = "1."
    DOTTED = "1.1"
    DEEPER = "1.1.1"
    PADDED = "01"
    LETTER = "A."
    ROMAN = "Ⅰ、"
    FORMAL = "壹、"
    SAID = "一是"
    DIGIT_COMMA = "1、"
    DIGIT_PAREN = "(1)"
    CIRCLED = "①"
    MEASURE = "措施一:"
    BULLET = "—"
    PROBLEM = "问题1"
    # Headings without a mark, known by what they say (`headings.unmarked_style`).
    NAMED = "关于…问题"
    SUBJECT = "…方面"
    BARE = "a short line above a first number"
    STATED = "a line that closes with its status"
    ABOVE = "a line above the first label of an account"


class Mark(NamedTuple):
    """A mark at the start of a narrowed paragraph: its style, its number (None where it has none), its length."""

    style: Style
    value: int | None
    end: int
    sign: str = ""  # of a bullet: each sign is a level of its own


_HAN = "[一二三四五六七八九十百]{1,4}"
_COUNTED = "[名个家处宗条项笔起件人次年月]"
# 2023.5 and 1.5 are no marks; 1.2023年以来 and 1.4名干部 are; 51关于 has lost its dot.
_DIGIT = re.compile(
    rf"(\d{{1,3}})(?:\s{{0,3}}(?:[、.]\s{{0,3}}(?:(?!\d)|(?=(?:19|20)\d\d年)|(?=\d{{1,3}}{_COUNTED}))|\)\s{{0,3}}"
    r"|,(?=关于|针对))|\s{0,3}(?=关于|针对|对[“‘\"]))",
    re.ASCII,
)
_HAN_MARK = re.compile(rf"({_HAN})\s{{0,3}}(?:(\))|[、.])[\s、.]{{0,3}}")
# 01 in a frame of its own: the first problem, or the first part; 1\u20e3 is a key cap.
_PADDED = re.compile(r"0(\d)(?:\s{1,3}|[、.]\s{0,3})(?=[\u4e00-\u9fff“])", re.ASCII)
_KEY_CAP = re.compile("(\\d)\ufe0f?\u20e3\\s{0,3}", re.ASCII)
_LETTER = re.compile(r"([A-H])[.、]\s{0,3}(?=[\u4e00-\u9fff“])")
_FORMAL_DIGITS = "壹贰叁肆伍陆柒捌玖拾"
_FORMAL = re.compile(rf"([{_FORMAL_DIGITS}])[、.]\s{{0,3}}")
_PAREN = re.compile(rf"\(\s{{0,3}}(?:({_HAN})|(\d{{1,3}}))\s{{0,3}}\)[\s、.,:]{{0,3}}", re.ASCII)
_ORDINAL = re.compile(
    rf"[第其]({_HAN}|\d{{1,2}})(?:(?P<part>部分|章|篇|板块|个?方面)[\s、:,.]{{0,3}}"
    r"|(?P<problem>个(?:反馈|具体)?问题|[项条])[\s、:,.]{1,3}|[,、:]\s{0,3})",
    re.ASCII,
)
_NUMBERED = rf"\(?(?:\d{{1,2}}[-–.])?({_HAN}|\d{{1,3}})\)?\s{{0,3}}(?:[】\])]|[:、.,]|(?=\s|关于|针对|$))"
_PROBLEM = re.compile(
    rf"[【\[(]?(?:{PROBLEM_LABEL}\s{{0,3}}(?:{_NUMBERED}|[】\]]|(?=:))|(?:反馈|整改)任务\s{{0,3}}{_NUMBERED})[\s、.,:]{{0,3}}",
    re.ASCII,
)
_MEASURE = re.compile(rf"(?:措施|举措)({_HAN}|\d{{1,2}})[:、.,]\s{{0,3}}", re.ASCII)
_DASHES, _SIGNALS = "—–―-", "·●◆■▪•▲★◇○◎□▶►✦※☆➤"
_BULLET = re.compile(rf"(?:[{_DASHES}]{{1,2}}|[{_SIGNALS}])\s{{0,3}}")
_AFTER_SIGN = re.compile(r"[\s、.,]{0,3}")

# First sign, how many follow it, and what they stand for: ① ⑴ ⒈ ㈠ ㊀ in one character.
_SIGNS = {
    chr(first + step): (style, step + 1)
    for first, count, style in (
        (0x2460, 20, Style.CIRCLED),
        (0x2474, 20, Style.DIGIT_PAREN),
        (0x2488, 20, Style.DIGIT),
        (0x2160, 12, Style.ROMAN),
        (0x2776, 10, Style.CIRCLED),
        (0x3220, 10, Style.HAN_PAREN),
        (0x3280, 10, Style.CIRCLED),
    )
    for step in range(count)
}


def mark_of(plain: str) -> Mark | None:
    """Read the mark at the start of a narrowed paragraph, by its first character."""
    first = plain[:1]
    if first in _SIGNS:
        style, value = _SIGNS[first]
        return Mark(style, value, end_of(_AFTER_SIGN, plain, 1))
    reader = _READERS.get(first)
    return reader(plain) if reader else None


def end_of(pattern: re.Pattern[str], plain: str, start: int) -> int:
    """Return where the pattern ends that is looked for at `start`: `start` itself where it is not found."""
    found = pattern.match(plain, start)
    return found.end() if found else start


def _digit(plain: str) -> Mark | None:
    if padded := _PADDED.match(plain):
        return Mark(Style.PADDED, int(padded[1]), padded.end())
    found = _DIGIT.match(plain)
    if not found:
        cap = _KEY_CAP.match(plain)
        return Mark(Style.CIRCLED, int(cap[1]), cap.end()) if cap else None
    style = Style.DIGIT_COMMA if "、" in found[0] else Style.DIGIT
    return Mark(style, int(found[1]), end_of(_AFTER_SIGN, plain, found.end()))


def _han(plain: str) -> Mark | None:
    found = _HAN_MARK.match(plain)
    if not found:
        return None
    return Mark(Style.HAN_PAREN if found[2] else Style.HAN, number_of(found[1]), found.end())


def _paren(plain: str) -> Mark | None:
    found = _PAREN.match(plain)
    if not found:
        return _problem(plain)
    style = Style.HAN_PAREN if found[1] else Style.DIGIT_PAREN
    return Mark(style, number_of(found[1] or found[2]), found.end())


def _ordinal(plain: str) -> Mark | None:
    found = _ORDINAL.match(plain)
    if not found:
        return None
    style = Style.PART if found["part"] else Style.PROBLEM if found["problem"] else Style.ORDINAL
    return Mark(style, number_of(found[1]), found.end())


def _problem(plain: str) -> Mark | None:
    found = _PROBLEM.match(plain)
    if not found:
        return None
    printed = found[1] or found[2]
    return Mark(Style.PROBLEM, number_of(printed) if printed else None, found.end())


def _measure(plain: str) -> Mark | None:
    found = _MEASURE.match(plain)
    return Mark(Style.MEASURE, number_of(found[1]), found.end()) if found else None


def _bullet(plain: str) -> Mark | None:
    found = _BULLET.match(plain)
    sign = plain[0] if plain[0] not in _DASHES else _DASHES[0]
    return Mark(Style.BULLET, None, found.end(), sign) if found else None


def _letter(plain: str) -> Mark | None:
    found = _LETTER.match(plain)
    return Mark(Style.LETTER, ord(found[1]) - ord("A") + 1, found.end()) if found else None


def _formal(plain: str) -> Mark | None:
    found = _FORMAL.match(plain)
    return Mark(Style.FORMAL, _FORMAL_DIGITS.index(found[1]) + 1, found.end()) if found else None


_READERS = {
    **dict.fromkeys("0123456789", _digit),
    **dict.fromkeys("一二三四五六七八九十百", _han),
    **dict.fromkeys("【[反具整存巡指发主审督问", _problem),
    **dict.fromkeys(_DASHES + _SIGNALS, _bullet),
    **dict.fromkeys("ABCDEFGH", _letter),
    **dict.fromkeys(_FORMAL_DIGITS, _formal),
    **dict.fromkeys("措举", _measure),
    "(": _paren,
    "第": _ordinal,
    "其": _ordinal,
}
