"""Where the next page of a listing is: told by a call of a script, by a link, or by a number."""

import re
from collections.abc import Callable

from bs4 import BeautifulSoup, Tag

from crawler.discover.soup import attribute, text_of
from shared.errors import Invalid
from shared.urls import join

_MAX_ANCHORS = 5000
_WORD = r"['\"]([\w./-]{1,200})['\"]"
# Two well-known scripts of one name, told apart by the first argument: (pages, index from 0, name, extension), and
# ('element', pages, number from 1, name, extension, …). Both number their files name_1, name_2, …
_FROM_ZERO = re.compile(rf"createPageHTML\s*\(\s*(\d{{1,6}})\s*,\s*(\d{{1,6}})\s*,\s*{_WORD}\s*,\s*{_WORD}")
_FROM_ONE = re.compile(
    rf"createPageHTML\s*\(\s*['\"][^'\"]{{0,80}}['\"]\s*,\s*['\"]?(\d{{1,6}})['\"]?\s*,\s*['\"]?(\d{{1,6}})['\"]?\s*,"
    rf"\s*{_WORD}\s*,\s*{_WORD}"
)
# Matched against a link's words without any white space.
_NEXT = re.compile(r"[\[【<＜(]*(下一?页|后一?页|next(page)?|后页)[\]】>＞»›)]*|[>»›]", re.IGNORECASE)
_BARE_PATH = re.compile(r"[\w./:%~?&=-]*[./][\w./:%~?&=-]*")
_QUOTED_PATH = re.compile(r"['\"]((?:https?://|/|\.\.?/)?[\w./%~-]{1,300}\.\w{2,6}(?:\?[^'\"\s]{0,200})?)['\"]")
_NUMBER_IN_URL = re.compile(
    r"(?:[_-]|[?&](?:page|pageno|pagenum|pageindex|paging|p|curpage)=)(\d{1,5})(?=\.|&|$)", re.I
)


def next_page(soup: BeautifulSoup, source: str, url: str) -> str | None:
    """Return the canonical URL of the page after this one, if the page tells it.

    `source` is the page's text, scripts and comments included; `soup` the same page, parsed.
    """
    anchors = [(_words(anchor), anchor) for anchor in soup.select("a", limit=_MAX_ANCHORS)]
    ways: tuple[Callable[[], str | None], ...] = (
        lambda: _by_relation(soup),
        lambda: _by_call(source),
        lambda: _by_word(anchors),
        lambda: _by_number(anchors, url),
    )
    for way in ways:
        reference = way()
        if reference is None:
            continue
        try:
            found = join(url, reference)
        except Invalid:
            continue
        if found != join(url, ""):
            return found
    return None


def _by_relation(soup: BeautifulSoup) -> str | None:
    related = soup.select('link[rel~="next" i], a[rel~="next" i]')
    return next((attribute(element, "href") for element in related if _leads(element)), None)


def _by_call(source: str) -> str | None:
    if called := _FROM_ZERO.search(source):
        pages, following = int(called[1]), int(called[2]) + 1
        return f"{called[3]}_{following}.{called[4]}" if following < pages else None
    if called := _FROM_ONE.search(source):
        pages, following = int(called[1]), int(called[2]) + 1
        return f"{called[3]}_{following}.{called[4]}" if following <= pages else None
    return None


def _by_word(anchors: list[tuple[str, Tag]]) -> str | None:
    for words, anchor in anchors:
        if not _NEXT.fullmatch(words or attribute(anchor, "title")[:40].strip()):
            continue
        if _leads(anchor):
            return attribute(anchor, "href")
        # Pagers without href keep the address in another attribute, for a script to pick up.
        for name in ("tagname", "data-href", "data-url"):
            if _BARE_PATH.fullmatch(attribute(anchor, name)[:1000]):
                return attribute(anchor, name)
        if quoted := _QUOTED_PATH.search(attribute(anchor, "onclick")[:1000]):
            return quoted[1]
    return None


def _by_number(anchors: list[tuple[str, Tag]], url: str) -> str | None:
    numbered = _NUMBER_IN_URL.search(url)
    wanted = str(int(numbered[1]) + 1 if numbered else 2)
    return next(
        (attribute(anchor, "href") for words, anchor in anchors if words.strip("[]【】") == wanted and _leads(anchor)),
        None,
    )


def _words(anchor: Tag) -> str:
    return text_of(anchor).replace(" ", "")


def _leads(element: Tag) -> bool:
    href = attribute(element, "href")
    return bool(href) and not href.strip().lower().startswith(("#", "javascript:", "{{"))
