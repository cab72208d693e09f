"""What a request says of us, how long its answer keeps us away, and where it may lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.manners import Broken, Reached, Redirected, Step
from crawler.terms import Reach
from shared.clock import SystemClock
from shared.db import Ledger
from shared.errors import Refused, TimedOut
from tests.integration.asking import SITE, Asker, FreeTurn, answering
from tests.servers.hostile import answer


@pytest.fixture
def asker(ledger: Ledger, tmp_path: Path) -> Asker:
    return Asker(ledger, tmp_path / "turns", from_address="crawler@wire.example", feed_max_bytes=4000)


def test_a_request_says_who_asks_and_takes_only_what_can_be_undone(asker: Asker, tmp_path: Path) -> None:
    with answering() as server:
        asker.steps(server.url())
        for head in map(str.lower, server.heads):
            assert "user-agent: noticewire/0 (+https://wire.example)" in head
            assert "from: crawler@wire.example" in head
            assert "accept-encoding: gzip, deflate\r\n" in head
        Asker(asker.ledger, tmp_path / "turns").ask(server.url())
        assert "from:" not in server.heads[-1].lower()


def test_what_retry_after_asks_holds_for_the_host(asker: Asker) -> None:
    later = datetime.now(UTC) + timedelta(seconds=600)
    forms = {
        "600": 600,
        format_datetime(later, usegmt=True): 600,
        later.strftime("%A, %d-%b-%y %H:%M:%S GMT"): 600,
        later.strftime("%a %b %e %H:%M:%S %Y"): 600,
        "999999999": 86_400,
        "1": 1,
    }
    for form, seconds in forms.items():
        for line in ("429 Slow", "503 Busy", "302 Found", "304 Same"):
            given = [f"Retry-After: {form}", "Location: /b"]
            with answering({"/a": answer(b"", *given, status=line, length=0)}) as server:
                asker.ask(server.url("/a"))
            # A date counts in whole seconds, and the test itself takes a few.
            assert seconds - 60 < asker.turn.pause <= seconds, (form, line)


def test_a_retry_after_that_means_nothing_leaves_it_to_the_back_off(asker: Asker) -> None:
    with answering({"/a": answer(b"", "Retry-After: soon", status="503 Busy")}) as server:
        asker.ask(server.url("/a"))
    assert 1 <= asker.turn.pause <= 2  # the usual pause, and a back-off of up to a second


def test_on_a_good_answer_retry_after_means_nothing(asker: Asker) -> None:
    with answering({"/a": answer(b"x", "Retry-After: 600")}) as server:
        asker.ask(server.url("/a"))
    assert asker.turn.pause < 60


def test_redirects_lead_within_the_site_unless_an_operator_allows_more(asker: Asker) -> None:
    away = answer(b"", "Location: http://moss.example/a", status="302 Found")
    robots = answer(b"", status="404 Not Found")
    with answering({"/robots.txt": robots, "/a": away, "/b": answer(b"", "Location: /c", status="302 x")}) as server:
        home = replace(SITE, reach=Reach("127.0.0.1"))
        reply = asker.steps(server.url("/a"), 2, home)
        assert isinstance(reply, Broken)
        assert isinstance(reply.error, Refused)
        assert "moss.example" in str(reply.error)
        assert asker.steps(server.url("/b"), 1, home) == Redirected(server.url("/c"))
        open_to = replace(SITE, reach=Reach("127.0.0.1", ("moss.example",)))
        assert asker.steps(server.url("/a"), 1, open_to) == Redirected("http://moss.example/a")


def test_a_feed_may_be_longer_than_a_page_where_a_listing_is_asked_for(asker: Asker) -> None:
    long = b"<x>" * 1000
    with answering(
        {
            "/robots.txt": answer(b"", status="404 Not Found"),
            "/feed": answer(long, "Content-Type: application/rss+xml; charset=utf-8"),
            "/page": answer(long, "Content-Type: text/html"),
        }
    ) as server:
        small = replace(asker.guest._manners, limits=replace(asker.guest._manners.limits, max_bytes=2000))
        asker.guest._manners = small
        asker.steps(server.url("/page"), 1)
        found = {
            (path, feed): asker.guest.take_step(asker.turn, Step(server.url(path), 0, {}, feed=feed), SITE)
            for path in ("/feed", "/page")
            for feed in (True, False)
        }
    assert isinstance(found["/feed", True], Reached)
    assert all(isinstance(reply, Broken) for which, reply in found.items() if which != ("/feed", True))


class Leaping(SystemClock):
    """A clock that shows, as to a process that was frozen, that much time has passed."""

    leap = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.leap


class FreezingTurn(FreeTurn):
    """A turn in which its process is frozen as soon as the request was written ahead."""

    def __init__(self, clock: Leaping) -> None:
        super().__init__()
        self._clock = clock

    def begin(self, seconds: float) -> bool:
        self._clock.leap += seconds
        return super().begin(seconds)


def test_a_process_that_was_frozen_before_it_asked_asks_no_more(asker: Asker) -> None:
    """By then its turn may be another's: only what it wrote ahead protects the host, and that time is over."""
    asker.ledger.clock = clock = Leaping()
    asker.turn = FreezingTurn(clock)
    with answering() as server:
        with pytest.raises(TimedOut):
            asker.ask(server.url())
        assert server.paths == []
