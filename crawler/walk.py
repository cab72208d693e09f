"""When a walk through the older pages of a listing is over, and how a listing's dates are ordered: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

Shown = Sequence[tuple[date | None, bool]]
"""The dates of a listing's items in its order, each with whether the page says that it is pinned."""

NO_ITEMS = "a page without items"
SEEN = "a page that was shown before"
OLDER = "older than wished"
LIMIT = "as many pages as wished"
END = "the last page"
GONE = "the next page is gone"
FORBIDDEN = "robots.txt forbids it"
FAILED = "too many failures in a row"


@dataclass(frozen=True)
class Walk:
    """How far a walk is before a page: what was wished, and what was shown so far."""

    pages_read: int
    pages: int
    """Most pages to read."""
    since: date | None
    seen: Sequence[str]
    """The marks of the pages so far."""


def ended_by(walk: Walk, shown: Shown, mark: str, *, goes_on: bool) -> str | None:
    """Return why the walk is over with this page, which is already counted as read; None if it goes on."""
    if not shown:
        return NO_ITEMS
    # Pagers that know no end show their last page, or their first, for whatever number is asked.
    if mark in walk.seen:
        return SEEN
    if walk.since is not None and _is_past(walk.since, unpinned(shown)):
        return OLDER
    if walk.pages_read + 1 >= walk.pages:
        return LIMIT
    return None if goes_on else END


def _is_past(since: date, days: Sequence[date]) -> bool:
    """Tell whether most of a page is older: one odd date, at whichever end, must neither stop a walk nor prolong it."""
    return 2 * sum(day < since for day in days) > len(days)


def mark_of(urls: Sequence[str]) -> str:
    """Return a short mark that two pages share only if they show the same items."""
    return sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16]


def unpinned(shown: Shown) -> list[date]:
    """Return the dates of items that follow their listing's order, which is newest first.

    An item above a newer one is held there by hand, whether or not the page says so.
    """
    kept: list[date] = []
    newest_below = date.min
    for day, pinned in reversed(shown):
        if day is None or pinned:
            continue
        if day >= newest_below:
            kept.append(day)
            newest_below = day
    return kept[::-1]
