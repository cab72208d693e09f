"""The document: what a snapshot says once it is cleaned and read; the same bytes give the same value for ever."""

from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import cast

from worker.clean.removed import Removed
from worker.read.ledger.values import NoticeLedger

__all__ = ["SCHEMA_VERSION", "Attachment", "Document", "File", "Hints", "PageStatus", "Removed"]

SCHEMA_VERSION = 1
"""Of the JSON that `as_json` writes (document.schema.json); raised when a field changes its meaning or goes away."""


@dataclass(frozen=True)
class File:
    """What is known of an attachment beyond its name."""

    status: str  # read (it has text), no_text or not_fetched
    reason: str | None = None  # why it has no text, or was not fetched
    digest: str | None = None  # SHA-256 of its bytes
    size: int | None = None  # in bytes
    type: str | None = None  # what it is by its content: pdf, docx, doc, xlsx, xls, zip, image …


@dataclass(frozen=True)
class Attachment:
    """A file that the notice links to; the address is absolute wherever the page's own address is known."""

    url: str
    title: str
    file: File | None = None  # None where nobody asked for files; in JSON, its fields stand beside the others


@dataclass(frozen=True)
class Hints:
    """What the listing said about the link to this page: evidence, used where the page itself says nothing."""

    title: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class PageStatus:
    """What the page is, and the rule that decided."""

    status: str  # notice, listing, gone, soft_404, blocked, maintenance, truncated or unreadable
    rule: str


@dataclass(frozen=True)
class Document:
    """One page, read. Names as in the JSON that `as_json` writes, where the ledger's fields stand beside the others."""

    page: PageStatus
    title: str | None
    site_name: str | None
    column: str | None
    source: str | None
    author: str | None
    url: str | None
    language: str | None
    published_at: str | None  # ISO 8601 with +08:00 where a time is given, else a date
    published_at_from: str | None  # visible_line, url, meta_pub_date, meta_other or listing
    body: str  # one paragraph per line; a table row is one line, its cells joined by one space
    removed: tuple[Removed, ...]
    attachments: tuple[Attachment, ...]
    parts: tuple[str, ...]  # addresses of the further pages of an article that goes on over several
    ledger: NoticeLedger
    encoding: str
    replacement_share: float  # of all characters, 0 to 1
    container: str | None  # the rule that found the body; None for plain text
    body_from_attachment: int | None = None  # whose text the body is, from 1, where the page has none; else left out

    def as_json(self) -> dict[str, object]:
        """Return plain dicts, lists, strings and numbers, keys in the order of the fields."""
        plain = cast(dict[str, object], _plain(self))
        ledger = cast(dict[str, object], plain.pop("ledger"))
        for attachment in cast(list[dict[str, object]], plain["attachments"]):
            attachment |= cast(dict[str, object], attachment.pop("file") or {})
        if self.body_from_attachment is None:
            del plain["body_from_attachment"]
        return (
            {"schema_version": SCHEMA_VERSION, "page": plain.pop("page"), "kind": ledger.pop("kind")} | plain | ledger
        )


@lru_cache(maxsize=64)
def _names(kind: type) -> tuple[tuple[str, str], ...]:
    """Return the fields of a kind of value, by the name in the JSON and the attribute; none where it has none."""
    # A trailing underscore keeps a name clear of Python's own words.
    return tuple((field.name.rstrip("_"), field.name) for field in fields(kind)) if is_dataclass(kind) else ()


def _plain(value: object) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if names := _names(type(value)):  # type: ignore[arg-type]  # a class can be hashed, which mypy doubts
        return {name: _plain(getattr(value, attribute)) for name, attribute in names}
    return value
