"""What a listing shows, as values: its items, and where the list goes on."""

import datetime
from dataclasses import dataclass

from crawler.discover.calls import Call


@dataclass(frozen=True)
class Item:
    """One link of a listing: a notice's canonical URL, its whole title, and its date where one is told."""

    url: str
    title: str
    date: datetime.date | None
    pinned: bool = False
    """Held at the top by hand, so that the order of dates says nothing of it."""


@dataclass(frozen=True)
class Listing:
    """What a listing shows; without items there is a warning that says why."""

    family: str | None
    evidence: tuple[str, ...]
    """What was seen, and where, that tells how the page was read."""
    items: tuple[Item, ...]
    next: tuple[str, ...]
    """URLs of the following pages; the first is the next page."""
    requests: tuple[Call, ...]
    """The calls by which the list must be asked for instead, its first page first; where a page brought its first rows
    along, or the snapshot was itself brought by a call, the next one."""
    warnings: tuple[str, ...]
    feeds: tuple[str, ...] = ()
    total: int | None = None
    """How many items the whole list has, where the page tells it."""
    container: str | None = None
    """The block that the items stand in: `tag.class` or `#id`."""
