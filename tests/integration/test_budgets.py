"""A host's budget and quiet hours: kept in rows, counted ahead, the same for every crawler and every wish."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from crawler.account import Bill, Wait, count
from crawler.capture import Capture
from crawler.guest import Guest
from crawler.loop import CrawlLoop
from crawler.manners import NotYet, Step
from crawler.terms import Terms, Wishes, quiet_spans
from services.cli.story import Usual, story_of
from services.cli.summary import summary
from services.desk.recrawling import recrawl
from services.desk.watching import Watch, watch
from shared.blobs import FolderBlobs
from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import HostDay, Source, Target
from shared.db.turns import open_turns
from shared.errors import Invalid, Refused, TooLarge
from shared.http import NOWHERE, Http
from tests.integration.asking import MANNERS, SITE, Answering, Asker, answering, noon_zone
from tests.integration.scene import RecordingBell, now, rows, together
from tests.integration.test_guest import CADENCE
from tests.servers import sqlite
from tests.servers.hostile import answer

HOST = "127.0.0.1"
NO_ROBOTS = answer(b"", status="404 Not Found")


def counted(ledger: Ledger, terms: Terms, size: int) -> Bill | Wait:
    with ledger.begin() as uow:
        told = count(uow, HOST, terms, size, uow.now())
        uow.commit()
    return told


def spent(ledger: Ledger) -> tuple[int, int]:
    (day,) = rows(ledger, HostDay)
    return day.requests, day.bytes


def test_three_crawlers_together_never_spend_more_than_there_is(
    ledger: Ledger, open_another: Callable[[], Ledger]
) -> None:
    terms = Terms(requests=20, bytes=1300, zone=noon_zone(now(ledger)))
    begun: list[Bill | Wait] = []

    def crawl(own: Ledger) -> None:
        begun.extend(counted(own, terms, 100) for _ in range(10))

    together(*(partial(crawl, open_another()) for _ in range(3)))
    bills = [one for one in begun if isinstance(one, Bill)]
    assert (len(bills), len(begun)) == (13, 30)
    assert spent(ledger) == (13, 1300)
    assert {one.reason for one in begun if isinstance(one, Wait)} == {"the day's budget of its host is spent"}


CRAWLER = """
import sys
from crawler.account import Bill
from crawler.terms import Terms
from shared.clock import SystemClock
from shared.db import open_ledger
from tests.integration.test_budgets import counted
ledger = open_ledger(sys.argv[1], SystemClock())
while True:
    assert isinstance(counted(ledger, Terms(requests=1000, zone=sys.argv[2]), 5), Bill)
    print("asks", flush=True)
