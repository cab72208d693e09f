"""A token may ask so many times a minute, also all at once; time gives the right back."""

from hypothesis import given
from hypothesis import strategies as st

from services.api.meter import MOST_BUCKETS, Allowance


def test_a_minute_of_requests_may_come_at_once_and_no_more() -> None:
    allowance = Allowance(3)
    assert [allowance.take("a", 0.0).allowed for _ in range(4)] == [True, True, True, False]
    standing = allowance.take("a", 0.0)
    assert (standing.remaining, standing.retry_seconds, standing.full_in_seconds) == (0, 20, 60)
    assert allowance.take("b", 0.0).remaining == 2
    assert allowance.take("a", 20.0).allowed


def test_tokens_without_number_fill_no_memory() -> None:
    allowance = Allowance(1)
    for number in range(MOST_BUCKETS + 5):
        allowance.take(str(number), 0.0)
    assert len(allowance._buckets) <= MOST_BUCKETS


@given(st.integers(1, 100), st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_twice_a_minutes_share_in_any_minute_and_waiting_always_helps(
    per_minute: int, pauses: list[float]
) -> None:
    allowance, now, passed = Allowance(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        standing = allowance.take("a", now)
        if standing.allowed:
            passed.append(now)
        else:
            now += standing.retry_seconds
            assert allowance.take("a", now).allowed
            passed.append(now)
    assert all(sum(1 for at in passed if start <= at < start + 60) <= 2 * per_minute + 1 for start in passed)
