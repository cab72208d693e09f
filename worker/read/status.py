"""What a page is: a notice, a listing, or one of the many pages that are served in place of a notice.

The rows of the table are tried from top to bottom, and the name of the first that fits is kept. A notice may quote any
phrase, so words decide only where they are nearly all there is, and never against a page that shows what makes a
notice: a label with its title, or a line that says when it was published.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.glance import Glance, is_root
from shared.pagewords import (
    CAPTCHA,
    CHALLENGE,
    LOGIN_TITLE,
    MAINTENANCE,
    NOT_FOUND,
    NOT_FOUND_TITLE,
    PASSWORD,
    WALL,
    WITHDRAWN,
    Where,
    Words,
    error_code,
)
from shared.sitenames import is_site_name
from worker.clean.lines import Line
from worker.clean.text import key, narrow
from worker.read.attachments import is_file_name
from worker.read.document import PageStatus
from worker.read.page import Page

# A whole page may be wrapped around an error; then its place for the body holds next to nothing else.
_SHORT_BODY = 200
_SHORT_TEXT = 120
_BEGINNING = 120
_LONGEST_READ = 2000
_PROSE = 100
_ITEMS = 3
_DAY = re.compile(r"(?:\d{4}[-./年])?\d{1,2}[-./月]\d{1,2}|\d{4}[-./年]\d{1,2}")
_PAGE_END = 4_000
_SENTENCE_ENDS = ("。", ";", "!", "?", ":")  # in half width
_BUFFER = 16_384
_OPEN_PAGE = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_CLOSED_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_DATA = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:datastore|rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE
)
_JSON_LIST = re.compile(r"\A\s*[\[{][^<]{0,2000}?\"(?:url|link|href|title|articles|records|recordset|rows)\"\s*:")
_LIST_SCRIPT = re.compile(
    r"createPageHTML\s*\(|dataproxy\.jsp|jpage|queryData|build/unit|\{\{\s{0,3}#?\s{0,3}each|\{\{\s{0,3}title|v-for\s{0,3}=|ng-repeat\s{0,3}=",
    re.IGNORECASE,
)


class Evidence:
    """A page as far as the rows need it; everything is worked out once, and only when it is asked for."""

    def __init__(self, page: Page, body: Sequence[Line], *, url: str | None, dated: bool, size: int) -> None:
        """Take the page, the lines of its cleaned body, its address, whether it is dated, and its size in bytes."""
        self.page = page
        self.body = body
        self.url = url
        self.dated = dated
        self.size = size
        self.title = page.labels.title or ""

    @cached_property
    def visible(self) -> list[Line]:
        """The visible lines of the page."""
        return [*self.page.before, *self.page.body, *self.page.after]

    @property
    def saw_whole_page(self) -> bool:
        """Whether anything asked for the lines of the whole page."""
        return "visible" in vars(self)

    @cached_property
    def text(self) -> str:
        """The visible text, as much of it as any row of words looks at."""
        return _start(self.visible)

    @cached_property
    def is_article(self) -> bool:
        """Whether the page shows what makes a notice: a label with its title, or a labelled date of publication."""
        labels = self.page.labels
        named = key(labels.get("articletitle") or "")
        others = {key(labels.get(name) or "") for name in ("sitename", "columnname")}
        return self.dated or bool(named and named not in others and not is_site_name(named))

    def says(self, words: Words) -> bool:
        """Tell whether the page, or its place for the body, says this and hardly anything else."""
        if self.is_article:
            return False
        if self.page.is_plain:
            return len(self.text) <= _SHORT_TEXT and words.found_in(self.text, self.text, self.text)
        body = _start(self.page.body)
        if len(body) <= _SHORT_BODY and words.found_in(self.title, body, ""):
            return True
        if not words.found_in(self.title, self.text, self.page.text):
            return False
        # An error says at once what it is; a notice comes to it in time.
        begin = _start([line for line in self.visible if not line.links])[:_BEGINNING]
        return words.where is not Where.TEXT or words.phrases.search(f"{self.title}\n{begin}") is not None

    @cached_property
    def error(self) -> int | None:
        """The status code that the body of a server's error names."""
        if self.is_article or len(self.text) > _SHORT_BODY:
            return None
        return error_code(f"{self.title}\n{self.text}")

    @cached_property
    def prose(self) -> int:
        """How many characters of the body stand in sentences, outside links."""
        lines = [line for line in self.body if not line.links or not _is_item(line)]
        return sum(len(line.text) for line in lines if narrow(line.text).endswith(_SENTENCE_ENDS) or "。" in line.text)

    @cached_property
    def linked(self) -> float:
        """The share of the body's characters that are links to pages."""
        whole = sum(len(line.text) for line in self.body)
        links = sum(len(link.text) for line in self.body for link in line.links if _leads_to_page(link.href, link.text))
        return links / whole if whole else 0.0

    @cached_property
    def items(self) -> int:
        """How many lines of the page are dated links, as in a listing."""
        return sum(1 for line in self.visible if line.links and _is_item(line) and _DAY.search(line.text))

    @cached_property
    def is_linked_up(self) -> bool:
        """Whether the page is made of links, and has no text of its own."""
        if self.is_article and (self.dated or self.prose >= _PROSE):
            return False
        links = sum(len(line.links) for line in self.body)
        listed = self.items >= _ITEMS and self.prose < _PROSE
        return listed or (
            links >= _ITEMS and self.linked > 0.5 and self.prose < max(_PROSE, 0.2 * len(_start(self.body)))
        )

    @cached_property
    def is_home(self) -> bool:
        """Whether this is the home page of a site, as the crawler would say at a glance."""
        return not self.is_article and not self.page.is_plain and Glance(self.page.text).is_home

    @property
    def is_root(self) -> bool:
        """Whether the address is that of the site itself."""
        return self.url is not None and is_root(self.url)


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    rule: str
    status: str
    fits: Callable[[Evidence], bool]


