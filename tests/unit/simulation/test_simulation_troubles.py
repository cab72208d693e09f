"""Scripted troubles: each does what it says, for as long and as often as it says."""

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from services.simulation.site import DisclosureSite
from services.simulation.troubles import Trouble
from tests.unit.simulation.client import ask, until

HOST, OTHER = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def site() -> Iterator[DisclosureSite]:
    with DisclosureSite(hosts=[HOST, OTHER], notices=1) as running:
        yield running


def test_429_asks_for_patience_as_often_as_it_was_told(site: DisclosureSite) -> None:
    site.fault(HOST, "429", retry_after=3, times=2)
    replies = [ask(site.listing_url(HOST)) for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    assert replies[0].headers["retry-after"] == "3"
    assert ask(site.listing_url(OTHER)).status == 200
    assert [entry["retry_after_seconds"] for entry in site.log()] == [3, 3, None, None]


def test_a_retry_after_may_be_a_date(site: DisclosureSite) -> None:
    site.fault(HOST, "503", retry_after="Sun, 06 Nov 1994 08:49:37 GMT", times=1)
    assert ask(site.listing_url(HOST)).status == 503
    assert site.log()[-1]["retry_after_seconds"] == 0


def test_a_trouble_ends_with_its_time_or_by_calming(site: DisclosureSite) -> None:
    site.fault(HOST, "503", seconds=0.1)
    assert until(lambda: ask(site.listing_url(HOST)).status == 200)
    site.fault(HOST, "503")
    site.fault(OTHER, "503")
    site.calm(OTHER)
    assert ask(site.listing_url(OTHER)).status == 200
    site.calm()
    assert ask(site.listing_url(HOST)).status == 200


def test_a_block_page_comes_with_status_200_and_without_validators(site: DisclosureSite) -> None:
    etag = ask(site.listing_url(HOST)).headers["etag"]
    site.fault(HOST, "block")
    reply = ask(site.listing_url(HOST), {"If-None-Match": etag})
    assert reply.status == 200
    assert "etag" not in reply.headers
    assert "<script>" in reply.text()
    assert site.log()[-1]["fault"] == "block"


@pytest.mark.parametrize(("kind", "words"), [("soft_404", "页面不存在"), ("maintenance", "维护")])
def test_error_pages_with_status_200(site: DisclosureSite, kind: str, words: str) -> None:
    site.fault(HOST, kind)
    reply = ask(site.urls(HOST)[0])
    assert reply.status == 200
    assert words in reply.text()


def test_the_robots_file_is_spared_unless_it_is_named(site: DisclosureSite) -> None:
    robots = f"http://{HOST}:{site.port}/robots.txt"
    site.fault(HOST, "503")
    assert ask(robots).status == 200
    site.fault(HOST, "503", path="/robots.txt")
    assert ask(robots).status == 503
    ask(site.listing_url(HOST))
    assert site.log()[-1]["robots_status"] == 503
    assert site.log()[-1]["robots_good_body"].startswith("User-agent")


def test_a_trouble_may_concern_one_path_only(site: DisclosureSite) -> None:
    site.fault(HOST, "503", path="/xxgk/xszg/202503/")
    assert ask(site.urls(HOST)[0]).status == 503
    assert ask(site.listing_url(HOST)).status == 200


def test_a_reset_is_a_reset(site: DisclosureSite) -> None:
    site.fault(HOST, "reset", times=1)
    with pytest.raises(ConnectionResetError):
        ask(site.listing_url(HOST))
    assert until(lambda: site.log()[-1]["ended"] is not None)
    assert site.log()[-1]["status"] == 0
    assert ask(site.listing_url(HOST)).status == 200


def test_a_slow_answer_takes_its_time_and_is_whole(site: DisclosureSite) -> None:
    whole = ask(site.listing_url(HOST)).body
    for kind in ("slow", "drip_headers", "delay"):
        site.fault(HOST, kind, times=1, drip_seconds=0.3)
        began = time.monotonic()
        assert ask(site.listing_url(HOST)).body == whole
        assert time.monotonic() - began >= 0.29
    slowed = site.log()[1]
    assert slowed["ended"] - slowed["started"] >= 0.25


@pytest.mark.timeout(60)
def test_a_client_that_leaves_a_hanging_answer_ends_the_exchange_at_once(site: DisclosureSite) -> None:
    site.fault(HOST, "hang", seconds=30)
    with pytest.raises(TimeoutError):
        ask(site.listing_url(HOST), timeout=0.2)
    assert until(lambda: site.log()[-1]["connection_closed"] is not None)


@pytest.mark.timeout(25)  # the answer would hang for thirty seconds
def test_a_hanging_answer_does_not_keep_the_site_from_stopping(site: DisclosureSite) -> None:
    site.fault(HOST, "hang", seconds=30)
    with socket.create_connection((HOST, site.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert until(lambda: len(site.log()) == 1)
        site.stop()
        assert client.recv(100) == b""


def test_hostile_answers_break_the_rules_of_http(site: DisclosureSite) -> None:
    site.fault(HOST, "short", times=1)
    with pytest.raises(http.client.IncompleteRead):
        ask(site.listing_url(HOST))
    site.fault(HOST, "bad_chunks", times=1)
    with pytest.raises(http.client.IncompleteRead):
        ask(site.listing_url(HOST))
    site.fault(HOST, "many_headers", times=1)
    with pytest.raises(http.client.HTTPException, match="more than 100 headers"):
        ask(site.listing_url(HOST))
    site.fault(HOST, "redirect_loop", times=1)
    assert ask(site.listing_url(HOST)).headers["location"].startswith("/?again=")


def test_a_bomb_is_small_on_the_wire(site: DisclosureSite) -> None:
    site.fault(HOST, "bomb", times=1)
    reply = ask(site.listing_url(HOST))
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) * 200 < len(gzip.decompress(reply.body))


def test_an_endless_answer_stops_when_the_client_has_had_enough(site: DisclosureSite) -> None:
    site.fault(HOST, "endless", times=1)
    connection = http.client.HTTPConnection(HOST, site.port, timeout=5)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.getheader("Content-Length") == str(1 << 30)
    assert len(answer.read(1 << 20)) == 1 << 20
    answer.close()
    connection.close()
    assert until(lambda: site.log()[-1]["connection_closed"] is not None)


def test_unknown_troubles_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown trouble"):
        Trouble("nonsense")


def test_no_thread_is_left_behind() -> None:
    before = set(threading.enumerate())
    with DisclosureSite(hosts=[HOST]) as site:
        connection = http.client.HTTPConnection(HOST, site.port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse().read()
        assert not set(threading.enumerate()) <= before
    connection.close()
    assert set(threading.enumerate()) <= before
