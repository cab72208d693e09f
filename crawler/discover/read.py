"""Reading a listing: its items in their order, where the next page is, and what was odd about it."""

import re
from collections import Counter
from datetime import date

from bs4 import BeautifulSoup, Comment

from crawler.discover import dates
from crawler.discover.calls import Call
from crawler.discover.families import family_of
from crawler.discover.links import Link, fullness, links_of
from crawler.discover.listing import Item, Listing
from crawler.discover.pager import next_page
from crawler.discover.profile import Profile
from crawler.discover.soup import attribute, soup_of
from crawler.page import decode
from shared.errors import Invalid
from shared.legible import legible
from shared.urls import canonical, host_of, join

_SHORTEST_TITLE = 4
_TEMPLATE_ROWS = 3
_NO_ITEM = re.compile(
    r"[\s\d\[\]【】<>＜＞«»‹›.…|]*|首\s?页|上一?页|下一?页|末页|尾页|更多\W*|more\W*|查看(更多|详情|全文)?|详情|详细|返回.{0,6}|下载|附件",
    re.IGNORECASE,
)
# How addresses of single notices look where they carry no date: a long number of their own.
_ARTICLE = re.compile(
    r"/(t\d{8}_\d+|(post|content|art|info|article|detail|show)[_/-]?\d+|\d{6,}|[0-9a-f]{32})[\w-]*(\.s?html?|\.jspx?|/|$)"
    r"|/info/\d+/\d+\.htm|/art/\d{4}/\d{1,2}/\d{1,2}/|/c\d+/\w*\d{5,}/?|[?&](id|articleid|infoid|newsid)=[\w-]{4,}",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{\s*[#/]?\w|<%=?|v-for=|ng-repeat=", re.IGNORECASE)


def read_listing(
    content: bytes,
    url: str,
    content_type: str | None = None,
    *,
    profile: Profile | None = None,
    call: Call | None = None,
    today: date | None = None,
) -> Listing:
    """Read the page at `url`. `today` (when it was fetched) gives the year to dates that are written without one.

    `call` is the request that brought `content`, if it was another than a plain GET of `url`.

    Never raises for what the page holds; raises Invalid if `url` is none.
    """
    url = canonical(url)
    source = decode(content, content_type)
    if not source.strip():
        return Listing(None, (), (), (), (), ("the page is empty",))
    soup, cut = soup_of(source)
    base = _base_of(soup, url)
    links = links_of(soup, base)
    chosen, warnings = _items_among(links), list[str]()
    if cut:
        warnings.append(f"the page is too large: only the start of its {len(source):,} characters was read")
    if not any(link.dated for link in chosen):
        hidden = _links_in_comments(soup, base)
        if hidden:
            chosen = hidden
            warnings.append("the items stand in a comment; the page is filled by a script")
    items = _items(chosen, url, today)
    if not items:
        warnings.append(_why_none(links, source))
    warnings.extend(_foreign(items, url))
    following = next_page(soup, source, base)
    return Listing(family_of(source), (), items, (following,) if following else (), (), tuple(warnings))


def _base_of(soup: BeautifulSoup, url: str) -> str:
    element = soup.select_one("base[href]")
    try:
        return join(url, attribute(element, "href")) if element is not None else url
    except Invalid:
        return url


def _items_among(links: list[Link]) -> list[Link]:
    """Choose the links that are items: those in dated rows; without any, the largest list of article addresses."""
    real = [link for link in links if link.url and len(link.title) >= _SHORTEST_TITLE and not _is_control(link)]
    dated = [link for link in real if link.dated is not None]
    if dated:
        return dated
    likely = [link for link in real if dates.in_url(link.url or "") or _ARTICLE.search(link.url or "")]
    if not likely:
        return []
    shape, _ = Counter(link.shape for link in likely).most_common(1)[0]
    return [link for link in likely if link.shape == shape]


def _is_control(link: Link) -> bool:
    return _NO_ITEM.fullmatch(link.title) is not None


def _links_in_comments(soup: BeautifulSoup, base: str) -> list[Link]:
    """Return the dated rows of the comment that holds most of them: some systems ship the list there for a script."""
    comments = [str(text) for text in soup.find_all(string=True) if isinstance(text, Comment) and "href" in text]
    best: list[Link] = []
    for comment in sorted(comments, key=len, reverse=True)[:5]:
        dated = [link for link in _items_among(links_of(soup_of(comment)[0], base)) if link.dated]
        best = max(best, dated, key=len)
    return best if len(best) > 1 else []


def _items(links: list[Link], url: str, today: date | None) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for link in links:
        if link.url is None or link.url == url:
            continue
        # Entities may spell characters that no reader sees and a terminal obeys.
        title = " ".join(legible(link.title).split())
        item = Item(link.url, title, dates.settle(link.dated, link.url, today))
        known = found.get(link.url)
        if known is None:
            found[link.url] = item
        elif fullness(item.title) > fullness(known.title):
            # A picture and a headline often lead to the same notice; the first place and the fuller title count.
            found[link.url] = Item(link.url, item.title, known.date or item.date)
    return tuple(found.values())


def _why_none(links: list[Link], source: str) -> str:
    templates = sum(1 for link in links if link.url is None and link.dated is not None)
    if templates >= _TEMPLATE_ROWS:
        return f"template: {templates} dated rows without a real URL are no items"
    if _TEMPLATE.search(source) or (not links and "<script" in source.lower()):
        return "the list is filled by a script; no endpoint is named in the page"
    return "no items: nothing on the page looks like a list of notices"


def _foreign(items: tuple[Item, ...], url: str) -> list[str]:
    home = host_of(url)
    hosts = Counter(host_of(item.url) for item in items)
    return [f"{count} items lead to another host: {host}" for host, count in sorted(hosts.items()) if host != home]
