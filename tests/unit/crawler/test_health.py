"""What is wrong with a column is judged by its own habit: silence, drift and blocks, and their ends."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.health import (
    NO_LINKS,
    USUAL_LOOKS,
    Look,
    Reading,
    Shape,
    Unread,
    judge_health,
    missed_by,
    oddity_of,
    pattern_of,
    reading_of,
    reshaped,
    restored_shape,
    restored_unread,
    shows_list,
    stored_shape,
    stored_unread,
    unread_after,
)
from crawler.schedule import OFFICE_HOURS, Habit, day_hours
from shared.domain.states import Ailment, Outcome

MONDAY = day_hours(date(2026, 3, 2))
USUAL = Reading(20, 1.0, ("gov.example/a/t0_0/html",))
UNKNOWN, WELL = Habit(), Shape(USUAL)


def look(outcome: Outcome = Outcome.UNCHANGED, habit: Habit = UNKNOWN, shape: Shape = WELL) -> Look:
    return Look(outcome, "test", habit, shape, MONDAY)


def unread(outcome: Outcome, hours: float, *, visits: int = 9, missed: float = 0.0) -> Look:
    """Return a look at a column whose list was not to be had for so long."""
    return Look(outcome, "test", UNKNOWN, WELL, MONDAY, Unread(MONDAY - hours, visits), missed, 503)


def quiet(days: float, *, batches: float = 20, per_day: float = 1.0) -> Habit:
    hours = 24 * batches / per_day
    return Habit(batches, hours, 24 * days, MONDAY - 24 * days, MONDAY, None, batches)


def test_a_column_that_is_quiet_for_far_longer_than_its_habit_is_silent() -> None:
    found = judge_health(look(habit=quiet(15))).found
    assert list(found) == [Ailment.SILENT]
    assert found[Ailment.SILENT]["quiet_days"] == 15
    assert found[Ailment.SILENT]["notices_a_day"] == 1
    assert 0 < found[Ailment.SILENT]["chance"] < 1e-4


def test_a_column_that_was_first_looked_at_a_moment_ago_is_not_yet_called_silent() -> None:
    archive = quiet(600)._replace(begun_at=MONDAY - 1)
    assert not judge_health(look(habit=archive)).found
    assert Ailment.SILENT in judge_health(look(habit=archive._replace(begun_at=MONDAY - 73))).found


@pytest.mark.parametrize(
    "habit",
    [
        quiet(5),
        quiet(60, per_day=0.1),  # a slow column
        quiet(1000, batches=0.5),  # one that little is known of
        quiet(2, per_day=20),  # a busy one, for a weekend
        Habit(),
    ],
)
def test_what_is_not_unusual_is_no_silence(habit: Habit) -> None:
    assert not judge_health(look(habit=habit)).found


def test_news_end_a_silence_and_nothing_else_does() -> None:
    assert Ailment.SILENT in judge_health(look(habit=quiet(0))).gone
    assert Ailment.SILENT not in judge_health(look(habit=quiet(1))).gone


@pytest.mark.parametrize(
    ("now", "odd"),
    [
        (Reading(0, 0, ()), NO_LINKS),
        (Reading(3, 1, USUAL.patterns), "3 links where there were 20"),
        (Reading(20, 0, USUAL.patterns), "links without dates where they had some"),
        (
            Reading(20, 1, ("gov.example/b/",)),
            "other addresses: gov.example/b/ where there was gov.example/a/t0_0/html",
        ),
        (Reading(9, 0.5, USUAL.patterns), None),
        (USUAL, None),
    ],
)
def test_a_listing_is_odd_where_it_reads_otherwise_than_usual(now: Reading, odd: str | None) -> None:
    assert oddity_of(USUAL, now) == odd


def test_a_first_listing_that_is_empty_is_odd_and_any_other_is_the_usual_one() -> None:
    assert oddity_of(None, Reading(0, 0, ())) == NO_LINKS
    assert reshaped(Shape(), USUAL) == Shape(USUAL)


def test_two_odd_looks_are_a_drift_and_one_is_none() -> None:
    once = reshaped(Shape(USUAL), Reading(0, 0, ()))
    assert not judge_health(look(Outcome.CAPTURED, shape=once)).found
    twice = reshaped(once, None)
    found = judge_health(look(shape=twice)).found
    shown = {"usual_links": 20, "usual_dated": 1.0, "links": 0, "dated": 0.0}
    assert found[Ailment.DRIFTED] == {"oddity": NO_LINKS, "looks": 2} | shown
    assert Ailment.DRIFTED in judge_health(look(shape=reshaped(twice, USUAL))).gone


def test_a_redesign_that_reads_well_becomes_usual_and_an_empty_listing_never_does() -> None:
    shape = empty = Shape(USUAL)
    other = Reading(20, 1, ("gov.example/b/",))
    for _ in range(USUAL_LOOKS):
        shape, empty = reshaped(shape, other), reshaped(empty, Reading(0, 0, ()))
    assert shape == Shape(other)
    assert empty.oddity == NO_LINKS


def test_a_drifted_listing_is_not_silent_too() -> None:
    shape = Shape(USUAL, 2, NO_LINKS)
    assert list(judge_health(look(habit=quiet(100), shape=shape)).found) == [Ailment.DRIFTED]


def test_a_block_counts_when_it_lasts() -> None:
    assert not judge_health(unread(Outcome.BLOCKED, 2, visits=2)).found
    found = judge_health(unread(Outcome.BLOCKED, 2, visits=3)).found
    since = "2026-03-01T14:00:00+00:00"
    assert found == {Ailment.BLOCKED: {"rule": "test", "visits": 3, "since": since, "status": 503, "missed": 0.0}}
    assert Ailment.BLOCKED in judge_health(look()).gone


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.GONE])
@pytest.mark.parametrize(
    ("hours", "visits", "missed", "told"),
    [
        (23, 9, 50.0, False),  # mended overnight
        (25, 9, 3.1, True),
        (25, 2, 3.1, False),
        (100, 9, 2.9, False),  # a slow column: hardly anything was missed
        (169, 9, 0.1, True),
    ],
)
def test_a_column_that_cannot_be_read_is_told_when_by_its_habit_something_was_missed(
    outcome: Outcome, hours: float, visits: int, missed: float, told: bool
) -> None:
    verdict = judge_health(unread(outcome, hours, visits=visits, missed=missed))
    assert (Ailment.BLOCKED in verdict.found) is told
    assert not verdict.gone


def test_a_holiday_in_which_a_column_cannot_be_read_makes_it_miss_little() -> None:
    busy, saturday = quiet(0, per_day=4), MONDAY - 48
    over_the_weekend = missed_by(Unread(saturday, 3), busy, MONDAY, OFFICE_HOURS)
    assert over_the_weekend < 3 < missed_by(Unread(MONDAY, 3), busy, MONDAY + 48, OFFICE_HOURS)
    assert missed_by(None, busy, MONDAY, OFFICE_HOURS) == 0


def test_a_look_that_brings_no_list_counts_whatever_it_was() -> None:
    empty = Shape(USUAL, 1, NO_LINKS)
    assert shows_list(Outcome.CAPTURED, 3, empty)
    assert shows_list(Outcome.UNCHANGED, 0, WELL)
    assert not shows_list(Outcome.UNCHANGED, 0, empty)
    assert not shows_list(Outcome.CAPTURED, 0, WELL)
    assert not shows_list(Outcome.GONE, 0, WELL)
    once = unread_after(None, MONDAY)
    assert unread_after(once, MONDAY + 5) == Unread(MONDAY, 2)
    assert restored_unread(json.loads(json.dumps(stored_unread(once)))) == once
    assert restored_unread(stored_unread(None)) is None


def test_a_pattern_is_an_address_without_what_differs_from_notice_to_notice() -> None:
    one, other = "https://gov.example/a/202603/t20260304_12.html", "https://gov.example/a/202511/t20251130_7.html"
    assert pattern_of(one) == pattern_of(other) != pattern_of("https://gov.example/b/202511/t20251130_7.html")


@given(st.lists(st.text(max_size=80).map(lambda path: f"https://gov.example/{path}"), max_size=30), st.integers(0, 30))
def test_any_listing_has_a_shape_that_can_be_kept(urls: list[str], dated: int) -> None:
    reading = reading_of(urls, min(dated, len(urls)))
    shape = reshaped(Shape(USUAL), reading)
    assert restored_shape(json.loads(json.dumps(stored_shape(shape)))) == shape
    assert restored_shape(None) == Shape()
