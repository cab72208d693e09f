"""The links of a page, each with its title, where it leads, and the date of the row that it stands in."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.etree import _Element as Element

from crawler.discover import dates
from crawler.discover.titles import date_at_edge, fullness, is_control, is_pinned, title_of_link
from crawler.discover.tree import LONGEST_TEXT, attribute, text_beside_links, text_of

MAX_LINKS = 5000
_CLIMB = 8
_ROW_LINKS = 3  # a category, the title, an attachment
_MOST_SIBLINGS = 8
_LONGEST_HIDDEN = 200
_LONGEST_HREF = 2000
# The date of today in a page's head, and the years of its foot, are no dates of notices.
_NO_ROW = re.compile(r"今天|星期[一二三四五六日天]|版权所有|copyright|备案|ICP", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{|\}\}|\$\{|<%|%>|%7B%7B|\[\[|__\w+__", re.IGNORECASE)
_NOWHERE = re.compile(r"#.*|javascript:.*|about:.*|mailto:.*|tel:.*|void\(0\)|/?undefined|", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"['\"]([^'\"\s<>]{3,600})['\"]")
_OPENS = re.compile(r"open|href|location|goto|jump|view|show|detail|link", re.IGNORECASE)
_PATH = re.compile(r"https?://.+|[\w.%~-]*/[^{}]*|[\w%~-]+\.(?:s?html?|jspx?|aspx?|php)(?:\?.*)?", re.IGNORECASE)
# How addresses of single notices look where they carry no date: a long number of their own.
_ARTICLE = re.compile(
    r"/(t\d{8}_\d+|(post|content|art|info|article|detail|show)[_/-]?\d+|\d{6,}|[0-9a-f]{32})[\w-]*(\.s?html?|\.jspx?|/|$)"
    r"|/info/\d+/\d+\.htm|/art/\d{4}/\d{1,2}/\d{1,2}/|/c\d+/\w*\d{5,}/?|[?&](id|articleid|infoid|newsid)=[\w-]{4,}"
    r"|/c\d+a\d+/page\.(htm|psp)",
    re.IGNORECASE,
)
_DATE_ATTRIBUTES = ("datetime", "data-time", "data-date", "readlabel")


@dataclass(frozen=True, eq=False)
class Link:
    """One link that leads somewhere, or one that only shows where a real one would be (`target` empty)."""

    element: Element
    target: str
    """As the page writes it; not yet joined to the page's address."""
    title: str
    dated: dates.Found | None
    row: Element
    """What stands for the notice in its list: the outermost element that holds no other notice."""
    pinned: bool
    is_likely: bool
    """Whether this may be a notice at all: it leads somewhere and is called something."""
    is_dated: bool
    """Whether the row or the address shows when the notice was published."""
    is_article: bool
    """Whether the address looks like that of a single notice."""

    def as_row(self) -> tuple[str, str, dates.Found | None, bool]:
        """Return address, title, date and whether it is pinned."""
        return self.target, self.title, self.dated, self.pinned


def links_of(tree: Element) -> list[Link]:
    """Return the links of a page in their order, of at most `MAX_LINKS` elements; one for each dated row."""
    elements = list(islice(_clickable(tree), MAX_LINKS))
    crowd = Counter(parent for element in elements for parent in islice(element.iterancestors(), _CLIMB))
    dated: dict[Element, dates.Found | None] = {}
    found = [(element, text := text_of(element), *_row_of(element, text, crowd, dated)) for element in elements]
    rows = {row: None for _, _, row, date in found if date is not None}
    company = Counter(parent for row in rows for parent in islice(row.iterancestors(), _CLIMB))
    best: dict[Element, Link] = {}
    for element, text, row, date in found:
        link = _link(element, text, date, row, _outermost(row, crowd, company))
        place = row if date is not None else element
        known = best.get(place)
        if known is None or _tells_more(link, known):
            # One row, several links: the fullest title is the item's, the others are its category or its files.
            best[place] = link
    return list(best.values())


def target_of(element: Element) -> str:
    """Return the address that a click on an element leads to, as it is written; empty where there is none."""
    href = attribute(element, "href").strip()
    if href and not _NOWHERE.fullmatch(href):
        return "" if len(href) > _LONGEST_HREF or _TEMPLATE.search(href) else href
    for name in ("data-href", "data-url"):
        value = attribute(element, name).strip()
        if value and len(value) < _LONGEST_HREF and _PATH.fullmatch(value) and not _TEMPLATE.search(value):
            return value
    script = attribute(element, "onclick")[:_LONGEST_HREF] or (href if href.lower().startswith("javascript:") else "")
    return _target_in_script(script) if script else ""


