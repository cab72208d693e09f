"""What is learned of a column: its rate, whatever it is, and the hours that it keeps."""

import json
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.schedule.habit import MEMORY, Habit, first_seen, observed, restored, stored, weekly_tally
from crawler.schedule.hours import PRIOR, bin_of, day_hours, profile_of

EXPECTED = profile_of(PRIOR)
MONDAY = day_hours(date(2026, 3, 2))
EVEN = profile_of([5.0] * 24 + [2.0] * 24)


def watched(per_day: float, days: int, *, habit: Habit | None = None, seed: int = 1) -> Habit:
    """Look at noon of each day at a column of so many notices a day."""
    rng, known = Random(seed), habit or Habit(looked_at=MONDAY)
    begin = known.looked_at or MONDAY
    due = rng.expovariate(per_day)
    for day in range(1, days + 1):
        new = 0
        while due < day:
            new, due = new + 1, due + rng.expovariate(per_day)
        known = observed(known, new, begin + 24.0 * day, EVEN)
    return known


@pytest.mark.parametrize("per_day", [0.05, 0.5, 3.0, 8.0])
def test_the_rate_is_learned(per_day: float) -> None:
    assert 24 * watched(per_day, 400).rate == pytest.approx(per_day, rel=0.4)


def test_what_a_new_column_is_taken_for_is_soon_forgotten() -> None:
    assert 24 * Habit().rate == pytest.approx(0.5)
    assert 24 * watched(8.0, 3).rate > 3
    assert 24 * watched(0.02, 60).rate < 0.1


def test_a_rate_that_changed_is_learned_anew() -> None:
    busy = watched(5.0, 60)
    assert 24 * watched(0.5, 120, habit=busy).rate == pytest.approx(0.5, rel=0.5)


def test_a_burst_does_not_count_in_full() -> None:
    quiet = watched(0.2, 100)
    burst = observed(quiet, 500, (quiet.looked_at or 0) + 24, EVEN)
    assert burst.rate < 4 * quiet.rate


def test_time_in_which_a_column_could_not_be_read_is_no_silence() -> None:
    known = watched(2.0, 60)
    at, news_at = known.looked_at or 0, known.news_at or 0
    back = observed(known, 0, at + 240, EVEN, unread_since=at + 24)
    assert back.quiet == pytest.approx(known.quiet + 24)
    assert back.news_at == pytest.approx(news_at + 216)
    assert back.chance_of_quiet > observed(known, 0, at + 240, EVEN).chance_of_quiet
    # What it published meanwhile came in all that time.
    assert observed(known, 9, at + 240, EVEN, unread_since=at + 24) == observed(known, 9, at + 240, EVEN)


def test_a_silence_lowers_the_rate_and_ends_with_the_first_news() -> None:
    known = watched(2.0, 60)
    silent = observed(known, 0, (known.looked_at or 0) + 240, EVEN)
    assert silent.rate < known.rate
    assert silent.quiet == pytest.approx(known.quiet + 240)
    assert observed(silent, 1, (silent.looked_at or 0) + 1, EVEN).quiet == 0


def test_a_holiday_is_hardly_a_silence() -> None:
    begin = day_hours(date(2026, 10, 1))
    known = Habit(40, 400, 0, begin, begin)
    over = observed(known, 0, begin + 7 * 24, EXPECTED)
    usual = observed(known._replace(looked_at=begin - 21 * 24), 0, begin - 14 * 24, EXPECTED)
    assert over.quiet < usual.quiet / 3


def test_news_count_for_the_hours_that_they_may_have_come_in() -> None:
    known = Habit(looked_at=MONDAY + 9)
    seen = observed(known, 4, MONDAY + 11, EVEN)
    assert seen.tally[9] == pytest.approx(2)
    assert seen.tally[10] == pytest.approx(2)
    assert sum(seen.tally) == pytest.approx(4)


def test_news_after_a_long_pause_tell_no_hour() -> None:
    assert sum(observed(Habit(looked_at=MONDAY), 4, MONDAY + 96, EVEN).tally) == 0


def test_a_first_listings_dates_tell_its_pace() -> None:
    now = day_hours(date(2026, 3, 30)) + 12
    days = [day_hours(date(2026, 3, day)) for day in range(1, 29)]
    assert 24 * first_seen(days, now, EVEN).rate == pytest.approx(1, rel=0.3)


@pytest.mark.parametrize("days", [[], [MONDAY], [MONDAY] * 20, [MONDAY + 999 * 24.0] * 3])
def test_dates_that_tell_nothing_teach_nothing(days: list[float]) -> None:
    assert first_seen(days, MONDAY + 30, EVEN) == Habit(looked_at=MONDAY + 30, begun_at=MONDAY + 30)


looks = st.lists(st.tuples(st.floats(-5, 2000), st.integers(0, 10**6)), max_size=60)


@settings(max_examples=50)
@given(looks)
def test_whatever_is_seen_leaves_a_habit_that_can_be_kept_and_planned_by(pauses: list[tuple[float, int]]) -> None:
    known, now = Habit(), MONDAY
    for pause, new in pauses:
        now += pause
        known = observed(known, new, now, EXPECTED)
    assert known.rate > 0
    assert known.notices <= MEMORY
    assert min(known.quiet, known.hours, *known.tally) >= 0
    kept = restored(json.loads(json.dumps(stored(known))))
    assert kept.rate == pytest.approx(known.rate, rel=1e-2)
    assert kept.news_at == pytest.approx(known.news_at) if known.news_at else kept.news_at is None


def test_no_habit_is_restored_from_nothing() -> None:
    assert restored(None) == Habit()


def test_hours_of_a_rest_day_are_counted_apart() -> None:
    saturday = MONDAY + 5 * 24
    seen = observed(Habit(looked_at=saturday + 9), 1, saturday + 9.9, EVEN)
    assert seen.tally[bin_of(int(saturday) + 9)] == pytest.approx(1)
    assert seen.tally[9] == 0


def test_hours_are_learned_of_whole_weeks_and_as_if_those_were_ordinary() -> None:
    tally = tuple([5.0] * 24 + [2.0] * 24)
    begun = Habit(looked_at=MONDAY + 167, begun_at=MONDAY, tally=tally)
    assert weekly_tally(begun) is None
    assert weekly_tally(begun._replace(looked_at=MONDAY + 168)) == pytest.approx(tally)
    friday = weekly_tally(begun._replace(looked_at=MONDAY + 168 + 120))
    assert friday is not None
    assert friday[24] == pytest.approx(2 * friday[0] * 2 / 5)
