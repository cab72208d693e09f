"""Dates: what is told on which day, by the clocks of China, and what is told no more when the day has come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import (
    COMMENT_WINDOW_CLOSED,
    COMMENT_WINDOW_CLOSING,
    COMMENT_WINDOW_OPENED,
    COMMITMENT_DUE,
    COMMITMENT_OVERDUE,
    EVENT_TYPES,
)
from shared.domain.states import FINISHED
from worker.dates import Known, day_of, due_at, judge, of_promise, of_window, offsets, shifted

DAY = "2026-06-30"


@pytest.mark.parametrize(
    ("moment", "day"), [("2026-06-29T15:59:59Z", "2026-06-29"), ("2026-06-29T16:00:00Z", "2026-06-30")]
)
def test_a_day_begins_at_midnight_in_china(moment: str, day: str) -> None:
    assert day_of(datetime.fromisoformat(moment)) == day
    assert due_at(DAY, datetime.min.replace(tzinfo=UTC)) == datetime(2026, 6, 29, 16, tzinfo=UTC)


def test_what_was_first_read_later_was_to_be_told_then() -> None:
    read = datetime(2026, 6, 30, 3, tzinfo=UTC)
    assert due_at(DAY, read) == read


@pytest.mark.parametrize(("now", "told"), [("2026-06-30T15:59:59Z", True), ("2026-06-30T16:00:00Z", False)])
def test_a_day_that_had_passed_when_it_was_read_is_not_told(now: str, told: bool) -> None:
    at = datetime.fromisoformat(now)
    assert list(of_promise(DAY, at)) == ([(COMMITMENT_DUE, DAY), (COMMITMENT_OVERDUE, DAY)] if told else [])
    ends = [(COMMENT_WINDOW_CLOSING, DAY), (COMMENT_WINDOW_CLOSED, DAY)]
    assert list(of_window("2026-06-01", DAY, at)) == (ends if told else [])


@pytest.mark.parametrize("day", [None, "", "2026-02-30", "20260630", "2026-6-30", "soon"])
def test_what_is_no_day_is_not_told(day: str | None) -> None:
    assert list(of_promise(day, datetime(2020, 1, 1, tzinfo=UTC))) == []


def test_a_promise_is_due_on_its_last_day_and_overdue_on_the_next() -> None:
    told_on = {kind: shifted(DAY, days) for kind, days in offsets(closing_days=3).items()}
    assert told_on == {
        COMMITMENT_DUE: "2026-06-30",
        COMMITMENT_OVERDUE: "2026-07-01",
        COMMENT_WINDOW_OPENED: "2026-06-30",
        COMMENT_WINDOW_CLOSING: "2026-06-27",
        COMMENT_WINDOW_CLOSED: "2026-07-01",
    }
    assert set(told_on) < set(EVENT_TYPES)


@pytest.mark.parametrize(
    ("kind", "known", "told", "rule"),
    [
        (COMMITMENT_DUE, Known(DAY), True, "day-arrived"),
        (COMMITMENT_DUE, Known(DAY, "staged"), True, "day-arrived"),
        (COMMITMENT_DUE, Known(DAY, "completed"), False, "finished"),
        (COMMITMENT_OVERDUE, Known(DAY, "in_progress"), True, "day-passed-unfinished"),
        (COMMITMENT_OVERDUE, Known(DAY, "completed_sustained"), False, "finished"),
        (COMMITMENT_OVERDUE, Known("2026-12-31"), False, "another-day"),
        (COMMITMENT_DUE, Known(None), False, "no-longer-said"),
        (COMMENT_WINDOW_OPENED, Known(DAY), True, "day-arrived"),
        (COMMENT_WINDOW_CLOSED, Known(DAY), True, "day-passed"),
        (COMMENT_WINDOW_CLOSED, Known(DAY, state="withdrawn"), False, "withdrawn"),
        (COMMENT_WINDOW_CLOSING, Known(DAY, opens_on="2026-06-27"), True, "day-near"),
        (COMMENT_WINDOW_CLOSING, Known(DAY, opens_on="2026-06-28"), False, "short-window"),
    ],
)
def test_only_what_is_still_so_is_told(kind: str, known: Known, told: bool, rule: str) -> None:
    assert judge(kind, DAY, shifted(DAY, offsets(3)[kind]), known) == (told, rule)


@given(st.dates(), st.integers(-30, 30), st.sampled_from([None, *FINISHED, "staged"]))
def test_no_day_is_out_of_the_calendar_and_finished_work_is_never_late(day: object, days: int, status: str) -> None:
    assert shifted(str(day), days)
    assert not (judge(COMMITMENT_OVERDUE, str(day), str(day), Known(str(day), status)).told and status in FINISHED)


@given(st.integers(0, 100 * 365 * 86400), st.integers(0, 400))
def test_a_day_is_entered_exactly_if_it_has_not_ended(seconds: int, days: int) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    today = day_of(now)
    assert list(of_promise(shifted(today, days), now))
    assert not list(of_promise(shifted(today, -days - 1), now))
    assert due_at(today, now - timedelta(days=2)) <= now < due_at(shifted(today, 1), now)
