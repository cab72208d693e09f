"""When a robots file must be fetched, and what it means when it cannot be (RFC 9309 sections 2.3 and 2.4)."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.robots import (
    MAX_BYTES,
    Allowed,
    Answered,
    Disallowed,
    Failed,
    MustFetch,
    Policy,
    RobotsCopy,
    after_fetch,
    crawl_delay,
    is_abandoned,
    remarks,
    robots_url,
    sitemaps,
    verdict,
)
from crawler.robots.copy import retry_seconds

ORIGIN = "http://site.example"
PAGE = ORIGIN + "/a/b.html"
NOON = datetime(2025, 10, 29, 12, tzinfo=UTC)
OPEN = b"User-agent: *\nDisallow: /private\nCrawl-delay: 3\nSitemap: /s.xml\n"


def later(**parts: float) -> datetime:
    return NOON + timedelta(**parts)


def stored(*results: Answered | Failed, at: datetime = NOON) -> RobotsCopy:
    copy: RobotsCopy | None = None
    for number, result in enumerate(results):
        copy = after_fetch(ORIGIN, copy, result, at + timedelta(seconds=number))
    assert copy is not None
    return copy


def ask(copy: RobotsCopy | None, url: str = PAGE, now: datetime = NOON) -> object:
    return verdict(copy, "noticewire/1", url, now)


def test_nothing_is_asked_before_the_file_was() -> None:
    assert ask(None) == MustFetch("never fetched")
    assert isinstance(ask(RobotsCopy(ORIGIN)), MustFetch)


def test_the_file_itself_is_always_allowed() -> None:
    closed = stored(Answered(200, b"User-agent: *\nDisallow: /"))
    assert ask(closed, ORIGIN + "/robots.txt") == Allowed("robots.txt itself")
    assert ask(None, ORIGIN + "/robots.txt?x") == Allowed("robots.txt itself")
    assert ask(closed, ORIGIN + "/a/robots.txt") == Disallowed("Disallow: /")


def test_a_fresh_copy_decides_and_names_its_rule() -> None:
    copy = stored(Answered(200, OPEN))
    assert ask(copy) == Allowed("no rule")
    assert ask(copy, ORIGIN + "/private/x") == Disallowed("Disallow: /private")
    assert crawl_delay(copy, "noticewire") == 3
    assert sitemaps(copy) == ("/s.xml",)


@pytest.mark.parametrize(("hours", "fresh"), [(23.9, True), (24, False), (-23.9, True), (-24, False), (9600, False)])
def test_a_copy_is_good_for_a_day_by_whatever_clock(hours: float, fresh: bool) -> None:
    assert isinstance(ask(stored(Answered(200, OPEN)), now=later(hours=hours)), Allowed) is fresh


@pytest.mark.parametrize("status", [400, 404, 410, 451, 301, 302])
def test_no_file_means_no_rules(status: int) -> None:
    assert ask(stored(Answered(status))) == Allowed(f"no robots.txt ({status})")


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_door_forbids_unless_set_otherwise(status: int) -> None:
    copy = stored(Answered(status))
    assert ask(copy) == Disallowed(f"robots.txt answered {status}")
    lenient = verdict(copy, "noticewire", PAGE, NOON, Policy(closed_means_disallowed=False))
    assert isinstance(lenient, Allowed)


UNKNOWN = [Answered(500), Answered(503, OPEN), Answered(429), Answered(408), Answered(100), Failed("timed out")]


@pytest.mark.parametrize("result", UNKNOWN)
def test_a_file_that_cannot_be_had_closes_the_site(result: Answered | Failed) -> None:
    copy = stored(result)
    assert isinstance(ask(copy), Disallowed)
    assert copy.failures == 1
    assert isinstance(ask(copy, ORIGIN + "/robots.txt"), Allowed)


@pytest.mark.parametrize("result", UNKNOWN)
def test_a_good_copy_serves_while_the_file_cannot_be_had(result: Answered | Failed) -> None:
    copy = stored(Answered(200, OPEN), result)
    assert ask(copy) == Allowed("no rule")
    assert ask(copy, ORIGIN + "/private") == Disallowed("Disallow: /private")


def test_a_good_copy_serves_for_thirty_days_and_no_longer() -> None:
    good = stored(Answered(200, OPEN))
    day29, day31 = later(days=29), later(days=31)
    assert ask(after_fetch(ORIGIN, good, Failed("DNS"), day29), now=day29) == Allowed("no rule")
    word = ask(after_fetch(ORIGIN, good, Failed("DNS"), day31), now=day31)
    assert word == Disallowed("robots.txt unreachable, last copy too old: DNS", again_seconds=300.0)


@pytest.mark.parametrize("before", [Answered(404), Answered(403)])
def test_only_a_real_file_serves_on(before: Answered) -> None:
    assert isinstance(ask(stored(before, Answered(503))), Disallowed)


def test_an_unreachable_file_is_tried_again_at_growing_but_bounded_waits() -> None:
    once = stored(Failed("timed out"))
    assert isinstance(ask(once, now=later(seconds=299)), Disallowed)
    assert ask(once, now=later(seconds=300)) == MustFetch("unreachable so far: timed out")
    thrice = stored(*[Failed("timed out")] * 3)
    assert isinstance(ask(thrice, now=later(seconds=1100)), Disallowed)
    assert isinstance(ask(thrice, now=later(seconds=1300)), MustFetch)
    assert [retry_seconds(n) for n in (0, 1, 2, 3, 4, 5, 10_000)] == [300, 300, 600, 1200, 2400, 3600, 3600]


def test_a_retry_is_due_for_a_stale_copy_too() -> None:
    copy = stored(Answered(200, OPEN), Failed("timed out"))
    assert isinstance(ask(copy, now=later(seconds=400)), MustFetch)


def test_an_answer_forgets_the_failures() -> None:
    copy = stored(Failed("a"), Failed("b"), Answered(200, OPEN))
    assert (copy.failures, copy.failed_at, copy.error) == (0, None, None)
    assert ask(copy, now=copy.fetched_at or NOON) == Allowed("no rule")


def told(copy: RobotsCopy) -> str:
    return "; ".join(remarks(copy, "noticewire/1"))


def test_an_operator_is_told_of_odd_files() -> None:
    assert told(stored(Answered(200, OPEN))) == ""
    assert "HTML" in told(stored(Answered(200, b"\xef\xbb\xbf\n<!DOCTYPE html><html>")))
    assert "longer" in told(stored(Answered(200, b"#" * (MAX_BYTES + 9))))
    assert "2 failures" in told(stored(Failed("TLS"), Failed("TLS")))


@pytest.mark.parametrize(("seconds", "asked"), [(300, False), (301, True), (1e9, True)])
def test_an_operator_decides_on_a_delay_of_more_than_five_minutes(seconds: float, asked: bool) -> None:
    copy = stored(Answered(200, f"User-agent: *\nCrawl-delay: {seconds}".encode()))
    assert crawl_delay(copy, "noticewire") == seconds
    assert ("s between requests" in told(copy)) is asked


def test_an_operator_is_alarmed_once_a_copy_is_too_old_to_serve() -> None:
    good = stored(Answered(200, OPEN))
    young, old = (after_fetch(ORIGIN, good, Failed("DNS"), later(days=days)) for days in (29, 31))
    assert (is_abandoned(good), is_abandoned(young), is_abandoned(old)) == (False, False, True)
    assert "for 30 days" in told(old)
    assert "for 30 days" not in told(young)


def test_each_origin_has_its_own_file() -> None:
    assert robots_url("https://Site.example:8443/a?b") == "https://site.example:8443/robots.txt"


def test_an_unknown_copy_sets_no_delay() -> None:
    assert crawl_delay(None, "noticewire") is None
    assert sitemaps(stored(Answered(404))) == ()
