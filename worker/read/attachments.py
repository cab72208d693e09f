"""The files that a notice links to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote, urljoin, urlsplit

from shared.legible import legible
from worker.clean.boilerplate import rule_of
from worker.clean.lines import Line, Link
from worker.clean.removed import Removed
from worker.clean.text import key, squeeze
from worker.read.document import Attachment

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|dps|ofd|rtf|txt|csv|zip|rar|7z|tar|gz)$", re.IGNORECASE)
_NUMBERED = re.compile(r"附件|附表|附:|[(]?\d{1,2}[.、)]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_DOWNLOAD = re.compile(r"down(?:load|file)|attach|fujian|accessory|filedown", re.IGNORECASE)
# What ends the neighbourhood of a notice: from here on the page belongs to the site.
_FOOTER_RULES = frozenset(
    ["icp", "police_record", "site_code", "copyright", "sponsor", "related", "prev_next", "site_map"]
)


def attachments_of(body: Sequence[Line], after: Sequence[Line], base: str | None) -> tuple[Attachment, ...]:
    """Collect the files linked in the body and just after it, each address once, in the order of the page."""
    found: dict[str, Attachment] = {}
    for link in _links([*body, *_neighbourhood(after)]):
        url = _absolute(link.href.strip(), base)
        if url and url not in found and _is_file(url, link):
            found[url] = Attachment(url, _title(link, url))
    return tuple(found.values())


def part_files(lines: Sequence[Line]) -> tuple[list[Line], list[Removed]]:
    """Part the text from the bare links to files that end it (`….pdf`): these are attachments, not a paragraph.

    A line that the notice itself numbers, or calls 附件, is one of its paragraphs and stays.
    """
    at = len(lines)
    while at and _is_bare_file(lines[at - 1]):
        at -= 1
    return list(lines[:at]), [Removed("attachment_link", line.text) for line in lines[at:]]


def _is_bare_file(line: Line) -> bool:
    text = key(line.text)
    linked = bool(line.links) and text == key("".join(link.text for link in line.links))
    return linked and _FILE.search(text) is not None and _NUMBERED.match(text) is None


def _links(lines: Iterable[Line]) -> Iterator[Link]:
    for line in lines:
        yield from line.links


def _neighbourhood(after: Sequence[Line]) -> Iterator[Line]:
    for line in after:
        if rule_of(line.text) in _FOOTER_RULES:
            return
        yield line


def _absolute(href: str, base: str | None) -> str | None:
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return None
    try:
        url = _CONTROL.sub(lambda found: quote(found[0]), urljoin(base, href) if base else href)
        return url if urlsplit(url).scheme in ("http", "https", "ftp", "") else None
    except ValueError:  # a bracketed host that is no address
        return None


def _is_file(url: str, link: Link) -> bool:
    split = urlsplit(url)
    if _FILE.search(split.path) or _FILE.search(unquote(split.query).rsplit("&", 1)[-1]):
        return True
    # A download script names no file in its address, but then the link's text does.
    named = any(_FILE.search(key(name)) for name in (link.text, link.title))
    return named and (bool(_DOWNLOAD.search(url)) or bool(split.query))


def _title(link: Link, url: str) -> str:
    """Return what the file is called: what the link says, or else its name; both may spell control characters."""
    names = (link.text, link.title, unquote(urlsplit(url).path.rsplit("/", 1)[-1]))
    return next((title for name in names if (title := squeeze(legible(name)))), "")
