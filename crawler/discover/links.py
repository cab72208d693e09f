"""The links of a page, each with its title and the date of the row that it stands in."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from bs4 import BeautifulSoup, Tag

from crawler.discover import dates
from crawler.discover.soup import LONGEST_TEXT, attribute, is_large, text_of
from shared.errors import Invalid
from shared.urls import join

MAX_LINKS = 5000
_CLIMB = 6
_ROW_LINKS = 3  # a category, the title, an attachment
_LONGEST_HREF = 2000
_BULLET = re.compile(
    r"^[\s·•●■◆▪▶►›»>\-–—*※|]+|^[\[【(（]?\s*(置顶|顶|热|新|new)\s*[\]】)）]\s*|^置顶\s*[:：]?\s*", re.IGNORECASE
)
_AFTER_DATE = re.compile(r"[\s\]】)）]*(\d\d?[:：]\d\d([:：]\d\d)?)?[\s\]】)）]*")
# The date of today in a page's head, and the years of its foot, are no dates of notices.
_NO_ROW = re.compile(r"今天|星期[一二三四五六日天]|版权所有|copyright|备案|ICP", re.IGNORECASE)
_CUT = re.compile(r"(\.{2,}|…+|。{2,})\s*$")
_TEMPLATE = re.compile(r"\{\{|\}\}|\$\{|<%|%>|%7B%7B|\[\[|__\w+__", re.IGNORECASE)
_NOWHERE = re.compile(r"#.*|javascript:.*|about:.*|void\(0\)|/?undefined|", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Link:
    """One link that leads somewhere, or a row that only shows where one would be (`url` None)."""

    url: str | None
    title: str
    dated: dates.Found | None
    shape: tuple[str, ...]
    """Tags and classes of what it stands in; the rows of one list have the same."""


def links_of(soup: BeautifulSoup, base: str) -> list[Link]:
    """Return the links of a page in their order, at most `MAX_LINKS` of them."""
    anchors = soup.select("a[href]", limit=MAX_LINKS)
    # By identity: BeautifulSoup compares and hashes elements by all that is in them.
    crowd = Counter(id(parent) for anchor in anchors for parent in islice(anchor.parents, _CLIMB))
    found: list[Link] = []
    rows: dict[int, int] = {}
    for anchor in anchors:
        row, dated = _row_of(anchor, crowd)
        link = Link(_target(anchor, base), title_of_link(anchor), dated, _shape(anchor))
        place = rows.setdefault(id(row), len(found)) if row is not None else len(found)
        if place == len(found):
            found.append(link)
        elif fullness(link.title) > fullness(found[place].title):
            # One row, several links: the longest title is the item's, the others are its category or its files.
            found[place] = link
    return found


def title_of_link(anchor: Tag) -> str:
    """Return the whole title: the text, or `title=` where the text is cut or missing; without bullets or a date."""
    text = _clean(text_of(anchor))
    told = _clean(attribute(anchor, "title"))
    stem = _CUT.sub("", text)
    if told and (not text or stem != text or (len(told) > len(text) and told.startswith(text))):
        return told
    return text


def fullness(title: str) -> int:
    """Return how much of a title is there: its length without the dots that stand for the rest."""
    return len(_CUT.sub("", title))


def _clean(text: str) -> str:
    text = " ".join(text[: 2 * LONGEST_TEXT].split())
    found = _date_at_edge(text)
    if found is not None:
        before, after = text[: found.start].rstrip(" [【(（"), text[found.end :].lstrip(" ]】)）")
        text = (before if len(before) > len(after) else after) or text
    for _ in range(3):
        text = _BULLET.sub("", text)
    return text.strip()


def _date_at_edge(text: str) -> dates.Found | None:
    """Return a date that stands apart at either end of a link's text; one inside it belongs to the title."""
    found = dates.find(text)
    if found is None:
        return None
    before, after = text[: found.start], text[found.end :]
    last = _AFTER_DATE.fullmatch(after) is not None and (not before or before[-1] in " [【(（")
    first = not before.strip(" [【(（") and (not after or after[0] in " ]】)）")
    return found if last or first else None


def _row_of(anchor: Tag, crowd: Counter[int]) -> tuple[Tag | None, dates.Found | None]:
    """Return the nearest surrounding element with few links and a date beside them, and that date."""
    for parent in islice(anchor.parents, _CLIMB):
        if crowd[id(parent)] > _ROW_LINKS or parent.name in ("body", "html") or is_large(parent):
            break
        beside = text_of(parent, without="a")
        usable = len(beside) < LONGEST_TEXT and not _NO_ROW.search(beside)
        found = dates.find(beside) if usable else None
        if found is not None:
            return parent, found
    return None, _date_at_edge(text_of(anchor))


def _target(anchor: Tag, base: str) -> str | None:
    href = attribute(anchor, "href").strip()
    if len(href) > _LONGEST_HREF or _NOWHERE.fullmatch(href) or _TEMPLATE.search(href):
        return None
    try:
        return join(base, href)
    except Invalid:
        return None


def _shape(anchor: Tag) -> tuple[str, ...]:
    return tuple(f"{parent.name}.{attribute(parent, 'class')}" for parent in islice(anchor.parents, 3))
