"""The days on which the public is asked for its word (公开期限)."""

import re
from collections.abc import Iterator, Sequence

from worker.clean.lines import Line
from worker.clean.text import narrow
from worker.read.ledger.closing import closing_of, said
from worker.read.ledger.days import Day, days_in, is_range
from worker.read.ledger.values import CommentWindow, Precision

_LABEL = re.compile(
    "(?:公开|公示|公告|公布|意见征集|征[求集](?:社会|公众)?意?见?|监督|反馈|受理|接访|接待|值班|信访|来[信电访]|反映|听取意见|意见)"
    r"[^。;:,0-9]{0,8}(?:期限|期间|时间|时限|日期|截止|截至|期(?=[ :为是(自从0-9]))"
)
# What is asked without a label: 请于2024年6月10日前…反映, 自…起至…止,…提出意见
_ASKED = re.compile("意见|建议|反映|监督|异议|来信|来电|受理|征集|举报")
_LEADS = re.compile(r"(?:请|可|应|须|敬请|务必)[^。,;]{0,8}[于在]$|(?:自|从|即日起至)\s?$")
_DONE = re.compile("巡[视察]组?[^。]{0,40}(?:进行|开展|反馈)|督察组")
_HINT = re.compile("期|时间|截[止至]|请[于在]|起")
# The inspectors take calls and letters while they are there.
_OPEN_DOOR = re.compile("值班电话|来信来访|来电来信|受理|邮政信箱|信访")
_STAY = re.compile("巡[视察]")
_CLOSES = re.compile(r"\s?(?:\([^()]{0,8}\))?[ 0-9:时点分上下午]{0,12}(?:之前|以前|前|止|截止|结束)")
_CLOSES_BEFORE = re.compile(r"(?:截止|截至|至|到)[^,。;0-9]{0,8}$")

_OPENING_LINES = 6
_SHORT_NOTICE = 30
_LONGEST_SENTENCE = 160
_FURTHEST = 40
_LONGEST = 800


def comment_window_in(lines: Sequence[Line], written_on: str | None) -> CommentWindow | None:
    """Return the first and the last day on which the public is asked for its word; None where no day is told.

    Where inspectors announce themselves it is the days on which they take calls and letters. A length without a day
    (一个月, 5个工作日) is not reckoned. `written_on` gives the year where it is left out.
    """
    texts = list(_texts(lines))
    found: CommentWindow | None = None
    for window in _windows(texts, written_on):
        if window.opens_on and window.closes_on:
            return window
        found = found or window
    stay = None if found and found.opens_on else _stay(lines, texts, written_on)
    # 受理信访时间截至…: from the day they came.
    return CommentWindow(stay.opens_on, found.closes_on) if found and stay else found or stay


def _texts(lines: Sequence[Line]) -> Iterator[str]:
    closing = closing_of(lines)
    yield from (text for _, text in closing)
    first = closing[0].place if closing else len(lines)
    for line in lines[: first if len(lines) <= _SHORT_NOTICE else min(first, _OPENING_LINES)]:
        if _HINT.search(line.text[-_LONGEST:]):
            yield said(line)


def _windows(texts: Sequence[str], written_on: str | None) -> Iterator[CommentWindow]:
    for text in texts:
        for label in _LABEL.finditer(text):
            sentence = _sentence(text[label.end() : label.end() + _LONGEST_SENTENCE])
            if window := _window(sentence, written_on, label[0]):
                yield window
    for text in texts:
        for sentence in re.split("[。;]", text):
            if _ASKED.search(sentence) and not _DONE.search(sentence) and (asked := _asked(sentence, written_on)):
                yield asked


def _sentence(text: str) -> str:
    return re.split("[。;]", text, maxsplit=1)[0]


def _whole_days(text: str, written_on: str | None) -> list[Day]:
    if "月" not in text and not re.search("20[0-9]{2}[-/.]", text):
        return []
    return [day for day in days_in(text, written_on) if day.precision is Precision.DAY]


def _asked(sentence: str, written_on: str | None) -> CommentWindow | None:
    sentence = sentence[:_LONGEST_SENTENCE]
    days = _whole_days(sentence, written_on)
    if days and _LEADS.search(sentence[: days[0].start]):
        return _window(sentence, written_on, "")
    return None


def _window(text: str, written_on: str | None, label: str) -> CommentWindow | None:
    days = _whole_days(text, written_on)
    if not days:
        return None
    first = days[0]
    # What stands further off belongs to something else.
    if first.start > _FURTHEST:
        return None
    if len(days) > 1 and is_range(text, first, days[1]):
        return CommentWindow(first.on.isoformat(), days[1].on.isoformat())
    before = label + text[: first.start]
    if _CLOSES.match(text, first.end) or _CLOSES_BEFORE.search(before):
        return CommentWindow(None, first.on.isoformat())
    if text.startswith("起", first.end):
        return CommentWindow(first.on.isoformat(), None)
    return None


def _stay(lines: Sequence[Line], texts: Sequence[str], written_on: str | None) -> CommentWindow | None:
    """Return the days of the inspection, where those who inspect say how to reach them."""
    opening = [line.text[:_LONGEST] for line in lines[:_OPENING_LINES]]
    if any("整改" in text for text in opening) or not any(map(_OPEN_DOOR.search, (*texts, *opening))):
        return None
    for text in opening:
        for sentence in narrow(text).split("。") if _STAY.search(text) else ():
            if _STAY.search(sentence) and (window := _window(sentence[:_LONGEST_SENTENCE], written_on, "")):
                return window
    return None
