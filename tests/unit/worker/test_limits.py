"""Limits of requests: fair shares of threads, and the strictest word on requests a minute."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from worker.deliver.limits import Want, burst, next_request_at, rate_of, shares

NOW = datetime(2026, 3, 4, tzinfo=UTC)
WANTS = st.lists(
    st.builds(Want, st.sampled_from("abcdef"), st.integers(0, 9), st.integers(1, 9)), unique_by=lambda w: w.name
)


@given(WANTS, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3)), st.integers(1, 12))
def test_nobody_gets_more_than_half_more_than_it_wants_or_more_than_there_is(
    wants: list[Want], under_way: dict[str, int], threads: int
) -> None:
    given_out = shares(wants, under_way, threads)
    assert sum(given_out.values()) <= max(0, threads - sum(under_way.values()))
    for want in wants:
        count = given_out.get(want.name, 0)
        assert count <= want.count
        assert count == 0 or count + under_way.get(want.name, 0) <= min(want.most, max(1, threads // 2))


@given(WANTS, st.integers(2, 12))
def test_no_thread_is_idle_while_somebody_may_have_it(wants: list[Want], threads: int) -> None:
    left = threads - sum(shares(wants, {}, threads).values())
    room = sum(min(one.count, one.most, max(1, threads // 2)) for one in wants)
    assert left == max(0, threads - room)


def test_turns_go_round() -> None:
    assert shares([Want("a", 9, 9), Want("b", 9, 9), Want("c", 1, 9)], {}, 5) == {"a": 2, "b": 2, "c": 1}


def test_the_strictest_word_counts_and_without_consent_it_is_one_a_minute() -> None:
    assert rate_of(consented=True, allowed=None, wanted=None) is None
    assert rate_of(consented=True, allowed=120, wanted=60) == 60
    assert rate_of(consented=True, allowed=30, wanted=60) == 30
    assert rate_of(consented=False, allowed=30, wanted=60) == 1


@given(st.integers(1, 60_000), st.integers(1, 50))
def test_a_minute_never_holds_more_than_its_rate_and_one_burst(rate: int, rounds: int) -> None:
    at, begun = NOW, list[datetime]()
    for _ in range(rounds):
        count = burst(rate)
        assert count is not None
        begun += [at] * count
        following = next_request_at(rate, count, at)
        assert following is not None
        at = following
    within = [one for one in begun if one - NOW < timedelta(minutes=1)]
    assert len(within) <= rate + (burst(rate) or 0)


def test_without_a_limit_nothing_is_written_ahead() -> None:
    assert burst(None) is None
    assert next_request_at(None, 5, NOW) is None
    assert next_request_at(60, 0, NOW) is None
    assert next_request_at(1, 1, NOW) == NOW + timedelta(minutes=1)
