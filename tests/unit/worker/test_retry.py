"""What an answer means for a delivery: the schedule, the exceptions that Standard Webhooks makes, and giving up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.deliver.retry import Answer, Delivered, Parked, RetryIn, Unsubscribed, judge_answer

MIDDLE = 0.5  # the luck at which jitter is nothing
DAY = 86_400.0
ATTEMPTS = 11


def pause(answer: Answer, attempt: int = 1, luck: float = MIDDLE, scale: float = 1.0) -> float:
    verdict = judge_answer(answer, attempt, luck, scale)
    assert isinstance(verdict, RetryIn)
    return verdict.seconds


def test_the_schedule_lasts_75_hours_35_minutes_and_35_seconds() -> None:
    total = sum(pause(Answer(500), attempt) for attempt in range(1, ATTEMPTS))
    assert total == pytest.approx(75 * 3600 + 35 * 60 + 35)


def test_the_schedule_never_shortens() -> None:
    pauses = [pause(Answer(500), attempt) for attempt in range(1, ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(5)


def test_after_the_last_attempt_the_delivery_is_parked_with_its_reason() -> None:
    verdict = judge_answer(Answer(503), ATTEMPTS, MIDDLE)
    assert verdict == Parked("the endpoint answered 503; 11 attempts failed")


@given(st.integers(1, ATTEMPTS - 1), st.floats(0, 1, exclude_max=True))
def test_jitter_spreads_a_pause_by_a_fifth_at_most(attempt: int, luck: float) -> None:
    planned = pause(Answer(500), attempt)
    assert 0.8 * planned - 1e-6 <= pause(Answer(500), attempt, luck) <= 1.2 * planned + 1e-6


def test_the_whole_schedule_can_be_stretched() -> None:
    assert pause(Answer(500), 3, scale=0.001) == pytest.approx(pause(Answer(500), 3) / 1000)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_delivered(status: int) -> None:
    assert judge_answer(Answer(status), 1, MIDDLE) == Delivered()


@pytest.mark.parametrize("status", [100, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_anything_else_is_tried_again_and_a_redirect_is_no_success(status: int) -> None:
    assert isinstance(judge_answer(Answer(status), 1, MIDDLE), RetryIn)


def test_410_ends_the_subscription() -> None:
    assert judge_answer(Answer(410), 1, MIDDLE) == Unsubscribed()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retry_after_is_obeyed_where_the_standard_says_so(status: int) -> None:
    assert pause(Answer(status, retry_after_seconds=600)) == 600
    assert pause(Answer(status, retry_after_seconds=600), scale=0.001) == 600


@pytest.mark.parametrize("status", [301, 400, 500, 501])
def test_retry_after_means_nothing_elsewhere(status: int) -> None:
    assert pause(Answer(status, retry_after_seconds=600)) == pytest.approx(5)


def test_retry_after_never_shortens_a_pause_nor_asks_for_more_than_a_day() -> None:
    assert pause(Answer(503, retry_after_seconds=1), 4) == pytest.approx(1800)
    assert pause(Answer(503, retry_after_seconds=90 * DAY)) == DAY


def test_an_error_that_cannot_mend_itself_is_parked_at_once() -> None:
    refused = Answer(None, error="the address is private", permanent=True)
    assert judge_answer(refused, 1, MIDDLE) == Parked("the address is private")


def test_no_answer_at_all_is_tried_again_and_told_in_the_end() -> None:
    silent = Answer(None, error="no answer within 15 s")
    assert isinstance(judge_answer(silent, 1, MIDDLE), RetryIn)
    assert judge_answer(silent, ATTEMPTS, MIDDLE) == Parked("no answer within 15 s; 11 attempts failed")


answers = st.builds(
    Answer,
    st.one_of(st.none(), st.integers(100, 599)),
    st.one_of(st.none(), st.floats(0, 1e9)),
    st.one_of(st.none(), st.text()),
    st.booleans(),
)


@given(answers, st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_every_answer_has_a_verdict_and_every_pause_an_end(answer: Answer, attempt: int, luck: float) -> None:
    verdict = judge_answer(answer, attempt, luck)
    assert isinstance(verdict, (Delivered, RetryIn, Parked, Unsubscribed))
    if isinstance(verdict, RetryIn):
        assert 0 < verdict.seconds <= 1.2 * DAY
        assert attempt < ATTEMPTS
