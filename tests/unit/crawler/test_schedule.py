"""When a target is looked at again: listings at their pace, notices ever less often, and what failed yet again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judge import ERRORS, RULES
from crawler.schedule import Budget, Cadence, History, Next, next_visit
from crawler.schedule.visits import SOFT_RULES
from shared.domain.states import Outcome, TargetKind

HOUR, DAY = 3600.0, 86_400.0
CADENCE = Cadence(listing=1800, detail_first=HOUR, detail_last=30 * DAY, gone_again=3 * HOUR)
MIDDLE = 0.5  # the luck that adds and takes nothing


def planned(
    outcome: Outcome, kind: TargetKind = TargetKind.DETAIL, *, page: int = 1, quiet: int = 0, failures: int = 0
) -> Next:
    return next_visit(History(kind, page, outcome, quiet, failures), CADENCE, MIDDLE)


def seconds(outcome: Outcome, kind: TargetKind = TargetKind.DETAIL, *, quiet: int = 0, failures: int = 0) -> float:
    found = planned(outcome, kind, quiet=quiet, failures=failures).seconds
    assert found is not None
    return found


@pytest.mark.parametrize("outcome", [Outcome.CAPTURED, Outcome.UNCHANGED, Outcome.GONE])
def test_a_listing_keeps_its_columns_pace(outcome: Outcome) -> None:
    assert seconds(outcome, TargetKind.LISTING, quiet=50) == pytest.approx(1800)


@pytest.mark.parametrize("outcome", [Outcome.CAPTURED, Outcome.UNCHANGED])
def test_a_later_page_of_a_listing_waits_until_it_is_asked_for(outcome: Outcome) -> None:
    assert planned(outcome, TargetKind.LISTING, page=2).seconds is None


def test_a_later_page_that_failed_is_tried_again() -> None:
    assert planned(Outcome.FAILED, TargetKind.LISTING, page=2, failures=1).seconds == pytest.approx(1800)


def test_a_notice_that_changed_is_looked_at_soon() -> None:
    assert seconds(Outcome.CAPTURED, quiet=0) == pytest.approx(HOUR)


def test_the_pause_doubles_each_time_nothing_changed_up_to_the_last() -> None:
    pauses = [seconds(Outcome.UNCHANGED, quiet=quiet) for quiet in range(1, 14)]
    assert pauses[:4] == pytest.approx([2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR])
    assert pauses[-1] == pytest.approx(30 * DAY)


def test_a_page_that_is_gone_is_visited_often_enough_to_be_sure_and_then_ever_less() -> None:
    pauses = [seconds(Outcome.GONE, quiet=quiet) for quiet in range(20)]
    assert pauses[:4] == pytest.approx([3 * HOUR] * 4)
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(30 * DAY)


PLANNED = Next(777.0, "plan: 0.8 a day, office hours")


@pytest.mark.parametrize("outcome", [Outcome.CAPTURED, Outcome.UNCHANGED, Outcome.GONE])
def test_a_listing_goes_by_the_timetable_where_no_pace_is_set(outcome: Outcome) -> None:
    history = History(TargetKind.LISTING, 1, outcome, 0, 0)
    assert next_visit(history, replace(CADENCE, listing=None), 0.99, PLANNED) == PLANNED
    assert next_visit(history, CADENCE, MIDDLE, PLANNED).seconds == pytest.approx(1800)


def test_without_a_timetable_the_budgets_average_is_a_listings_pace() -> None:
    history = History(TargetKind.LISTING, 1, Outcome.CAPTURED, 0, 0)
    cadence = replace(CADENCE, listing=None, budget=Budget(12, 24))
    assert next_visit(history, cadence, MIDDLE).seconds == pytest.approx(7200)


def test_a_failed_listing_waits_for_no_plan() -> None:
    history = History(TargetKind.LISTING, 1, Outcome.FAILED, 0, 2, "client-error")
    assert next_visit(history, replace(CADENCE, listing=None), MIDDLE, PLANNED).seconds == pytest.approx(7200)


@pytest.mark.parametrize("rule", sorted(SOFT_RULES))
def test_soft_failures_weigh_half(rule: str) -> None:
    soft = [History(TargetKind.DETAIL, 1, Outcome.FAILED, 0, n, rule) for n in (1, 3, 5)]
    pauses = [next_visit(history, CADENCE, MIDDLE) for history in soft]
    assert [pause.seconds for pause in pauses] == pytest.approx([HOUR, 2 * HOUR, 4 * HOUR])
    assert pauses[0].reason == f"after failed, which may pass: {rule}"


def test_soft_rules_are_the_judges() -> None:
    assert {rule.name for rule in RULES} | {rule for _, rule in ERRORS} >= SOFT_RULES


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BLOCKED])
def test_failures_double_the_pause_up_to_a_day(outcome: Outcome) -> None:
    pauses = [seconds(outcome, failures=failures) for failures in range(1, 10)]
    assert pauses[:3] == pytest.approx([HOUR, 2 * HOUR, 4 * HOUR])
    assert pauses[-1] == pytest.approx(DAY)


histories = st.builds(
    History,
    st.sampled_from(TargetKind),
    st.integers(1, 1000),
    st.sampled_from(Outcome),
    st.integers(0, 10**9),
    st.integers(1, 10**9),
)


@given(histories, st.floats(0, 1, exclude_max=True))
def test_no_target_but_a_listings_later_page_is_ever_dropped(history: History, luck: float) -> None:
    after = next_visit(history, CADENCE, luck)
    assert after.reason
    if after.seconds is None:
        assert history.kind is TargetKind.LISTING
        assert history.page > 1
    else:
        assert 0 < after.seconds <= 1.1 * CADENCE.detail_last


@given(histories, st.floats(0, 1, exclude_max=True))
def test_luck_spreads_a_pause_by_a_tenth(history: History, luck: float) -> None:
    fixed, spread = next_visit(history, CADENCE, MIDDLE), next_visit(history, CADENCE, luck)
    assert spread.reason == fixed.reason
    if fixed.seconds is not None:
        assert spread.seconds is not None
        assert 0.9 * fixed.seconds - 1e-6 <= spread.seconds <= 1.1 * fixed.seconds + 1e-6


@given(histories)
def test_what_is_stored_as_the_reason_fits_its_column(history: History) -> None:
    assert len(next_visit(history, CADENCE, MIDDLE).reason) <= 60


def test_a_file_is_looked_at_again_rarely_and_one_that_cannot_be_had_ever_more_so() -> None:
    file = TargetKind.ATTACHMENT
    assert seconds(Outcome.CAPTURED, file) == pytest.approx(DAY)
    assert seconds(Outcome.UNCHANGED, file, quiet=2) == pytest.approx(4 * DAY)
    assert seconds(Outcome.UNCHANGED, file, quiet=20) == pytest.approx(30 * DAY)
    assert seconds(Outcome.FAILED, file, failures=1) == pytest.approx(HOUR)
    assert seconds(Outcome.FAILED, file, failures=30) == pytest.approx(30 * DAY)
    assert seconds(Outcome.GONE, file, quiet=20) == pytest.approx(30 * DAY)


def of_file(outcome: Outcome, *, quiet: int = 0, failures: int = 0) -> float:
    return seconds(outcome, TargetKind.ATTACHMENT, quiet=quiet, failures=failures)


def test_a_file_that_came_is_looked_at_again_after_a_day_and_then_ever_more_rarely() -> None:
    assert of_file(Outcome.CAPTURED) == pytest.approx(DAY)
    pauses = [of_file(Outcome.UNCHANGED, quiet=quiet) for quiet in range(1, 12)]
    assert pauses[:4] == pytest.approx([2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY])
    assert pauses[4:] == pytest.approx([30 * DAY] * 7)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BLOCKED])
def test_a_file_that_did_not_come_is_tried_soon_and_not_for_ever(outcome: Outcome) -> None:
    pauses = [of_file(outcome, failures=failures) for failures in range(1, 14)]
    assert pauses[:4] == pytest.approx([HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR])
    assert pauses[-1] == pytest.approx(30 * DAY)


def test_a_file_that_is_gone_is_asked_for_ever_more_rarely_too() -> None:
    assert of_file(Outcome.GONE) == pytest.approx(HOUR)
    assert of_file(Outcome.GONE, quiet=3) == pytest.approx(8 * HOUR)
    assert planned(Outcome.GONE, TargetKind.ATTACHMENT).reason == "after gone"
