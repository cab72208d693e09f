"""The access log and the judgements made from it: good manners pass, each breach is found."""

import http.client
import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.simulation import witness
from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import ask, until

HOST, OTHER = "127.0.0.2", "127.0.0.3"
RULES = "User-agent: *\nDisallow: /internal/\n"


@pytest.fixture
def site() -> Iterator[DisclosureSite]:
    with DisclosureSite(hosts=[HOST, OTHER], notices=1) as running:
        yield running


def entry(number: int, started: float, ended: float | None, **other: Any) -> dict[str, Any]:
    """A log entry on a connection of its own."""
    facts: dict[str, Any] = {
        "number": number,
        "host": HOST,
        "path": "/a",
        "started": started,
        "ended": ended,
        "connection": number,
        "connection_opened": started,
        "connection_closed": ended,
        "broken_off": False,
        "retry_after_seconds": None,
        "is_robots": False,
        "robots_status": 200,
        "robots_body": RULES,
        "robots_good_body": RULES,
    }
    return facts | other


def test_a_patient_visitor_is_found_polite(site: DisclosureSite) -> None:
    for url in (f"http://{HOST}:{site.port}/robots.txt", site.listing_url(HOST), site.urls(HOST)[0]):
        ask(url, {"User-Agent": "noticewire/1 (+https://x.example)", "If-None-Match": '"x"'})
        time.sleep(0.1)
    log = site.log()
    assert witness.impolite(log, delay_seconds=0.1) == []
    assert [gap.seconds >= 0.1 for gap in witness.gaps(log)] == [True, True]
    assert witness.too_soon(log, delay_seconds=5.0) == witness.gaps(log)
    assert log[0]["user_agent"] == "noticewire/1 (+https://x.example)"
    assert log[0]["if_none_match"] == '"x"'
    assert [each["status"] for each in log] == [200, 200, 200]
    assert log[0]["robots_status"] is None
    assert log[1]["robots_body"] == RULES
    assert log[1]["started"] <= log[1]["ended"] <= log[1]["connection_closed"]


def test_two_connections_at_once_are_an_overlap_even_if_one_is_idle(site: DisclosureSite) -> None:
    idle = http.client.HTTPConnection(HOST, site.port, timeout=5)
    idle.request("GET", "/robots.txt")
    idle.getresponse().read()
    ask(site.listing_url(OTHER))
    assert witness.overlaps(site.log()) == []
    ask(site.listing_url(HOST))
    idle.close()
    assert until(lambda: all(each["connection_closed"] for each in site.log()))
    found = witness.overlaps(site.log(), tolerance_seconds=0)
    assert [overlap.host for overlap in found] == [HOST]


def test_requests_on_one_kept_connection_do_not_overlap(site: DisclosureSite) -> None:
    kept = http.client.HTTPConnection(HOST, site.port, timeout=5)
    for _ in range(3):
        kept.request("GET", "/robots.txt")
        kept.getresponse().read()
    kept.close()
    log = site.log()
    assert len({each["connection"] for each in log}) == 1
    assert witness.overlaps(log) == []
    assert len(witness.gaps(log)) == 2
    assert all(0 <= gap.seconds < 1 for gap in witness.gaps(log))


def test_an_exchange_that_is_still_going_on_overlaps_with_all_that_follow() -> None:
    log = [entry(1, 10.0, None), entry(2, 100.0, 101.0), entry(3, 200.0, 201.0)]
    assert [overlap.connections for overlap in witness.overlaps(log)] == [(1, 2), (1, 3)]
    assert [gap.seconds for gap in witness.gaps(log)] == [float("-inf")] * 2


def test_a_gap_counts_from_the_latest_end_and_not_from_the_latest_start() -> None:
    log = [entry(1, 0.0, 9.0), entry(2, 1.0, 2.0), entry(3, 10.0, 11.0)]
    assert [(gap.seconds, gap.after) for gap in witness.gaps(log)] == [(-8.0, 2), (1.0, 3)]


def test_five_milliseconds_are_forgiven() -> None:
    log = [entry(1, 0.0, 1.0), entry(2, 1.496, 2.0), entry(3, 2.494, 3.0)]
    assert [gap.after for gap in witness.too_soon(log, delay_seconds=0.5)] == [3]


def test_a_client_that_left_may_have_done_so_a_little_before_it_was_noticed() -> None:
    log = [entry(1, 0.0, 1.0, broken_off=True), entry(2, 1.45, 2.0), entry(3, 2.45, 3.0)]
    assert [gap.after for gap in witness.too_soon(log, delay_seconds=0.5)] == [3]