def _target_in_script(script: str) -> str:
    if not _OPENS.search(script) or _TEMPLATE.search(script):
        return ""
    return next((path for path in _QUOTED.findall(script) if _PATH.fullmatch(path)), "")


def _clickable(tree: Element) -> Iterator[Element]:
    for element in tree.iter("a", "li", "tr", "div", "dd", "p", "span"):
        if element.tag == "a":
            if element.keys():  # one without attributes is only a place to jump to
                yield element
        elif (element.get("onclick") or element.get("data-href") or element.get("data-url")) and _stands_alone(element):
            yield element


def _stands_alone(element: Element) -> bool:
    """Say whether something that is no link leads somewhere on a click, and holds no link that does."""
    links = islice(element.iterdescendants("a"), _ROW_LINKS)
    return bool(target_of(element)) and not any(target_of(link) for link in links)


def _row_of(
    element: Element, text: str, crowd: Counter[Element], dated: dict[Element, dates.Found | None]
) -> tuple[Element, dates.Found | None]:
    """Return the nearest surrounding element with few links and a date beside them, and that date.

    Where no date is around it: what has few links, with a date at an end of the link's text, or next to it.
    """
    if element.tag != "a":
        return element, dates.find(text)
    alone = element
    for parent in islice(element.iterancestors(), _CLIMB):
        if crowd[parent] > _ROW_LINKS or parent.tag in ("body", "html"):
            break
        if parent not in dated:
            dated[parent] = _date_beside(parent)
        if (found := dated[parent]) is not None:
            return parent, found
        alone = parent
    found = date_at_edge(text) or _date_among_siblings(alone, crowd)
    return alone, found


def _date_beside(row: Element) -> dates.Found | None:
    beside = text_beside_links(row)
    if beside is None or _NO_ROW.search(beside):
        return None
    found = dates.find(beside)
    if found is not None:
        return found
    for inner in row:
        hidden = inner.text if inner.tag == "script" else next(filter(None, map(inner.get, _DATE_ATTRIBUTES)), None)
        if hidden and len(hidden) < _LONGEST_HIDDEN and (found := dates.find(hidden)) is not None:
            return found
    return None


def _date_among_siblings(alone: Element, crowd: Counter[Element]) -> dates.Found | None:
    """Return the date between this link and the next: lists without rows, and terms with their descriptions."""
    before = _text_until_link(alone, crowd, forward=False)
    first = alone.getprevious() is None or not any(
        sibling.tag == "a" or crowd[sibling] for sibling in islice(alone.itersiblings(preceding=True), _MOST_SIBLINGS)
    )
    if first and dates.find(before):  # then every date stands before its link
        return dates.find(before)
    after = _text_until_link(alone, crowd, forward=True)
    return None if _NO_ROW.search(after) else dates.find(after)


def _text_until_link(alone: Element, crowd: Counter[Element], *, forward: bool) -> str:
    pieces = [alone.tail or ""] if forward else []
    for sibling in islice(alone.itersiblings(preceding=not forward), _MOST_SIBLINGS):
        if sibling.tag == "a" or crowd[sibling] or not isinstance(sibling.tag, str):
            break
        pieces += [text_of(sibling), (sibling.tail or "") if forward else ""]
    return " ".join(" ".join(pieces)[:LONGEST_TEXT].split())


def _outermost(row: Element, crowd: Counter[Element], company: Counter[Element]) -> Element:
    outer = row
    for parent in islice(row.iterancestors(), _CLIMB):
        if crowd[parent] > _ROW_LINKS or company[parent] > 1 or parent.tag in ("body", "html"):
            break
        outer = parent
    return outer


def _link(element: Element, text: str, date: dates.Found | None, row: Element, outer: Element) -> Link:
    title, target = title_of_link(element, text), target_of(element)
    pinned = date is not None and is_pinned(row, text if element is row else text_of(row))
    is_likely = bool(target) and not is_control(title)
    is_dated = date is not None or (is_likely and dates.in_url(target) is not None)
    is_article = is_likely and _ARTICLE.search(target) is not None
    return Link(element, target, title, date, outer, pinned, is_likely, is_dated, is_article)


def _tells_more(link: Link, known: Link) -> bool:
    if is_control(link.title) or not link.target:
        return is_control(known.title) and not known.target
    if link.target == known.target:  # a title, and the summary under it
        return is_control(known.title) or (
            fullness(link.title) > fullness(known.title) and link.title.startswith(known.title.rstrip(".… ")[:20])
        )
    return is_control(known.title) or not known.target or fullness(link.title) > fullness(known.title)
