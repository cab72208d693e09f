"""Feeds and sitemaps: RSS, Atom, JSON Feed; sitemaps, their indexes and their compressed and plain forms."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice

import lxml.etree
from lxml.etree import _Element as Element

from crawler.discover import dates
from shared.domain.zones import CHINA

MOST_ENTRIES = 50_000  # of one sitemap, by its protocol
MOST_BYTES = 50 * 1024 * 1024
_MOST_RATIO, _FREE_BYTES = 200, 1024 * 1024
# What may stand before the root: a declaration, comments, instructions.
_ROOT = re.compile(
    r"\s*(?:<\?[^>]{0,500}\?>\s*|<!--.{0,2000}?-->\s*){0,5}"
    r"<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex|!doctype)\b([^>]{0,300})",
    re.IGNORECASE | re.DOTALL,
)
_FEED_TYPE = re.compile(r"\s*(?:rss|feed|rdf|urlset|sitemapindex)\b", re.IGNORECASE)
_LINE = re.compile(r"https?://\S+")
_REFERENCE = re.compile(rb"&#(?:x0{0,99}(d[89a-f][0-9a-f]{2})|0{0,99}(5[5-7][0-9]{3}))(?![0-9a-f])", re.IGNORECASE)


@dataclass
class Entries:
    """What a feed or sitemap lists, in its order."""

    family: str
    rows: list[tuple[str, str, date | None]] = field(default_factory=list)
    """Address as written, title (empty in sitemaps), date."""
    next: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def gunzipped(content: bytes) -> tuple[bytes, bool]:
    """Return what a gzip file holds, and whether its end was left out, for size or because it is broken."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    bound = min(MOST_BYTES, max(_FREE_BYTES, _MOST_RATIO * len(content)))
    try:
        unpacked = unpacker.decompress(content, bound)
    except zlib.error:
        return b"", True
    return unpacked, not unpacker.eof


def is_feed(text: str) -> bool:
    """Say whether a text is XML of a feed or sitemap, or declares to be."""
    root = _ROOT.match(text[:8000])
    return root is not None and (root[1].lower() != "!doctype" or _FEED_TYPE.match(root[2]) is not None)


def read_feed(content: bytes) -> Entries:
    """Read RSS, Atom or a sitemap; one that declares a document type is refused unread."""
    if b"<!doctype" in content[:20_000].lower() or b"<!entity" in content.lower():
        return Entries("xml", warnings=["the XML declares a document type (DTD) or entities: refused, and not read"])
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = lxml.etree.fromstring(_without_halves(content[:MOST_BYTES]), parser)
    except (lxml.etree.LxmlError, ValueError):
        root = None
    if root is None:
        return Entries("xml", warnings=["the XML is broken: nothing could be read"])
    name = _name(root)
    if name in ("urlset", "sitemapindex"):
        return _sitemap(root, name)
    return _feed(root, name)


def _without_halves(content: bytes) -> bytes:
    """Replace references to surrogates, which are no characters: libxml2 recovers them as bytes that are no UTF-8."""

    def character(reference: re.Match[bytes]) -> bytes:
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        return b"&#xFFFD" if 0xD800 <= code <= 0xDFFF else reference[0]

    return _REFERENCE.sub(character, content)


def lines_of_addresses(text: str) -> Entries | None:
    """Read the plain form of a sitemap, one address a line; None if the text is no such thing."""
    if not text[:200].lstrip("\ufeff \r\n").startswith("http"):
        return None
    lines = [line.strip() for line in islice(text.splitlines(), MOST_ENTRIES) if line.strip()]
    if len(lines) < 2 or not all(_LINE.fullmatch(line) for line in lines):
        return None
    return Entries("sitemap", [(line, "", dates.in_url(line)) for line in lines])


def day_of(text: str) -> date | None:
    """Return the day of a date as feeds write it (RFC 822, RFC 3339), as it was in China where a time is given."""
    text = text.strip()[:80]
    try:
        moment = parsedate_to_datetime(text) if text[:1].isalpha() or "," in text else datetime.fromisoformat(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        found = dates.find(text)
        return dates.settle(found, "", None) if found else None
    if moment.tzinfo is None:
        return moment.date()
    try:
        return moment.astimezone(CHINA).date()
    except OverflowError:
        return None


def _feed(root: Element, name: str) -> Entries:
    found = Entries("atom" if name == "feed" else "rss")
    for entry in islice(_named(root, "item", "entry"), MOST_ENTRIES):
        told = _told(entry)
        address = told.get("link") or (told.get("guid", "") if told.get("guid", "").startswith("http") else "")
        day = next(
            (day for key in ("pubdate", "published", "date", "updated") if (day := day_of(told.get(key, "")))), None
        )
        if address:
            found.rows.append((address, told.get("title", ""), day))
    for link in islice(_named(root, "link"), 200):
        if link.get("rel") == "next" and link.get("href"):
            found.next.append(str(link.get("href")))
    return found


def _sitemap(root: Element, name: str) -> Entries:
    found = Entries("sitemap" if name == "urlset" else "sitemap-index")
    for entry in islice(_named(root, "url", "sitemap"), MOST_ENTRIES):
        told = _told(entry)
        address = told.get("loc", "")
        if not address:
            continue
        if name == "sitemapindex":
            found.next.append(address)
            continue
        day = day_of(told.get("publication_date", "")) or dates.in_url(address) or day_of(told.get("lastmod", ""))
        found.rows.append((address, told.get("title", ""), day))
    return found


def _told(entry: Element) -> dict[str, str]:
    """Return the texts of an entry by name, the first of each; of links, the one to the page itself."""
    told: dict[str, str] = {}
    for inner in islice(entry.iterdescendants(), 200):
        name = _name(inner)
        if name == "link" and inner.get("href"):
            if inner.get("rel", "alternate") == "alternate":
                told.setdefault("link", str(inner.get("href")))
            continue
        if name and inner.text and inner.text.strip():
            told.setdefault(name, inner.text.strip())
    return told


def _named(root: Element, *names: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) in names)


def _name(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
