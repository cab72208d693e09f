"""The line under a title: who published it, where it was taken from, and when.

Labels come spaced (`来 源`), glued (`来源：某某报发布时间：2022-05-20`), without a value, and with the value on the
next line; the value ends where the next label begins.
"""

import re
from typing import NamedTuple

from worker.clean.text import narrow, squeeze
from worker.read.dates import PRINTED, When, when_of

# How well a label says that the date is that of publication; the day of signing (成文日期) is another fact.
_PUBLISHED: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(rf"(?:{labels})" + r"\s?[:\s]?\s?[\[【(]?\s?" + PRINTED.pattern))
    for rank, labels in (
        (3, r"(?:发\s?布|公\s?布|发\s?表|公\s?开|刊\s?发)\s?(?:于|时\s?间|日\s?期)"),
        (
            2,
            r"(?:信息|文章|稿件|新闻|上传|创建|录入|添加|生成)(?:时间|日期)|(?<![\u4e00-\u9fff])(?:时\s{0,2}间|日\s{0,2}期)\s?:",
        ),
        (1, r"(?:更新|发文)(?:时间|日期)"),
    )
)
_NEXT_LABEL = (
    r"(?=\s*(?:发\s?布|公\s?布|发\s?表|公\s?开|更新|时\s?间|日\s?期|作\s?者|记\s?者|编\s?辑|责任编辑|责编|浏\s?览|点击|阅读|访问|字\s?体|字\s?号"
    r"|文章类型|信息类型|打印|分享|审核|[【\[|]|(?:19|20)\d\d\s?[-/.年]\s?\d|$))"
)
_SOURCE = re.compile(
    r"(?:信息|文章|稿件|新闻|内容|本文)?来\s{0,2}源\s?(?::|为:)\s*(?P<value>[^\n]{0,60}?)" + _NEXT_LABEL
)
_AUTHOR = re.compile(r"(?:作\s{0,2}者|撰\s?稿人?)\s?:\s*(?P<value>[^\n]{0,30}?)" + _NEXT_LABEL)
_COUNTERS = re.compile(r"字\s?体|字\s?号|浏览|点击|阅读|访问|作者|打印")
_EMPTY_LABEL = re.compile(r"(?:来\s{0,2}源|时\s?间|日\s?期|发布于)\s?:\s*$")
LONGEST = 200


class Published(NamedTuple):
    """A labelled date, and how much the label proves (1 to 3)."""

    rank: int
    when: When


def published_in(text: str) -> Published | None:
    """Return the date of publication that a line tells by a label."""
    plain = narrow(text[:LONGEST])
    for rank, pattern in _PUBLISHED:
        for found in pattern.finditer(plain):
            if when := when_of(found):
                return Published(rank, when)
    return None


def source_in(text: str) -> str | None:
    """Return the value of 来源 in a line; None where the label is missing or its value empty."""
    return _value(_SOURCE, text)


def author_in(text: str) -> str | None:
    """Return the value of 作者 in a line."""
    return _value(_AUTHOR, text)


def wants_value(text: str) -> bool:
    """Tell whether the line ends with a label, its value being on the next line."""
    return len(text) <= LONGEST and _EMPTY_LABEL.search(narrow(text)) is not None


def is_dateline(text: str) -> bool:
    """Tell whether a line says when, and from where, the text above and below it was published."""
    if len(text) > LONGEST or "。" in text:
        return False
    dated = published_in(text)
    if dated and dated.rank == 3:
        return True
    plain = narrow(text)
    sourced = _SOURCE.search(plain)
    companion = sourced or _COUNTERS.search(plain)
    # "时间：3月7日" alone may announce a meeting, and "来源：" a table of figures.
    return bool((dated and companion) or (sourced and (PRINTED.search(plain) or _COUNTERS.search(plain))))


def _value(pattern: re.Pattern[str], text: str) -> str | None:
    text = text[:LONGEST]
    found = pattern.search(narrow(text))
    if not found:
        return None
    return squeeze(text[found.start("value") : found.end("value")]).strip("-|｜/、;；,，:： ") or None
