"""The files that a notice links to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote, urlsplit

from shared.legible import legible
from worker.clean.boilerplate import rule_of
from worker.clean.lines import Line, Link
from worker.clean.removed import Removed
from worker.clean.text import key, squeeze
from worker.read.absolute import absolute
from worker.read.document import Attachment

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|dps|ofd|rtf|txt|csv|zip|rar|7z|tar|gz)$", re.IGNORECASE)
_NUMBERED = re.compile(r"附件|附表|附:|[(]?\d{1,2}[.、)]")
_UNSAFE = re.compile("[\x00-\x20\x7f-\x9f]")
_DOWNLOAD = re.compile(r"down(?:load|file)|attach|fujian|accessory|filedown", re.IGNORECASE)
_DOWNLOAD_SCRIPT = re.compile(
    r"/(?:down(?:load)?(?:file|attach)?|filedown(?:load)?|attach(?:ment)?|downattach)\.(?:jspx?|do|action|aspx?|ashx|php)$",
    re.IGNORECASE,
)
# What a click opens, where the link itself leads nowhere.
_OPENED = re.compile(r"(?:window\.open\s*\(|location(?:\.href)?\s*=)\s*[\"']([^\"']{1,1000})[\"']", re.IGNORECASE)
# Taking addresses apart is dear, and most links bear none of these, in lower case.
_HINT = re.compile(
    r"\.pdf|\.doc|\.xls|\.ppt|\.wps|\.et|\.dps|\.ofd|\.rtf|\.txt|\.csv|\.zip|\.rar|\.7z|\.tar|\.gz"
    r"|down|attach|fujian|accessory|%2e"
)
# The same without hosts of that name (www.gz.…, www.fujian.…), for a source in which every link has one.
_SURER_HINT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|dps|ofd|rtf|txt|csv|zip|rar|7z|tar|gz)(?![a-z0-9.])"
    r"|down|attach|fujian(?!\.gov)|accessory|%2e"
)
_LINK = re.compile(r"<(?:[aA]|[iI]?[fF][rR][aA][mM][eE]|[eE][mM][bB][eE][dD])\s[^<]*+(?:<(?!/[aA]\b)[^<]*+)*+")
_GENERIC = frozenset(["下载", "点击下载", "附件下载", "文件下载", "下载附件", "点击查看", "查看", "附件"])
# What ends the neighbourhood of a notice: from here on the page belongs to the site.
_FOOTER_RULES = frozenset(
    ["icp", "police_record", "site_code", "copyright", "sponsor", "related", "prev_next", "site_map"]
)


def attachments_of(body: Sequence[Line], after: Sequence[Line], base: str | None) -> tuple[Attachment, ...]:
    """Collect the files linked in the body and just after it, each address once, in the order of the page."""
    found: dict[str, Attachment] = {}
    for link in _links([*body, *_neighbourhood(after)]):
        if not _HINT.search(f"{link.href} {link.text} {link.title} {link.script}".lower()):
            continue
        url = _absolute(_target(link), base)
        if url and url not in found and _is_file(url, link):
            found[url] = Attachment(url, _title(link, url))
    return tuple(found.values())


def may_go_on(after: Sequence[Line], source: str) -> bool:
    """Tell whether files of a notice may be linked below the lines that follow it, in the source that was not read."""
    if any(rule_of(line.text) in _FOOTER_RULES for line in after):
        return False
    return any(_SURER_HINT.search(link.lower()) for link in _LINK.findall(source))


def is_file_name(text: str) -> bool:
    """Tell whether an address or a link's text ends as the names of files do that notices carry."""
    return _FILE.search(text) is not None


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


def _target(link: Link) -> str:
    href = link.href.strip()
    if href and not href.startswith(("#", "javascript:")):
        return href
    opened = _OPENED.search(link.script) or _OPENED.search(href)
    return opened[1] if opened else href


def _absolute(href: str, base: str | None) -> str | None:
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return None
    address = absolute(base, href)
    if address is None or urlsplit(address).scheme not in ("http", "https", "ftp", ""):
        return None
    return _UNSAFE.sub(lambda found: quote(found[0]), address)


def _is_file(url: str, link: Link) -> bool:
    split = urlsplit(url)
    if _FILE.search(split.path) or _FILE.search(unquote(split.query).rsplit("&", 1)[-1]):
        return True
    # A download script names no file in its address, but then the link's text does, or the script has the name of one.
    named = any(_FILE.search(key(name)) for name in (link.text, link.title))
    if named:
        return bool(_DOWNLOAD.search(url)) or bool(split.query)
    return bool(split.query and link.text) and _DOWNLOAD_SCRIPT.search(split.path) is not None


def _title(link: Link, url: str) -> str:
    """Return what the file is called: what the link says, or else its name; both may spell control characters."""
    own = (link.title, link.text) if key(link.text) in _GENERIC else (link.text, link.title)
    names = (*own, unquote(urlsplit(url).path.rsplit("/", 1)[-1]))
    return next((title for name in names if (title := squeeze(legible(name)))), "")
