"""What a listing says of a notice, place by place; and how far a look at it reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discover.coverage import covered_from
from shared.domain.states import Ailment
from worker.listed import Company, Doubt, Listing, Place, doubt_of, place_of

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


@pytest.mark.parametrize(
    ("gone", "of", "is_crowd"), [(3, 3, False), (4, 4, True), (4, 11, True), (4, 12, False), (0, 0, False)]
)
def test_more_than_three_and_a_third_at_once_are_a_crowd(gone: int, of: int, is_crowd: bool) -> None:
    assert Company(gone, of).is_crowd is is_crowd


@pytest.mark.parametrize(
    ("own", "siblings", "company", "doubt"),
    [
        ([], [], Company(1, 20), None),
        ([Ailment.DRIFTED], [Ailment.DRIFTED], Company(20, 20), Doubt.COLUMN_AILS),
        ([Ailment.BLOCKED], [], Company(1, 20), Doubt.COLUMN_AILS),
        ([Ailment.SILENT], [Ailment.SILENT], Company(1, 20), None),  # the publisher's own
        ([], [Ailment.BLOCKED], Company(1, 20), Doubt.SIBLING_AILS),
        ([], [Ailment.BLOCKED], Company(20, 20), Doubt.CROWD),
    ],
)
def test_what_ails_the_site_speaks_against_a_withdrawal(
    own: list[str], siblings: list[str], company: Company, doubt: Doubt | None
) -> None:
    assert doubt_of(own, siblings, [Company(0, 0), company]) is doubt
