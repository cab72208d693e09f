"""A page at a glance: its title, its visible text and whether it is a home page, without a tree of its markup.

The crawler judges every page that it brings, and may spend a millisecond on it; a tree alone costs more than that. So
markup is cut away by linear scans. A glance may be a little wrong about hostile markup; it is used only where few
words, or dozens of links, decide.
"""

import re
from functools import cached_property
from html import unescape
from urllib.parse import urlsplit

from shared.sitenames import is_house_name
from shared.width import narrow

# What these hold is not seen. Each search goes on where the last one ended, so the scan is linear.
_UNSEEN = re.compile(r"<(?:!--|(script|style|noscript|template|textarea|select|title)\b)", re.IGNORECASE)
_ENDS = {
    name: re.compile(f"</{name}[^<>]{{0,40}}>?", re.IGNORECASE)
    for name in ("script", "style", "noscript", "template", "textarea", "select", "title")
}
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_META = re.compile(r"<meta\s([^<>]{0,1000})>", re.IGNORECASE)
_META_NAME = re.compile(r"\bname\s*=\s*[\"']?(\w{1,40})", re.IGNORECASE)
_META_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_HEAD = 20_000

_HOME_LINKS = 60
_LINK = re.compile(r"<a\s[^<>]*>([^<]*)", re.IGNORECASE)
_LOCATED = re.compile(r"当前(所在)?位置|您?现?在的位置|所在位置")
# Not any label: block pages tell the time at which they blocked.
_DATED = re.compile(r"(?:发布|发文|公开|成文|印发)(?:时间|日期|日)?\s?[:\uff1a]\s*(?:<[^<>]{0,100}>\s*)?\d{4}")
_OF_A_NOTICE = ("articletitle", "columnname", "pubdate")
_ROOT = re.compile(r"/?(?:(?:index|default|home|main)\.\w{3,5})?", re.IGNORECASE)


def is_root(url: str) -> bool:
    """Tell whether the address is that of a site itself."""
    parts = urlsplit(url)
    return not parts.query and _ROOT.fullmatch(parts.path) is not None


class Glance:
    """A page's source; everything is worked out once, and only when it is asked for."""

    def __init__(self, source: str) -> None:
        """Look at nothing yet."""
        self.source = source

    @cached_property
    def title(self) -> str:
        """The text of the title element, white space collapsed."""
        found = _TITLE.search(self.source)
        return " ".join(unescape(found[1]).split()) if found else ""

    @cached_property
    def text(self) -> str:
        """The text that a reader would see, white space collapsed."""
        text = _TAG.sub("", self._seen)
        return " ".join((unescape(text) if "&" in text else text).split())

    @cached_property
    def labels(self) -> dict[str, str]:
        """The meta tags of the page's beginning that say something, by name in lower case."""
        labels: dict[str, str] = {}
        for tag in _META.finditer(self.source, 0, _HEAD):
            name, content = _META_NAME.search(tag[1]), _META_CONTENT.search(tag[1])
            if name and content and (told := (content[1] or content[2] or "").strip()):
                labels.setdefault(name[1].lower(), unescape(told))
        return labels

    @cached_property
    def is_article(self) -> bool:
        """Whether the page shows what makes a notice: a label with its title, or a labelled day of publication."""
        named = self.labels.get("articletitle")
        return bool(named and named != self.labels.get("sitename")) or _DATED.search(self._seen) is not None

    @cached_property
    def is_home(self) -> bool:
        """Whether this is the home page of a site: links by the dozen under the site's own name, and no column."""
        if self.source.count("<a ") + self.source.count("<A ") < _HOME_LINKS:
            return False
        if any(name in self.labels for name in _OF_A_NOTICE) or not self._bears_the_sites_name:
            return False
        links = _LINK.findall(self._seen)
        linked = sum(len("".join(words.split())) for words in links)
        inside = self.is_article or _LOCATED.search(self.text)
        return len(links) >= _HOME_LINKS and not inside and linked > 0.3 * len(self.text)

    @property
    def _bears_the_sites_name(self) -> bool:
        plain = "".join(narrow(self.title).split())
        site = "".join(narrow(self.labels.get("sitename", "")).split())
        return bool(plain) and (plain == site or is_house_name(self.title) or "首页" in plain)

    @cached_property
    def _seen(self) -> str:
        """The markup without what is not seen."""
        parts: list[str] = []
        at = 0
        while found := _UNSEEN.search(self.source, at):
            parts.append(self.source[at : found.start()])
            at = self._end_of(found[1], found.end())
        return "".join([*parts, self.source[at:]])

    def _end_of(self, name: str | None, start: int) -> int:
        """Return where the comment (no name) or the element that opened before `start` ends: never before `start`."""
        if name is None:
            end = self.source.find("-->", start)
            return end + 3 if end >= 0 else len(self.source)
        closing = _ENDS[name.lower()].search(self.source, start)
        return closing.end() if closing else len(self.source)
