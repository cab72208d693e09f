"""The hours of the week: Beijing's days, weekends and holidays, and weights that average one."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.hours import (
    BINS,
    PRIOR,
    WEEK_HOURS,
    Profile,
    bin_of,
    day_hours,
    hours_at,
    is_rest,
    moment_at,
    profile_of,
)

EXPECTED = profile_of(PRIOR)
MONDAY_MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)  # in Beijing it is the 2nd
moments = st.floats(hours_at(datetime(2024, 1, 1, tzinfo=UTC)), hours_at(datetime(2034, 1, 1, tzinfo=UTC)))
tallies = st.lists(st.floats(0, 1e6), min_size=BINS, max_size=BINS)


def test_the_week_begins_on_mondays_midnight_in_beijing() -> None:
    assert hours_at(MONDAY_MIDNIGHT) % WEEK_HOURS == 0
    assert day_hours(date(2026, 3, 2)) == hours_at(MONDAY_MIDNIGHT)


@given(moments)
def test_a_moment_and_its_hours_are_the_same(hours: float) -> None:
    assert hours_at(moment_at(hours)) == pytest.approx(hours, abs=1e-6)


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        (date(2026, 3, 3), False),
        (date(2026, 3, 7), True),
        (date(2026, 10, 5), True),  # a Monday of the holiday
        (date(2026, 2, 16), True),  # the eve of the lunar year
        (date(2026, 2, 25), False),
    ],
)
def test_weekends_and_holidays_are_rest_days(day: date, rests: bool) -> None:
    assert is_rest(int(day_hours(day) // 24)) is rests
    assert bin_of(int(day_hours(day)) + 10) == (34 if rests else 10)


@given(tallies)
def test_weights_average_one_whatever_was_seen(tally: list[float]) -> None:
    profile = profile_of(tally)
    assert sum(profile.week) == pytest.approx(WEEK_HOURS)
    assert min(profile.weights) > 0


@given(moments, st.floats(0, 400), st.floats(0, 400))
def test_busy_hours_add_up(since: float, one: float, other: float) -> None:
    whole = EXPECTED.busy_hours(since, since + one + other)
    parts = EXPECTED.busy_hours(since, since + one) + EXPECTED.busy_hours(since + one, since + one + other)
    assert whole == pytest.approx(parts, abs=1e-6)


def test_a_holidays_hours_are_a_rest_days() -> None:
    holiday, sunday = day_hours(date(2026, 10, 5)), day_hours(date(2026, 9, 20))
    assert EXPECTED.busy_hours(holiday, holiday + 24) == pytest.approx(EXPECTED.busy_hours(sunday, sunday + 24))
    assert EXPECTED.busy_hours(holiday + 9, holiday + 10) == pytest.approx(EXPECTED.weights[33])


def test_an_ordinary_week_has_as_many_busy_hours_as_hours() -> None:
    begin = day_hours(date(2026, 3, 2))
    assert EXPECTED.busy_hours(begin, begin + WEEK_HOURS) == pytest.approx(WEEK_HOURS)


def test_profiles_differ_by_the_share_that_comes_at_other_hours() -> None:
    assert EXPECTED.distance(EXPECTED) == 0
    morning = Profile((WEEK_HOURS / 5,) + (0.0,) * 47)
    evening = Profile((0.0,) * 23 + (WEEK_HOURS / 5,) + (0.0,) * 24)
    assert morning.distance(evening) == pytest.approx(1)
