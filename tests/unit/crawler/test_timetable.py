"""The priced timetable: looks go where and when news are likely, within the budget, and no column is forgotten."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.schedule import Budget, Habit, Timetable
from crawler.schedule.hours import PRIOR, Profile, day_hours, moment_at, profile_of
from crawler.schedule.plan import plan_for, step_of

OFFICE = profile_of(PRIOR)
EVEN = Profile((1.0,) * 48)
MONDAY = day_hours(date(2026, 3, 2))
WEEKS = 3
SPREAD = [0.02, 0.1, 0.3, 1.0, 3.0, 10.0]


def habit(per_day: float) -> Habit:
    return Habit(per_day * 1e6 / 24, 1e6)


def table(rates: list[float], budget: Budget, profile: Profile = OFFICE) -> Timetable:
    return Timetable([habit(rate) for rate in rates], budget, profile)


def looks_of(timetable: Timetable, per_day: float, name: str = "col") -> list[float]:
    """Return the hours, after the first week, at which a column is looked at."""
    at, looks = MONDAY, []
    while at < MONDAY + WEEKS * 168:
        seconds = timetable.next_look(habit(per_day), name, moment_at(at)).seconds
        assert seconds is not None
        at += seconds / 3600
        looks.append(at)
    return [look for look in looks if look > MONDAY + 168]


def test_where_every_hour_is_alike_the_pause_is_the_root_of_twice_the_patience() -> None:
    for patience in (2.0, 8.0, 50.0):
        plan = plan_for(step_of(patience), EVEN, 168)
        assert 168 / plan.looks == pytest.approx((2 * patience) ** 0.5, rel=0.1)


@pytest.mark.parametrize("looks_a_day", [2.0, 6.0, 24.0])
def test_the_price_keeps_to_the_budget(looks_a_day: float) -> None:
    timetable = table(SPREAD, Budget(looks_a_day, 72))
    made = sum(len(looks_of(timetable, rate)) for rate in SPREAD) / len(SPREAD) / 14
    assert made == pytest.approx(looks_a_day, rel=0.15)


def test_busy_columns_are_looked_at_more_often() -> None:
    timetable = table(SPREAD, Budget(6, 72))
    counts = [len(looks_of(timetable, rate)) for rate in SPREAD]
    assert counts == sorted(counts)
    assert counts[-1] > 5 * counts[0]


def test_looks_are_made_when_offices_publish() -> None:
    looks = looks_of(table([3.0], Budget(12, 72)), 3.0)
    office = [look for look in looks if look % 168 < 120 and 8 <= look % 24 <= 19]
    assert len(office) > 0.6 * len(looks)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 200), st.floats(0, 26 * 168), st.sampled_from([1, 24, 72]), st.text(max_size=5))
def test_no_column_is_left_alone_for_longer_than_the_limit(rate: float, hours: float, longest: int, name: str) -> None:
    after = table(SPREAD, Budget(1, longest)).next_look(habit(rate), name, moment_at(MONDAY + hours))
    assert after.seconds is not None
    assert 60 < after.seconds <= longest * 3600
    assert len(after.reason) <= 60


def test_columns_with_one_plan_do_not_come_together() -> None:
    timetable = table([1.0], Budget(6, 24))
    times = {looks_of(timetable, 1.0, f"col_{n}")[0] for n in range(20)}
    assert len(times) == 20


def test_a_plan_is_kept_whenever_the_look_came() -> None:
    """A look that comes late within its slot does not move the next."""
    timetable = table([0.1], Budget(1, 72))
    due = looks_of(timetable, 0.1)[0]
    early = timetable.next_look(habit(0.1), "col", moment_at(due + 0.01)).seconds
    late = timetable.next_look(habit(0.1), "col", moment_at(due + 0.5)).seconds
    assert early is not None
    assert late is not None
    assert early - late == pytest.approx(0.49 * 3600, abs=1)


def test_the_reason_says_the_pace_and_the_hour() -> None:
    timetable = table([0.8], Budget(6, 24))
    assert timetable.next_look(habit(0.8), "c", moment_at(MONDAY + 10)).reason == "plan: 0.8 a day, office hours"
    assert timetable.next_look(habit(0.8), "c", moment_at(MONDAY + 3)).reason == "plan: 0.8 a day, quiet hours"
    slow = table([3.0], Budget(6, 24)).next_look(habit(0.001), "c", moment_at(MONDAY))
    assert slow.reason == "plan: 0.001 a day, at least every 24 h"


def test_without_columns_there_is_a_timetable_too() -> None:
    assert table([], Budget()).next_look(Habit(), "c", moment_at(MONDAY)).seconds


def test_a_budget_that_the_longest_pause_exceeds_is_spent_on_that() -> None:
    assert len(looks_of(table(SPREAD, Budget(0.01, 24)), 0.02)) == pytest.approx(14, abs=1)