@pytest.mark.parametrize(("second", "breaches"), [(1.2, 0), (0.9, 1)])
def test_the_crawl_delay_that_was_served_last_is_held(second: float, breaches: int) -> None:
    body = "User-agent: *\nCrawl-delay: 1\n\nUser-agent: other\nCrawl-delay: 9\n"
    served = {"robots_body": body, "robots_good_body": body}
    log = [entry(1, 0.0, 0.1, robots_good_body=None), entry(2, 0.1 + second, 2.0, **served)]
    assert len(witness.crawl_delay_breaches(log)) == breaches


@pytest.mark.parametrize(("status", "breaches"), [(200, 1), (503, 1), (429, 1), (0, 1), (404, 0), (301, 0)])
def test_a_crawl_delay_counts_for_as_long_as_its_file_does(status: int, breaches: int) -> None:
    """RFC 9309, 2.3.1: one that cannot be reached stands as it was; one that is not there asks nothing."""
    body = "User-agent: *\nCrawl-delay: 1\n"
    served = {"robots_status": status, "robots_body": body if status == 200 else "", "robots_good_body": body}
    log = [entry(1, 0.0, 0.1, **served), entry(2, 0.5, 1.0, **served)]
    assert len(witness.crawl_delay_breaches(log)) == breaches


@pytest.mark.parametrize(("body", "breaches"), [("", 0), ("User-agent: *\nCrawl-delay: 1\n", 1)])
def test_a_robots_file_lost_with_whoever_asked_for_it_has_not_told_its_delay(body: str, breaches: int) -> None:
    said = "User-agent: *\nCrawl-delay: 1\n"
    log = [
        entry(1, 0.0, 0.1, is_robots=True, robots_body=body, robots_good_body=body),
        entry(2, 0.5, 0.6, is_robots=True, robots_body=said, robots_good_body=said),
    ]
    assert len(witness.crawl_delay_breaches(log)) == breaches


def test_a_request_inside_a_retry_after_window_is_a_breach() -> None:
    log = [
        entry(1, 0.0, 1.0, retry_after_seconds=3.0),
        entry(2, 3.5, 3.6),
        entry(3, 4.1, 4.2),
        entry(4, 1.5, 1.6, host=OTHER),
    ]
    assert [breach.number for breach in witness.retry_after_breaches(log)] == [2]


@pytest.mark.parametrize(
    ("facts", "breach"),
    [
        ({"path": "/internal/x"}, True),
        ({"path": "/a/internal/x"}, False),
        ({"robots_status": None, "robots_body": None}, True),
        ({"robots_status": 503, "robots_body": ""}, False),
        ({"robots_status": 503, "robots_body": "", "path": "/internal/x"}, True),
        ({"robots_status": 0, "robots_body": "", "robots_good_body": None}, True),
        ({"robots_status": 404, "robots_body": "", "path": "/internal/x"}, False),
        ({"robots_status": 403, "robots_body": ""}, True),
        ({"robots_body": "User-agent: *\nDisallow: /\n"}, True),
        ({"robots_body": "User-agent: *\nDisallow: /\nAllow: /a\n"}, False),
        ({"robots_body": "User-agent: *\nDisallow: /\n\nUser-agent: noticewire\nDisallow: /b\n"}, False),
        ({"robots_body": "User-agent: other\nUser-agent: noticewire # us\nDisallow: /\n"}, True),
        ({"robots_body": "User-agent: other\nDisallow: /\n"}, False),
        ({"robots_body": "User-agent: *\nDisallow:\n"}, False),
        ({"robots_status": None, "robots_body": None, "is_robots": True}, False),
    ],
)
def test_the_robots_file_served_last_decides(facts: dict[str, Any], breach: bool) -> None:
    assert bool(witness.disallowed([entry(1, 0.0, 1.0, **facts)])) is breach


def test_visiting_the_forbidden_page_is_seen(site: DisclosureSite) -> None:
    ask(f"http://{HOST}:{site.port}/robots.txt")
    ask(site.truth()["forbidden"][0])
    assert [breach.path for breach in witness.disallowed(site.log())] == ["/internal/exchange.html"]
    assert len(witness.impolite(site.log(), delay_seconds=0.0)) == 1


def test_the_log_can_be_read_on_from_a_number(site: DisclosureSite) -> None:
    for _ in range(3):
        ask(site.listing_url(HOST))
    assert [each["number"] for each in site.log(after=1)] == [2, 3]
