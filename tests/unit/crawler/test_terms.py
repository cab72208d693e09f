"""Budgets, quiet hours, days by the host's own clock, and where links may lead."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.terms import (
    Reach,
    Terms,
    Wishes,
    _zone,
    day_of,
    quiet_seconds,
    quiet_spans,
    seconds_to_next_day,
    terms_for,
    zone_name,
)
from shared.errors import Invalid

NIGHT = Terms(quiet=quiet_spans("22:00-06:00"))


def china(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, 4, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("hour", "minute", "seconds"),
    [(21, 59, 0), (22, 0, 8 * 3600), (23, 30, 6.5 * 3600), (0, 0, 6 * 3600), (5, 59, 60), (6, 0, 0), (12, 0, 0)],
)
def test_quiet_hours_go_on_over_midnight_by_the_hosts_clock(hour: int, minute: int, seconds: float) -> None:
    assert quiet_seconds(NIGHT, china(hour, minute)) == seconds


def test_quiet_hours_may_be_several_and_follow_one_another() -> None:
    terms = Terms(quiet=quiet_spans("12:00-14:00, 13:30 - 15:00,15:00-15:30"))
    assert quiet_seconds(terms, china(12)) == 3.5 * 3600
    assert quiet_seconds(terms, china(15, 30)) == 0
    assert quiet_seconds(Terms(quiet=quiet_spans("none")), china(3)) == 0


def test_quiet_hours_last_as_long_as_they_do_when_clocks_are_put_forward() -> None:
    berlin = Terms(quiet=quiet_spans("22:00-06:00"), zone="Europe/Berlin")
    assert quiet_seconds(berlin, datetime(2026, 3, 28, 21, tzinfo=UTC)) == 7 * 3600


def test_a_day_is_the_hosts() -> None:
    assert day_of(Terms(), datetime(2026, 3, 4, 15, 59, tzinfo=UTC)) == date(2026, 3, 4)
    assert day_of(Terms(), datetime(2026, 3, 4, 16, 0, tzinfo=UTC)) == date(2026, 3, 5)
    assert day_of(Terms(zone="UTC"), datetime(2026, 3, 4, 16, 0, tzinfo=UTC)) == date(2026, 3, 4)
    assert seconds_to_next_day(Terms(), china(23, 59, 30)) == 30
    assert seconds_to_next_day(Terms(), china(0)) == 86_400


@given(st.integers(0, 15 * 365 * 86_400))
def test_a_wait_ends_outside_of_the_quiet_hours_and_in_another_day(seconds: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert quiet_seconds(NIGHT, now + timedelta(seconds=quiet_seconds(NIGHT, now))) == 0
    assert day_of(NIGHT, now + timedelta(seconds=seconds_to_next_day(NIGHT, now))) > day_of(NIGHT, now)


@pytest.mark.parametrize("text", ["", "22-6", "22:00", "24:00-06:00", "22:00-22:00", "22:00-06:00;", "nacht"])
def test_hours_that_are_none_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="22:00-06:00"):
        quiet_spans(text)


def test_the_usual_zone_needs_no_time_zone_database() -> None:
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    _zone.cache_clear()
    try:
        assert day_of(Terms(), datetime(2026, 3, 4, 16, 0, tzinfo=UTC)) == date(2026, 3, 5)
    finally:
        zoneinfo.reset_tzpath()
        _zone.cache_clear()


@pytest.mark.parametrize("name", ["", "Beijing", "../etc/passwd", "UTC+8", "Asia", "\x00"])
def test_a_zone_that_is_none_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(Invalid, match="Asia/Shanghai"):
        zone_name(name)


def test_a_source_keeps_to_the_settings_where_it_says_nothing() -> None:
    usual = Terms(100, 5000, quiet_spans("22:00-06:00"), "UTC")
    assert terms_for(usual, Wishes()) == usual
    assert terms_for(usual, Wishes(7, 9, "none", "Asia/Shanghai")) == Terms(7, 9, (), "Asia/Shanghai")


FOLLOWED = [
    ("city.example", "city.example", True),
    ("city.example", "www.city.example", True),
    ("www.city.example", "city.example", True),
    ("www.city.example", "audit.city.example", True),
    ("audit.city.gov.example", "www.city.gov.example", True),
    ("audit.city.gov.example", "city.gov.example", True),
    ("city.gov.example", "town.gov.example", False),
    ("city.example", "city.example.test", False),
    ("city.example", "evilcity.example", False),
    ("127.0.0.2", "127.0.0.3", False),
    ("127.0.0.2", "127.0.0.2", True),
]


@pytest.mark.parametrize(("home", "host", "followed"), FOLLOWED)
def test_links_are_followed_within_their_site(home: str, host: str, followed: bool) -> None:
    assert Reach(home).covers(host) is followed


def test_links_are_followed_to_the_hosts_that_an_operator_names() -> None:
    reach = Reach("city.example", ("province.test",))
    assert reach.covers("province.test")
    assert reach.covers("www.province.test")
    assert not reach.covers("other.test")
    assert Reach("city.example", ("*",)).covers("other.test")
