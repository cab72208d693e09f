"""The document: what a snapshot says once it is cleaned and read; the same bytes give the same value for ever."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from worker.clean.removed import Removed

__all__ = ["Attachment", "Document", "Hints", "Removed"]


@dataclass(frozen=True)
class Attachment:
    """A file that the notice links to; the address is absolute wherever the page's own address is known."""

    url: str
    title: str


@dataclass(frozen=True)
class Hints:
    """What the listing said about the link to this page: evidence, used where the page itself says nothing."""

    title: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Document:
    """One page, read. Names as in the JSON that `as_json` writes."""

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
    encoding: str
    replacement_share: float  # of all characters, 0 to 1
    container: str | None  # the rule that found the body; None for plain text

    def as_json(self) -> dict[str, object]:
        """Return plain dicts, lists, strings and numbers, keys in the order of the fields."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Document":
        """Rebuild the document that `as_json` wrote; a missing key raises KeyError."""
        fields = {name: stored[name] for name in cls.__dataclass_fields__}
        fields["removed"] = tuple(Removed(**cut) for cut in stored["removed"])
        fields["attachments"] = tuple(Attachment(**file) for file in stored["attachments"])
        return cls(**fields)


def _plain(value: object) -> object:
    return list(cast(tuple[object, ...], value)) if isinstance(value, tuple) else value
