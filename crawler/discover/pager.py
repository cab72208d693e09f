"""Where the next page of a listing is: told by a call of a script, by a link, or by a number."""

import re
from collections.abc import Callable
from itertools import islice

from lxml.etree import _Element as Element

from crawler.discover.links import target_of
from crawler.discover.tree import attribute, text_of
from shared.errors import Invalid
from shared.urls import join

_MAX_ANCHORS = 5000
_WORD = r"['\"]([\w./-]{1,200})['\"]"
# Two well-known scripts of one name, told apart by the first argument: (pages, index from 0, name, extension), and
# ('element', pages, number from 1, name, extension, items). Both number their files name_1, name_2, …
_FROM_ZERO = re.compile(rf"createPageHTML\s*\(\s*(\d{{1,6}})\s*,\s*(\d{{1,6}})\s*,\s*{_WORD}\s*,\s*{_WORD}")
_FROM_ONE = re.compile(
    rf"createPageHTML\s*\(\s*['\"][^'\"]{{0,80}}['\"]\s*,\s*['\"]?(\d{{1,6}})['\"]?\s*,\s*['\"]?(\d{{1,6}})['\"]?\s*,"
    rf"\s*{_WORD}\s*,\s*{_WORD}(?:\s*,\s*['\"]?(\d{{1,7}}))?"
)
_CALL = re.compile(r"createPageHTML\s*\(\s*(\d{1,6}|['\"][^'\"]{0,80}['\"])")
# EasySite's field to jump to a page: (element, 'pages', 'page', 'address with %1 for the number').
_JUMP = re.compile(
    r"jumpTo(?:Page)?\([^'\"]{0,40}['\"](\d{1,6})['\"]\s*,\s*['\"](\d{1,6})['\"]\s*,\s*['\"]([^'\"\s]{1,300})['\"]"
)
_TOTALS = (
    re.compile(r"总记录数\s*[:：]?\s*(\d{1,7})"),
    re.compile(r"totalRecord['\"]?\s*[:=]\s*['\"]?(\d{1,7})"),
    re.compile(r"共(?:有|计)?\s*(?:<[^<>]{1,60}>)?\s*(\d{1,7})\s*(?:</\w+>)?\s*条"),
)  # fmt: skip
# Matched against a link's words without any white space.
_NEXT = re.compile(r"[\[【<＜(]*(下一?页|后一?页|next(page)?|后页)[\]】>＞»›)]*|[>»›]", re.IGNORECASE)
_BARE_PATH = re.compile(r"[\w./:%~?&=-]*[./][\w./:%~?&=-]*")
_QUOTED_PATH = re.compile(r"['\"]((?:https?://|/|\.\.?/)?[\w./%~-]{1,300}\.\w{2,6}(?:\?[^'\"\s]{0,200})?)['\"]")
_NUMBER_IN_URL = re.compile(
    r"(?:[_-]|[?&](?:page|pageno|pagenum|pageindex|paging|p|curpage)=|/list(?=\d)|/(?=\d{1,2}\.html))(\d{1,5})(?=\.|&|$)",
    re.IGNORECASE,
)


def next_page(tree: Element, source: str, url: str) -> str | None:
    """Return the canonical URL of the page after this one, if the page tells it.

    `source` is the page's text, scripts and comments included; `tree` the same page, parsed.
    """
    anchors = [(_words(anchor), anchor) for anchor in islice(tree.iter("a"), _MAX_ANCHORS)]
    ways: tuple[Callable[[], str | None], ...] = (
        lambda: _by_relation(tree),
        lambda: _by_call(source),
        lambda: _by_word(anchors),
        lambda: _by_jump(source),
        lambda: _by_number(anchors, url),
    )
    here = join(url, "")
    for way in ways:
        reference = way()
        if reference is None:
            continue
        try:
            found = join(url, reference)
        except Invalid:
            continue
        if found != here:
            return found
    return None


def pager_call(source: str) -> str:
    """Return the call that draws the links to other pages, without its later arguments; empty where there is none."""
    start = source.find("createPageHTML")
    called = _CALL.search(source, start) if start >= 0 else None
    return f"createPageHTML({called[1]}" if called else ""


def total_in(source: str) -> int | None:
    """Return how many items the whole list has, if the page says so."""
    if (called := _FROM_ONE.search(source, max(0, source.find("createPageHTML")))) and called[5]:
        return int(called[5])
    return next((int(found[1]) for form in _TOTALS if (found := form.search(source))), None)


def _by_relation(tree: Element) -> str | None:
    related = (element for element in tree.iter("link", "a") if "next" in attribute(element, "rel").lower().split())
    return next((target for element in related if (target := target_of(element))), None)


def _by_call(source: str) -> str | None:
    start = source.find("createPageHTML")
    if start < 0:
        return None
    if called := _FROM_ZERO.search(source, start):
        pages, following = int(called[1]), int(called[2]) + 1
        return f"{called[3]}_{following}.{called[4]}" if following < pages else None
    if called := _FROM_ONE.search(source, start):
        pages, following = int(called[1]), int(called[2]) + 1
        return f"{called[3]}_{following}.{called[4]}" if following <= pages else None
    return None


def _by_word(anchors: list[tuple[str, Element]]) -> str | None:
    for words, anchor in anchors:
        if not _NEXT.fullmatch(words or attribute(anchor, "title")[:40].strip()):
            continue
        if target := target_of(anchor):
            return target
        # Pagers without href keep the address in another attribute, for a script to pick up.
        tagname = attribute(anchor, "tagname")[:1000]
        if _BARE_PATH.fullmatch(tagname):
            return tagname
        if quoted := _QUOTED_PATH.search(attribute(anchor, "onclick")[:1000]):
            return quoted[1]
    return None


def _by_jump(source: str) -> str | None:
    start = source.find("jumpTo")
    jump = _JUMP.search(source, start) if start >= 0 else None
    if jump is None or "%1" not in jump[3] or int(jump[2]) >= int(jump[1]):
        return None
    return jump[3].replace("%1", str(int(jump[2]) + 1))


def _by_number(anchors: list[tuple[str, Element]], url: str) -> str | None:
    numbered = _NUMBER_IN_URL.search(url)
    wanted = str(int(numbered[1]) + 1 if numbered else 2)
    return next((t for words, a in anchors if words.strip("[]【】") == wanted and (t := target_of(a))), None)


def _words(anchor: Element) -> str:
    """Return the words of a link without white space; of one with more in it than a pager's, none."""
    text = anchor.text or ""
    if len(text) > 60 and not text.isspace():
        return ""
    return (text_of(anchor) if len(anchor) else text).replace("\xa0", "").replace(" ", "").strip()
