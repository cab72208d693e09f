"""How long a host is left alone."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import Pause, from_address, pause_after, pause_after_failure, user_agent
from shared.errors import Invalid

SECONDS = st.floats(0, 1e6)


def test_the_default_delay_is_five_seconds_and_jitter_adds_to_it() -> None:
    assert pause_after(0.2) == Pause(5.0, "configured")
    assert pause_after(0.2, jitter_seconds=1.5).seconds == 6.5


def test_an_operator_may_set_another_delay_even_a_short_one() -> None:
    assert pause_after(0.01, configured_seconds=0.5).seconds == 0.5


def test_a_slow_server_is_left_alone_five_times_as_long_up_to_a_cap() -> None:
    assert pause_after(4.0) == Pause(20.0, "slow-answer")
    assert pause_after(600.0) == Pause(300.0, "slow-answer")


def test_the_sites_own_delay_is_never_lowered() -> None:
    assert pause_after(1.0, crawl_delay_seconds=30) == Pause(30.0, "crawl-delay")
    assert pause_after(1.0, crawl_delay_seconds=86_400) == Pause(86_400.0, "crawl-delay")


@given(SECONDS, SECONDS, SECONDS, SECONDS)
def test_no_pause_is_shorter_than_what_is_asked_or_set(
    duration: float, asked: float, set_: float, jitter: float
) -> None:
    pause = pause_after(duration, asked, set_, jitter)
    assert pause.seconds >= max(asked, set_, min(5 * duration, 300))


def test_retry_after_is_kept_up_to_a_day() -> None:
    usual = pause_after(1.0)
    assert pause_after_failure(usual, 1, Random(1), 600) == Pause(600.0, "retry-after")
    assert pause_after_failure(usual, 1, Random(1), 1e9).seconds == 86_400
    assert pause_after_failure(usual, 1, Random(1), 1) == usual


def test_back_off_grows_is_spread_and_stays_bounded() -> None:
    usual, rng = Pause(5.0, "configured"), Random(7)
    early = [pause_after_failure(usual, 1, rng).seconds for _ in range(200)]
    late = [pause_after_failure(usual, 50, rng).seconds for _ in range(200)]
    assert 5 <= min(early) < 15
    assert 50 < max(early) <= 60
    assert max(late) <= 6 * 3600
    assert max(late) - min(late) > 3600


@given(st.integers(0, 10**6), st.floats(0, 1e5), st.none() | SECONDS, st.integers())
def test_a_failure_never_shortens_the_usual_pause(failures: int, usual: float, asked: float | None, seed: int) -> None:
    pause = pause_after_failure(Pause(usual, "configured"), failures, Random(seed), asked)
    assert usual <= pause.seconds <= max(usual, 86_400)


def test_the_name_we_ask_under_tells_whom_to_write_to() -> None:
    assert user_agent("1.2", "https://wire.example/about") == "noticewire/1.2 (+https://wire.example/about)"
    assert user_agent("1.2", "ops@wire.example") == "noticewire/1.2 (+mailto:ops@wire.example)"
    assert user_agent("1.2", " mailto:ops@wire.example ") == "noticewire/1.2 (+mailto:ops@wire.example)"


def test_a_mail_address_is_sent_as_it_is_or_not_at_all() -> None:
    assert from_address(None) is None
    assert from_address("  ") is None
    assert from_address(" crawler@wire.example ") == "crawler@wire.example"


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "A <a@wire.example>", "a@wire.example, b@wire.example", "网@a"])
def test_anything_else_than_one_mail_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="FROM_ADDRESS"):
        from_address(address)


@pytest.mark.parametrize(
    "contact", [None, "", "  ", "nobody", "https://", "https://x.example/\r\nX: y", "http://a b", "网"]
)
def test_without_a_contact_nothing_is_crawled(contact: str | None) -> None:
    with pytest.raises(Invalid, match="contact"):
        user_agent("1.2", contact)
