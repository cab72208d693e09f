"""Feeds: what Atom (RFC 4287) and JSON Feed 1.1 say of events; complete with archives (RFC 5005). Pure.

An entry is a pure function of its event, so that it is the same in every document; what it quotes comes from pages, and
is text throughout: nothing of it is ever markup.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"
ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
# What XML 1.0 has no characters for (2.2), lone surrogates included.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One event: `id` is a URN, `lines` plain text, `url` where it is found (None: nowhere)."""

    id: str
    title: str
    lines: Sequence[str]
    url: str | None
    author: str
    category: str
    happened_at: datetime


@dataclass(frozen=True)
class Document:
    """A feed document; `links` are addresses by their relation (`self`, `hub`, `current`, `prev-archive` …)."""

    id: str
    title: str
    language: str
    updated_at: datetime
    links: Mapping[str, str]
    entries: Sequence[Entry]
    archive: bool = False
    """Whether it is an archive, which does not change (RFC 5005, 4)."""


def atom(document: Document) -> bytes:
    """Return the document as Atom; entries are by the source that the event is about."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "fh": HISTORY})
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", document.language)
    _add(feed, "id", document.id)
    _add(feed, "title", document.title)
    _add(feed, "updated", _moment(document.updated_at))
    _add(_add(feed, "author"), "name", "noticewire")
    _add(feed, "generator", "noticewire")
    for relation, address in document.links.items():
        kind = {} if relation == "hub" else {"type": ATOM_TYPE}
        _add(feed, "link", rel=relation, href=address, **kind)
    if document.archive:
        etree.SubElement(feed, f"{{{HISTORY}}}archive")
    for one in document.entries:
        _add_entry(feed, one)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def _add_entry(feed: Any, one: Entry) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", one.id)
    _add(entry, "title", one.title)
    _add(entry, "published", _moment(one.happened_at))
    _add(entry, "updated", _moment(one.happened_at))
    _add(_add(entry, "author"), "name", one.author)
    _add(entry, "category", term=one.category)
    if one.url is not None:
        _add(entry, "link", rel="alternate", href=one.url)
    _add(entry, "content", "\n".join(one.lines), type="text")


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", {key: clean(value) for key, value in attributes.items()})
    if text is not None:
        child.text = clean(text)
    return child


def json_feed(document: Document) -> bytes:
    """Return the document as JSON Feed 1.1; what is older is under `next_url`."""
    older = document.links.get("prev-archive")
    hub = document.links.get("hub")
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "feed_url": document.links["self"],
        "language": document.language,
        "authors": [{"name": "noticewire"}],
        **({"next_url": older} if older else {}),
        **({"hubs": [{"type": "WebSub", "url": hub}]} if hub else {}),
        "items": [_item(one) for one in document.entries],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _item(one: Entry) -> dict[str, Any]:
    return {
        "id": one.id,
        **({"url": one.url} if one.url is not None else {}),
        "title": one.title,
        "content_text": "\n".join(one.lines),
        "date_published": _moment(one.happened_at),
        "authors": [{"name": one.author}],
        "tags": [one.category],
    }


def clean(text: str) -> str:
    """Return `text` without what XML has no characters for."""
    return _NO_CHARACTER.sub("\ufffd", text)


def _moment(at: datetime) -> str:
    """Return a time as RFC 3339 has it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
