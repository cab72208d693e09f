"""Whether a column's listing still shows a notice: purely, by what its last looks covered.

A listing shows the newest notices; older ones roll off its first page and are still up. So a notice that is not shown
is absent only where the look covered its day.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.states import Outcome


class Place(StrEnum):
    """What its column's listing says of a notice whose page is gone."""

    LISTED = "listed"
    """It was shown after the page was first found gone."""
    ABSENT = "absent"
    """A look covered its day and did not show it."""
    BEYOND = "beyond"
    """No look that can be trusted covered its day."""
    UNKNOWN = "unknown"
    """The listing was not read since, or is blocked or failing."""


@dataclass(frozen=True)
class Listing:
    """What is known of a column's listing, and of a notice on it."""

    outcome: str | None
    """Of the last visit to its first page."""
    looked_at: datetime | None
    """When its first page was last read, changed or not."""
    listed_at: datetime | None
    """When its links were last recorded."""
    covered_from: str | None
    """The look that recorded them showed all that is newer than this day (ISO 8601)."""
    whole: bool
    """That look ended with the listing itself, and showed every other notice that is known and up: none rolls off."""
    warned: bool
    """Whether something was odd about it."""
    shown_at: datetime | None
    """When a listing last showed the notice's link."""
    day: str | None
    """The day that the listing gives for the notice."""


def place_of(listing: Listing, gone_since: datetime) -> Place:
    """Return what the listing says of a notice whose page was found gone at `gone_since` and ever since."""
    if listing.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED):
        return Place.UNKNOWN
    if listing.looked_at is None or listing.listed_at is None or listing.looked_at < gone_since:
        return Place.UNKNOWN
    if listing.shown_at is None:
        return Place.BEYOND
    # What the first page showed is shown still when the page has not changed.
    shown_at = listing.looked_at if listing.shown_at == listing.listed_at else listing.shown_at
    if shown_at >= gone_since:
        return Place.LISTED
    dated = listing.day is not None and listing.covered_from is not None and listing.day > listing.covered_from
    absent = (dated or listing.whole) and not listing.warned and listing.shown_at < listing.listed_at
    return Place.ABSENT if absent else Place.BEYOND
