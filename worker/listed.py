"""Whether a column's listing still shows a notice: purely, by what its last looks covered.

A listing shows the newest notices; older ones roll off its first page and are still up. So a notice that is not shown
is absent only where the look covered its day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shared.domain.states import Ailment, Outcome

READ_WRONGLY = {Ailment.BLOCKED, Ailment.DRIFTED}
"""What a column may have of which one cannot tell what it shows."""


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


class Doubt(StrEnum):
    """Why a page that is gone may be the site's doing; the values name the rules by which nothing is told yet."""

    COLUMN_AILS = "gone-while-its-column-ails"
    """Its column is blocked or has drifted."""
    SIBLING_AILS = "gone-while-a-sibling-ails"
    """Another column of its source is, or has."""
    CROWD = "gone-with-many-others"
    """Many notices of its column went at once."""


class Company(NamedTuple):
    """Notices of a column that went with one of them, and how many there are to compare with, these included."""

    gone: int
    of: int

    @property
    def is_crowd(self) -> bool:
        """Tell whether so many do not go at once but with a redesign or an outage: above 3, and a third of all."""
        return self.gone > MOST_AT_ONCE and self.gone > MOST_SHARE * self.of


MOST_AT_ONCE = 3
"""A publisher takes down few at once (a duplicate, a wrong batch), and of a small column three may be half."""
MOST_SHARE = 1 / 3


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


def doubt_of(own: Collection[str], siblings: Collection[str], companies: Iterable[Company]) -> Doubt | None:
    """Return what speaks against a withdrawal: what is wrong with its column, with its source's others, or too many.

    `own` and `siblings` are open episodes' kinds. A silence is none of these: it is the publisher's.
    """
    if set(own) & READ_WRONGLY:
        return Doubt.COLUMN_AILS
    if any(company.is_crowd for company in companies):
        return Doubt.CROWD
    return Doubt.SIBLING_AILS if set(siblings) & READ_WRONGLY else None