def _is_cut(page: Evidence) -> bool:
    """Tell whether the source ends inside a tag, a comment, a script or a sentence, and never closes the page."""
    source = page.page.text.rstrip()
    if _OPEN_PAGE.search(source[:20_000]) is None or _is_closed(source):
        return False
    if source.rfind("<") > source.rfind(">") or source.rfind("<!--") > source.rfind("-->") or _open_script(source):
        return True
    return not source.endswith(">") and source.count("<div") - source.count("</div") > 1


def _open_script(source: str) -> bool:
    return max(source.rfind("<script"), source.rfind("<style")) > max(source.rfind("</script"), source.rfind("</style"))


def _fills_buffers(page: Evidence) -> bool:
    # Proxies and crippled servers cut at a full buffer; any other page without an end may have been written so.
    source = page.page.text
    full = page.size > 0 and page.size % _BUFFER == 0
    return full and _OPEN_PAGE.search(source[:20_000]) is not None and not _is_closed(source)


def _is_closed(source: str) -> bool:
    # Nearly always at the end, where it is soon found.
    return (_CLOSED_PAGE.search(source[-_PAGE_END:]) or _CLOSED_PAGE.search(source)) is not None


def _is_list_by_script(page: Evidence) -> bool:
    if page.is_article or page.page.is_plain or page.prose >= _PROSE:
        return False
    return (page.linked > 0.5 or len(_start(page.body)) < _PROSE) and _LIST_SCRIPT.search(page.page.text) is not None


# One line a row: the order is the meaning. A changed line wants an example in the tests.
ROWS: tuple[Row, ...] = (
    Row("list_data", "listing", lambda p: _DATA.match(p.page.text) is not None),
    Row("list_json", "listing", lambda p: _JSON_LIST.match(p.page.text[:4000]) is not None and p.error is None),
    Row("challenge_script", "blocked", lambda p: p.says(CHALLENGE)),
    Row("challenge_captcha", "blocked", lambda p: p.says(CAPTCHA)),
    Row("login_wall", "blocked", lambda p: p.says(LOGIN_TITLE) and p.says(PASSWORD)),
    Row("cut_at_full_buffer", "truncated", _fills_buffers),
    Row("cut_inside_markup", "truncated", _is_cut),
    Row("withdrawn", "gone", lambda p: p.says(WITHDRAWN) and not p.says(NOT_FOUND)),
    Row("error_410", "gone", lambda p: p.error == 410),
    Row("not_found_title", "soft_404", lambda p: p.says(NOT_FOUND_TITLE)),
    Row("not_found", "soft_404", lambda p: p.says(NOT_FOUND)),
    Row("error_400", "soft_404", lambda p: p.error in (400, 404, 414)),
    Row("block_page", "blocked", lambda p: p.says(WALL)),
    Row("error_4xx", "blocked", lambda p: p.error is not None and p.error < 500),
    Row("maintenance", "maintenance", lambda p: p.says(MAINTENANCE)),
    Row("error_5xx", "maintenance", lambda p: p.error is not None),
    Row("site_root", "listing", lambda p: p.is_root and not p.is_article and not p.page.is_plain),
    Row("home_page", "soft_404", lambda p: p.is_home),
    Row("link_list", "listing", lambda p: p.is_linked_up),
    Row("list_by_script", "listing", _is_list_by_script),
    Row("article", "notice", lambda p: p.is_article),
    Row("plain_text", "notice", lambda p: p.page.is_plain),
    Row("text", "notice", lambda _: True),
)


def status_of(evidence: Evidence) -> PageStatus:
    """Return what the page is, by the first row that fits."""
    row = next(row for row in ROWS if row.fits(evidence))
    return PageStatus(row.status, row.rule)


def _start(lines: Sequence[Line]) -> str:
    """Join lines until there are more characters than any row looks at."""
    texts: list[str] = []
    left = _LONGEST_READ
    for line in lines:
        if left < 0:
            break
        texts.append(line.text)
        left -= len(line.text) + 1
    return " ".join(texts)


def _is_item(line: Line) -> bool:
    """Tell whether a line is hardly more than links to pages."""
    linked = sum(len(link.text) for link in line.links if _leads_to_page(link.href, link.text))
    return linked > 0 and len(line.text) - linked <= max(14, 0.3 * len(line.text))


def _leads_to_page(href: str, text: str) -> bool:
    return bool(text) and not is_file_name(href) and not is_file_name(text)
