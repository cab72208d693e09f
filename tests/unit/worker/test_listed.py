"""What a listing says of a notice, place by place; and how far a look at it reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discover.coverage import covered_from
from worker.listed import Listing, Place, place_of

GONE = datetime(2026, 5, 8, 12, tzinfo=UTC)
BEFORE, AFTER = GONE - timedelta(hours=1), GONE + timedelta(hours=1)
ABSENT = Listing("captured", AFTER, AFTER, "2026-04-01", False, False, BEFORE, "2026-05-01")


@pytest.mark.parametrize(
    ("listing", "place"),
    [
        (ABSENT, Place.ABSENT),
        (replace(ABSENT, outcome="unchanged"), Place.ABSENT),
        (replace(ABSENT, outcome="blocked"), Place.UNKNOWN),
        (replace(ABSENT, outcome=None), Place.UNKNOWN),
        (replace(ABSENT, looked_at=BEFORE), Place.UNKNOWN),
        (replace(ABSENT, listed_at=None), Place.UNKNOWN),
        (replace(ABSENT, shown_at=None), Place.BEYOND),
        (replace(ABSENT, shown_at=AFTER), Place.LISTED),
        (replace(ABSENT, listed_at=BEFORE), Place.LISTED),  # shown by a first page that has not changed since
        (replace(ABSENT, listed_at=BEFORE, shown_at=BEFORE + timedelta(minutes=1)), Place.BEYOND),  # by a further page
        (replace(ABSENT, warned=True), Place.BEYOND),
        (replace(ABSENT, day=None), Place.BEYOND),
        (replace(ABSENT, covered_from=None), Place.BEYOND),
        (replace(ABSENT, day=None, whole=True), Place.ABSENT),
        (replace(ABSENT, whole=True, warned=True), Place.BEYOND),
        (replace(ABSENT, day="2026-04-01"), Place.BEYOND),  # others of that day may stand on the next page
    ],
)
def test_a_listing_proves_an_absence_only_where_it_was_read_since_and_covers_the_day(
    listing: Listing, place: Place
) -> None:
    assert place_of(listing, GONE) is place


@pytest.mark.parametrize(
    ("days", "reached"),
    [
        (["2026-05-03", "2026-05-02", "2026-05-02", "2026-05-01"], "2026-05-01"),
        (["2025-01-01", "2024-06-01", "2026-05-03", "2026-05-02", "2026-05-01"], "2026-05-01"),  # two are pinned
        (["2026-05-03", None, "2026-05-01", "2026-05-09"], "2026-05-01"),  # another list beside
        (["2026-05-01", "2026-05-02", "2026-05-03"], "2026-05-01"),
        ([None, None], None),
        ([], None),
    ],
)
def test_a_page_covers_what_is_newer_than_the_last_day_of_its_longest_falling_run(
    days: list[str | None], reached: str | None
) -> None:
    assert covered_from(days) == reached