"""


def test_a_killed_crawler_has_counted_every_request_that_it_made(ledger: Ledger, database_url: str) -> None:
    command = [sys.executable, "-c", CRAWLER, database_url, noon_zone(now(ledger))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        asked = [process.stdout.readline() for _ in range(5)]
        process.kill()
        asked += process.stdout.readlines()
    requests, size = spent(ledger)
    assert set(asked) == {"asks\n"}
    assert len(asked) <= requests <= len(asked) + 1
    assert size == 5 * requests


def test_days_are_counted_apart_and_old_ones_forgotten(ledger: Ledger) -> None:
    today = now(ledger)
    with Session(ledger.engine) as session:
        for days in (1, 40):
            session.add(HostDay(name=HOST, day=(today - timedelta(days=days)).date(), requests=5, bytes=5))
        session.commit()
    assert isinstance(counted(ledger, Terms(requests=5, zone="UTC"), 10), Bill)
    assert sorted(day.requests for day in rows(ledger, HostDay)) == [1, 5]


def test_a_request_without_an_answer_stays_counted_and_an_answer_costs_what_came(
    ledger: Ledger, tmp_path: Path
) -> None:
    asker = Asker(ledger, tmp_path / "turns", terms=Terms(100, 5000, (), noon_zone(now(ledger))))
    with answering({"/a": answer(b"x" * 300), "/long": answer(b"x" * 6000)}) as server:
        asker.ask(server.url("/a"))
        assert spent(ledger) == (1, 300)
        assert isinstance(asker.ask(server.url("/a")), NotYet)  # it might be as long as what is left, and longer
        with Session(ledger.engine) as session:
            session.execute(update(HostDay).values(bytes=0))
            session.commit()
        with suppress(TooLarge):
            asker.ask(server.url("/long"))
        assert spent(ledger) == (2, 5000)


def test_a_request_that_our_own_guard_refuses_costs_no_bytes(ledger: Ledger, tmp_path: Path) -> None:
    asker = Asker(ledger, tmp_path / "turns", terms=Terms(100, 5000, (), noon_zone(now(ledger))))
    with answering() as server, suppress(Refused):
        asker.ask(server.url("/a"), replace(SITE, allow=NOWHERE))
    assert spent(ledger) == (1, 0)


class Crawl:
    """A crawl loop beside a server whose listing is watched; pauses are ended by hand."""

    def __init__(self, ledger: Ledger, folder: Path, server: Answering, wishes: Wishes) -> None:
        self.ledger, self.folder = ledger, folder
        self.turns = open_turns(ledger, folder / "turns")
        self.url = server.url("/a/")
        self.watch(wishes)

    def watch(self, wishes: Wishes) -> None:
        watch(self.ledger, Watch(self.url, allow=["127.0.0.0/8"], delay_seconds=0, wishes=wishes))

    def rounds(self, count: int) -> None:
        """Go round as a crawler that has just been started."""
        guest = Guest(self.ledger, self.turns, Http(), MANNERS)
        capture = Capture(self.ledger, FolderBlobs(self.folder / "blobs"), RecordingBell(), CADENCE, pages=5)
        for _ in range(count):
            with self.turns.take(HOST) as turn:
                assert turn is not None
                turn.hold_for(0.0)
            CrawlLoop(self.ledger, self.turns, guest, capture, lease_seconds=30.0).round()

    def make_due(self) -> None:
        with Session(self.ledger.engine) as session:
            session.execute(update(Target).values(due_at=now(self.ledger)))
            session.commit()

    def target(self) -> Target:
        (found,) = rows(self.ledger, Target)
        assert isinstance(found, Target)
        return found

    def hours_until_due(self) -> float:
        due = self.target().due_at
        assert due is not None
        return (due - now(self.ledger)).total_seconds() / 3600

    def told(self) -> str:
        return "\n".join(summary(story_of(self.ledger, self.url, Usual())))


def test_a_host_over_its_budget_waits_for_the_next_day_whoever_asks(ledger: Ledger, tmp_path: Path) -> None:
    zone = noon_zone(now(ledger))
    with answering({"/robots.txt": NO_ROBOTS}) as server:
        crawl = Crawl(ledger, tmp_path, server, Wishes(requests=1, zone=zone))
        crawl.rounds(3)
        assert server.paths == ["/robots.txt"]  # which is counted too
        assert 11 <= crawl.hours_until_due() <= 13
        assert crawl.target().due_reason == "the day's budget of its host is spent"
        assert "are counted: 1 of 1 requests" in crawl.told()
        recrawl(ledger, crawl.url, by="a test")
        crawl.rounds(2)
        assert server.paths == ["/robots.txt"]
        assert crawl.target().recrawl_id is not None
        crawl.watch(Wishes(requests=2))
        crawl.make_due()
        crawl.rounds(1)
        assert server.paths == ["/robots.txt", "/a/"]


def spelt(at: datetime) -> str:
    return at.strftime("%H:%M")


def test_a_host_is_not_asked_in_its_quiet_hours_whoever_asks(ledger: Ledger, tmp_path: Path) -> None:
    zone = noon_zone(now(ledger))
    local = now(ledger).astimezone(ZoneInfo(zone))
    span = f"{spelt(local - timedelta(hours=1))}-{spelt(local + timedelta(hours=2))}"
    with answering({"/robots.txt": NO_ROBOTS}) as server:
        crawl = Crawl(ledger, tmp_path, server, Wishes(quiet_hours=span, zone=zone))
        recrawl(ledger, crawl.url, by="a test")
        crawl.rounds(2)
        assert server.heads == []
        assert 1.9 < crawl.hours_until_due() <= 2
        assert crawl.target().due_reason == "the quiet hours of its host"
        assert "It is quiet hours at its host" in crawl.told()
        crawl.watch(Wishes(quiet_hours="none"))
        crawl.make_due()
        crawl.rounds(1)
        assert server.paths == ["/robots.txt"]


def test_quiet_hours_never_shorten_a_longer_hold(ledger: Ledger, tmp_path: Path) -> None:
    zone = noon_zone(now(ledger))
    terms = Terms(quiet=quiet_spans("11:00-14:30"), zone=zone)
    asker = Asker(ledger, tmp_path / "asker", terms=terms)
    with open_turns(ledger, tmp_path).take(HOST) as turn:
        assert turn is not None
        turn.hold_for(50_000)
        assert isinstance(asker.guest.ask(turn, Step(f"http://{HOST}/", 0, {}), SITE, None), NotYet)
        assert turn.wait_seconds() > 49_000


@pytest.mark.parametrize(
    "wish", [{"wishes": Wishes(quiet_hours="late")}, {"wishes": Wishes(zone="Peking")}, {"hosts": ["a b"]}]
)
def test_terms_that_are_none_are_refused_and_nothing_is_watched(tmp_path: Path, wish: dict[str, Any]) -> None:
    ledger = open_ledger(sqlite.fresh(tmp_path), SystemClock())
    with pytest.raises(Invalid):
        watch(ledger, Watch("https://gov.example/a/", **wish))
    assert rows(ledger, Source) == []
    ledger.close()


def test_a_linked_host_keeps_its_own_sources_terms(ledger: Ledger, tmp_path: Path) -> None:
    zone = noon_zone(now(ledger))
    asker = Asker(ledger, tmp_path / "turns", terms=Terms(zone=zone))
    with answering() as server:
        watch(ledger, Watch(server.url("/a/"), allow=["127.0.0.0/8"], wishes=Wishes(requests=1)))
        asker.ask(server.url("/b"), SITE)
        assert isinstance(asker.ask(server.url("/b"), SITE), NotYet)
