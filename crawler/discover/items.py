"""From rows as they are written to items: whole addresses, years where they were left out, each notice once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crawler.discover import dates
from crawler.discover.calls import Call
from crawler.discover.listing import Item
from crawler.discover.profile import Profile
from crawler.discover.titles import fullness
from shared.errors import Invalid
from shared.legible import legible
from shared.urls import host_of, join

Row = tuple[str, str, dates.Found | date | None, bool]
"""Address as written, title, date, pinned."""


@dataclass(frozen=True)
class Asked:
    """What is known besides the content: how it was asked for, and how the column is to be read."""

    url: str
    """Canonical; what the content's addresses are joined to."""
    address: str
    """The same as it was given, with its fragment."""
    call: Call | None
    profile: Profile
    today: date | None


def items_of(rows: Iterable[Row], base: str, asked: Asked) -> tuple[Item, ...]:
    """Return the items of a list's rows, in their order; of rows that lead to one notice, the fuller title counts."""
    joined = [(url, *row[1:]) for row in rows if (url := joined_to(base, row[0])) and url != asked.url]
    joined = [row for row in joined if asked.profile.takes(row[0])]
    days = dates.settle_all([(_found(day), url, pinned) for url, _, day, pinned in joined], asked.today)
    found: dict[str, Item] = {}
    for (url, title, _, pinned), day in zip(joined, days, strict=True):
        # Entities may spell characters that no reader sees and a terminal obeys.
        item = Item(url, " ".join(legible(title).split()), day, pinned)
        known = found.get(url)
        if known is None:
            found[url] = item
        elif fullness(item.title) > fullness(known.title):
            found[url] = Item(url, item.title, known.date or day, known.pinned or pinned)
    return tuple(found.values())


def joined_to(base: str, reference: str) -> str | None:
    """Return the canonical URL that `reference` means on the page `base`; None if it is no page."""
    try:
        return join(base, reference)
    except Invalid:
        return None


def foreign(items: tuple[Item, ...], url: str) -> list[str]:
    """Return a warning for each other host that items lead to."""
    home = host_of(url)
    hosts = Counter(host_of(item.url) for item in items)
    return [f"{count} items lead to another host: {host}" for host, count in sorted(hosts.items()) if host != home]


def _found(day: dates.Found | date | None) -> dates.Found | None:
    return dates.Found(day.year, day.month, day.day, 0, 0) if isinstance(day, date) else day
