"""The line under a title: who published it, where it was taken from, and when.

Labels come spaced (`来 源`), glued (`来源：某某报发布时间：2022-05-20`), without a value, and with the value on the
next line; the value ends where the next label begins.
"""

import re
from typing import NamedTuple

from worker.clean.lines import Line
from worker.clean.text import key, narrow, squeeze
from worker.read.dates import PRINTED, When, when_of

# How well a label says that the date is that of publication; the day of signing (成文日期) is another fact.
_PUBLISHED: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(rf"(?:{labels})" + r"\s?[:\s]?\s?[\[【(]?\s?" + PRINTED.pattern))
    for rank, labels in (
        (3, r"(?:发\s?布|公\s?布|发\s?表|公\s?开|刊\s?发|发\s?稿|刊\s?登|登\s?载)\s?(?:于|时\s?间|日\s?期)"),
        (
            2,
            r"(?:信息|文章|稿件|新闻|上传|创建|录入|添加|生成)(?:时间|日期)|(?<![\u4e00-\u9fff])(?:时\s{0,2}间|日\s{0,2}期|发\s{0,2}布)\s?:",
        ),
        (1, r"(?:更新|发文)(?:时间|日期)"),
    )
)
# Spaced out, these would look like the labels above.
_OTHER_DAY = re.compile(r"(?:成\s?文|签\s?发|印\s?发|生\s?效|实\s?施|失\s?效|废\s?止|截\s?止)\s?[日时]\s?[期间]")
_DAY_LABEL = r"(?:时\s?间|日\s?期)"
_NEXT_LABEL = (
    rf"(?=\s*(?:(?:发\s?布|公\s?布|发\s?表|公\s?开|更新|发稿|刊登|成\s?文|生成|信息|文章)\s?{_DAY_LABEL}|发布于|发布\s?:|{_DAY_LABEL}"
    r"|(?:信息|文章|稿件|新闻|内容)?来\s{0,2}源\s?[:为]|稿\s?源\s?:|(?:发布|公开|发文)(?:机\s?构|机关|单位|人)"
    r"|(?:作|记)\s{0,2}者\s?:|撰\s?稿人?\s?:|(?:责任|网站)?编\s?辑\s?:|责\s?编\s?:|审\s?核|校\s?对\s?:|浏\s?览|点击|阅读|访问(?:量|次数)|字\s?体|字\s?号"
    r"|文章类型|信息类型|索\s?引\s?号|文\s{0,4}号\s?:|有\s?效\s?性|主题|分类|体裁|保护视力|视力保护|打印|分享|收藏|扫一扫|[【\[|]"
    r"|[(]?\s?(?:19|20)\d\d\s?[-/.年]\s?\d|[)]?$))"
)
_SOURCES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rf"{labels}\s*(?P<value>[^\n]{{0,60}}?)" + _NEXT_LABEL)
    for labels in (
        r"(?:信息|文章|稿件|新闻|内容|本文)?来\s{0,2}源\s?(?::|为:)",
        r"(?:稿\s?源|(?:供|来)稿(?:单位)?|信息提供)\s?:",
        r"(?:发\s?布|公\s?开|发\s?文)\s?(?:机\s?构|机\s?关|单\s?位)\s?:?",
    )
)
_SOURCE = _SOURCES[0]
# Each of these labels holds one, and most lines hold none.
_MAY_TELL_SOURCE = re.compile("[源稿供机单]")
_AUTHOR = re.compile(r"(?:作\s{0,2}者|撰\s?稿人?)\s?:\s*(?P<value>[^\n]{0,30}?)" + _NEXT_LABEL)
_COUNTERS = re.compile(r"字\s?体|字\s?号|浏览|点击|阅读|访问|作者|打印|发布机构|发布单位")
_EMPTY_LABEL = re.compile(
    r"(?:来\s{0,2}源|稿\s?源|时\s?间|日\s?期|发布机构|发布单位)\s?:\s*$|发布于\s?:?\s*$|(?:发布|公开)(?:时间|日期|机构|单位)$"
)
# The labels of the table that heads an item of 政府信息公开.
_CELL_LABEL = re.compile(
    r"(?:索引号|(?:发布|公开|发文)(?:机构|机关|单位)|(?:发布|公开|成文|生成|发文|生效|失效|废止)(?:日期|时间)|文号|发文字号|(?:信息)?来源|(?:信息|主题)?分类"
    r"|主题词?|名称|标题|有效性|关键词|体裁|内容概述|(?:信息)?名称):?"
)
LONGEST = 200


_HAS_DAY = re.compile(r"(?:19|20)\d\d\s?[-/.年]")


class Published(NamedTuple):
    """A labelled date, and how much the label proves (1 to 3)."""

    rank: int
    when: When


def published_in(text: str) -> Published | None:
    """Return the date of publication that a line tells by a label."""
    plain = narrow(text[:LONGEST])
    if not _HAS_DAY.search(plain):
        return None
    plain = _OTHER_DAY.sub("#", plain)
    for rank, pattern in _PUBLISHED:
        for found in pattern.finditer(plain):
            if when := when_of(found):
                return Published(rank, when)
    return None


def source_in(text: str) -> str | None:
    """Return the value of 来源, or of a label that means it, in a line; None where there is none or it is empty."""
    if _MAY_TELL_SOURCE.search(text) is None:
        return None
    return next((value for pattern in _SOURCES if (value := _value(pattern, text))), None)


def author_in(text: str) -> str | None:
    """Return the value of 作者 in a line."""
    if "者" not in text and "撰" not in text:
        return None
    return _value(_AUTHOR, text)


def pairs_in(line: Line) -> list[str]:
    """Return the labels of a table row and their values as lines (`发布机构：…`); nothing where it is no such row."""
    texts = [cell.text for cell in line.cells]
    if len(texts) < 2 or not _CELL_LABEL.fullmatch(key(texts[0])):
        return []
    pairs = zip(texts[::2], texts[1::2], strict=False)
    return [f"{key(label).rstrip(':')}：{value}" for label, value in pairs if _CELL_LABEL.fullmatch(key(label))]


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
    sourced = _SOURCE.search(plain) if "源" in plain else None
    if not dated and not sourced:
        return False
    # "时间：3月7日" alone may announce a meeting, and "来源：" a table of figures.
    counted = _COUNTERS.search(plain)
    return bool((dated and (sourced or counted)) or (sourced and (PRINTED.search(plain) or counted)))


def _value(pattern: re.Pattern[str], text: str) -> str | None:
    text = text[:LONGEST]
    found = pattern.search(narrow(text))
    if not found:
        return None
    return squeeze(text[found.start("value") : found.end("value")]).strip("-|｜/、;；,，:：()（） ") or None
