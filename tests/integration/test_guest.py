"""The guest's manners on a real site and both databases: one request a round, and whose pause comes before it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from warcio.archiveiterator import ArchiveIterator

from crawler.capture import Capture
from crawler.guest import Guest
from crawler.loop import MOST_LEASES, CrawlLoop
from crawler.manners import Manners, Site, Step
from crawler.robots import Policy
from crawler.schedule import Cadence, hours_at
from crawler.visit import Visit
from services.desk.archive import Range, export_warc
from services.desk.recrawling import recrawl
from services.desk.watching import Watch, watch
from services.simulation.site import DisclosureSite
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.models import Column, Episode, Fetch, Host, RecrawlRequest, RobotsFile, Source, Spoken, Target
from shared.db.turns import PostgresTurns, open_turns
from shared.errors import Unavailable
from shared.http import AllowList, Http, Limits
from tests.integration.scene import RecordingBell

HOME, OTHER = "127.0.0.2", "127.0.0.3"
CADENCE = Cadence(listing=1800.0, detail_first=3600.0, detail_last=86400.0, gone_again=3600.0)


class Crawl:
    """A crawl loop without threads, a site, and a look at the rows; pauses are ended by hand."""

    def __init__(self, ledger: Ledger, site: DisclosureSite, folder: Path) -> None:
        self.ledger, self.site = ledger, site
        self.turns = open_turns(ledger, folder / "turns")
        limits = Limits(total_seconds=5.0)
        manners = Manners("noticewire/0 (+https://noticewire.example)", limits, 0.0, 0.0, 1.0, 2.0, Policy())
        self.guest = Guest(ledger, self.turns, Http(), manners)
        self.bell = RecordingBell()
        self.blobs = FolderBlobs(folder / "blobs")
        capture = Capture(ledger, self.blobs, self.bell, CADENCE, pages=5)
        self.loop = CrawlLoop(ledger, self.turns, self.guest, capture, lease_seconds=30.0)

    def watch(self, url: str, delay: float | None = None, **wish: Any) -> None:
        watch(self.ledger, Watch(url, allow=["127.0.0.0/8"], delay_seconds=delay, **wish))

    def rounds(self, count: int) -> None:
        """Go round, ending every pause before each round."""
        for _ in range(count):
            for host in (HOME, OTHER):
                self.end_pause(host)
            self.loop.round()

    def end_pause(self, host: str) -> None:
        with self.turns.take(host) as turn:
            assert turn is not None
            turn.hold_for(0.0)

    def pause(self, host: str) -> float:
        with self.turns.take(host) as turn:
            assert turn is not None
            return turn.wait_seconds()

    def one(self, what: type[Any], *where: Any) -> Any:
        with Session(self.ledger.engine) as session:
            return session.scalars(select(what).where(*where)).one()

    def paths(self, host: str = HOME) -> list[str]:
        return [entry["path"] for entry in self.site.log() if entry["host"] == host]

    def seconds_until_due(self, url: str) -> float:
        with self.ledger.reading() as uow:
            due: timedelta = self.one(Target, Target.url == url).due_at - uow.now()
        return due.total_seconds()


@pytest.fixture
def crawl(ledger: Ledger, tmp_path: Path) -> Iterator[Crawl]:
    with DisclosureSite(notices=1) as site:
        yield Crawl(ledger, site, tmp_path)


def test_a_robots_file_that_cannot_be_had_is_asked_for_again_in_minutes_and_the_wish_stays_open(crawl: Crawl) -> None:
    crawl.site.set_robots(HOME, status=503)
    url = crawl.site.listing_url(HOME)
    crawl.watch(url)
    crawl.rounds(1)
    request, _ = recrawl(crawl.ledger, url, by="a test")
    crawl.rounds(2)
    assert crawl.paths() == ["/robots.txt"]
    assert 0 < crawl.seconds_until_due(url) <= 3600
    assert "robots.txt unreachable" in crawl.one(Target, Target.url == url).due_reason
    assert crawl.one(RecrawlRequest, RecrawlRequest.id == request.id).finished_at is None


def test_a_page_that_robots_forbids_is_not_asked_for_and_looked_at_again_in_a_day(crawl: Crawl) -> None:
    crawl.site.set_robots(HOME, "User-agent: *\nDisallow: /")
    url = crawl.site.listing_url(HOME)
    crawl.watch(url)
    crawl.rounds(3)
    assert crawl.paths() == ["/robots.txt"]
    assert crawl.seconds_until_due(url) > 80_000


@pytest.mark.parametrize(
    ("robots", "rule"), [({"body": "User-agent: *\nDisallow: /"}, "robots: "), ({"status": 503}, "")]
)
def test_a_column_that_robots_txt_closes_for_a_week_is_told_with_the_rule(
    crawl: Crawl, robots: dict[str, Any], rule: str
) -> None:
    crawl.site.set_robots(HOME, **robots)
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(2)
    assert crawl.one(Column).unread["visits"] == 1
    with Session(crawl.ledger.engine) as session:
        long_ago = {"since": hours_at(crawl.ledger.clock.now()) - 170, "visits": 5}
        session.execute(update(Column).values(unread=long_ago))
        session.execute(update(Target).values(due_at=crawl.ledger.clock.now() - timedelta(days=1)))
        session.commit()
    crawl.rounds(1)
    episode = crawl.one(Episode)
    assert episode.kind == "blocked"
    assert episode.evidence["rule"].startswith(rule)
    assert episode.evidence["visits"] == 6


def test_a_target_is_held_against_the_robots_file_of_the_day_when_it_is_fetched(crawl: Crawl) -> None:
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(2)
    notice = crawl.site.urls(HOME)[0]
    assert crawl.one(Target, Target.url == notice).due_reason == "new"
    crawl.site.set_robots(HOME, "User-agent: *\nDisallow: /")
    with Session(crawl.ledger.engine) as session, crawl.ledger.reading() as uow:
        session.execute(update(RobotsFile).values(fetched_at=uow.now() - timedelta(hours=25)))
        session.commit()
    crawl.rounds(3)
    assert crawl.one(Target, Target.url == notice).due_reason == "robots.txt forbids it"
    assert [path for path in crawl.paths() if path != "/robots.txt"] == crawl.paths()[1:2]


def test_a_fetch_says_whether_the_certificate_was_looked_at(crawl: Crawl) -> None:
    for host, verify in ((HOME, None), (OTHER, False)):
        crawl.watch(crawl.site.listing_url(host), verify_tls=verify)
    crawl.rounds(4)
    fetched = {url: crawl.one(Fetch, Fetch.url == url) for url in map(crawl.site.listing_url, (HOME, OTHER))}
    assert [fetch.tls_verified for fetch in fetched.values()] == [True, False]


def test_a_redirect_is_followed_however_long_the_host_pauses_in_between(crawl: Crawl) -> None:
    url = crawl.site.publish(HOME)
    moved = crawl.site.move(url)
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(2)
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).values(url=url).where(Target.url == moved))
        session.commit()
    crawl.watch(crawl.site.listing_url(HOME), delay=600.0)
    pauses = []
    for _ in range(6):
        crawl.rounds(1)
        pauses.append(crawl.pause(HOME))
    assert max(pauses) > 500
    fetch = crawl.one(Fetch, Fetch.url == url)
    assert (fetch.outcome, fetch.final_url) == ("captured", moved)
    target = crawl.one(Target, Target.url == url)
    assert (target.hop_url, target.hops, target.host) == (None, 0, HOME)


def test_what_was_said_at_a_redirect_is_evidence_of_the_fetch_it_led_to(crawl: Crawl, tmp_path: Path) -> None:
    url = crawl.site.publish(HOME)
    moved = crawl.site.move(url)
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(2)
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).values(url=url).where(Target.url == moved))
        session.commit()
    while not (trail := crawl.one(Target, Target.url == url).trail):
        crawl.rounds(1)
    ((waits, leads_to),) = [(one["url"], dict(one["received"])["Location"]) for one in trail]
    assert (waits, urljoin(url, leads_to)) == (url, moved)
    crawl.rounds(1)
    fetched = crawl.one(Fetch, Fetch.url == url)
    assert crawl.one(Spoken, Spoken.fetch_id == fetched.id).hops == trail
    assert crawl.one(Target, Target.url == url).trail is None
    export_warc(crawl.ledger, crawl.blobs, Range(), tmp_path / "out.warc.gz")
    with (tmp_path / "out.warc.gz").open("rb") as file:
        responses = [one for one in ArchiveIterator(file) if one.rec_type == "response"]
    heads = {one.rec_headers["WARC-Target-URI"]: one.http_headers for one in responses}
    assert urljoin(url, heads[url]["Location"]) == moved
    assert heads[moved].get_statuscode() == "200"


def test_a_chain_of_redirects_without_an_end_counts_as_failed(crawl: Crawl) -> None:
    url = crawl.site.listing_url(HOME)
    crawl.watch(url)
    crawl.rounds(1)
    crawl.site.fault(HOME, "redirect_loop")
    crawl.rounds(8)
    target = crawl.one(Target, Target.url == url)
    assert (target.last_outcome, target.last_rule, target.failures) == ("failed", "redirect-refused", 1)


def test_a_redirect_in_raw_utf_8_leads_to_the_page_it_names(crawl: Crawl) -> None:
    from crawler.redirects import next_hop
    from shared.http import Response

    raw = "/通知/1.html".encode().decode("latin-1")
    found = next_hop("http://a.example/", Response("http://a.example/", 302, {"location": raw}, b"", 0.0, 0.0))
    assert found == "http://a.example/%E9%80%9A%E7%9F%A5/1.html"


def test_the_crawl_delay_holds_from_the_robots_file_on(crawl: Crawl) -> None:
    crawl.site.set_robots(HOME, "User-agent: *\nCrawl-delay: 30")
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.loop.round()
    assert 25 < crawl.pause(HOME) <= 30
    crawl.rounds(1)
    assert 25 < crawl.pause(HOME) <= 30


@pytest.mark.parametrize("delay", ["100000000", "1e12"])
def test_an_absurd_crawl_delay_is_a_day_and_an_operator_is_told(crawl: Crawl, delay: str) -> None:
    crawl.site.set_robots(HOME, f"User-agent: *\nCrawl-delay: {delay}")
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(2)
    assert 80_000 < crawl.pause(HOME) <= 86_400
    assert "s between requests" in crawl.one(Host, Host.name == HOME).remark


def test_a_host_keeps_its_own_delay_whoever_links_to_it(crawl: Crawl) -> None:
    crawl.watch(crawl.site.listing_url(OTHER), delay=60.0)
    path = crawl.site.urls(OTHER)[0]
    crawl.watch(
        crawl.site.add_listing(HOME, "/links/index.html", [(path, "关于整改进展情况的通报", "2025-03-04")]),
        0.0,
        hosts=[OTHER],
    )
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).values(due_at=None).where(Target.url == crawl.site.listing_url(OTHER)))
        session.commit()
    crawl.rounds(4)
    assert any(one.endswith(path.rpartition("/")[2]) for one in crawl.paths(OTHER))
    assert crawl.pause(OTHER) > 50


def test_a_paused_source_is_not_asked_for_what_another_source_links_to(crawl: Crawl) -> None:
    crawl.watch(crawl.site.listing_url(OTHER))
    path = crawl.site.urls(OTHER)[0]
    listing = crawl.site.add_listing(HOME, "/links/index.html", [(path, "关于整改进展情况的通报", "2025-03-04")])
    crawl.watch(listing, hosts=[OTHER])
    with Session(crawl.ledger.engine) as session, crawl.ledger.reading() as uow:
        session.execute(update(Source).values(paused_at=uow.now()).where(Source.host == OTHER))
        session.commit()
    crawl.rounds(5)
    assert crawl.paths(OTHER) == []


def test_a_robots_file_is_followed_through_its_redirects(crawl: Crawl) -> None:
    moved = crawl.site.add_page(OTHER, "/rules.txt", b"User-agent: *\nDisallow: /", "text/plain")
    crawl.site.set_robots(HOME, status=301, location=moved)
    crawl.watch(crawl.site.listing_url(HOME))
    crawl.rounds(4)
    assert crawl.paths(HOME) == ["/robots.txt"]
    assert crawl.paths(OTHER) == ["/rules.txt"]
    row = crawl.one(RobotsFile)
    assert (row.status, row.hop_url, row.hops) == (200, None, 0)


def test_a_page_that_breaks_the_crawler_counts_as_failed_after_a_few_visits(crawl: Crawl) -> None:
    url = crawl.site.listing_url(HOME)
    crawl.watch(url)
    crawl.rounds(1)

    def breaks(visit: Visit) -> bool:
        raise MemoryError

    keep, crawl.loop._capture.keep = crawl.loop._capture.keep, breaks  # type: ignore[method-assign]
    for _ in range(MOST_LEASES):
        with pytest.raises(MemoryError):
            crawl.rounds(1)
        with Session(crawl.ledger.engine) as session:
            session.execute(update(Target).values(leased_until=None).where(Target.url == url))
            session.commit()
    crawl.loop._capture.keep = keep  # type: ignore[method-assign]
    asked = len(crawl.paths())
    crawl.rounds(1)
    target = crawl.one(Target, Target.url == url)
    assert (target.last_outcome, target.failures, target.leases) == ("failed", 1, 0)
    assert len(crawl.paths()) == asked


def test_a_turn_whose_session_is_lost_makes_no_request(
    crawl: Crawl, open_another: Callable[[], Ledger], database_url: str
) -> None:
    if not isinstance(crawl.turns, PostgresTurns):
        pytest.skip("a lock file has no session")
    with crawl.turns.take(HOME) as turn:
        assert turn is not None
        other = open_another()
        with other.engine.connect() as connection:
            kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            connection.execute(text(kill + "(SELECT oid FROM pg_database WHERE datname = current_database())"))
        with pytest.raises(Unavailable):
            turn.begin(10.0)


def test_a_hold_outlives_a_reboot(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    with crawl.turns.take(HOME) as turn:
        assert turn is not None
        turn.hold_for(5000.0)
    monkeypatch.setattr("shared.db.turns._boot", lambda: "another boot")
    assert 4900 < crawl.pause(HOME) <= 5000


class Recorded:
    """A turn that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def wait_seconds(self) -> float:
        return 0.0

    def begin(self, seconds: float) -> bool:
        self.told.append(("begin", seconds))
        return True

    def hold_for(self, seconds: float) -> None:
        self.told.append(("hold", seconds))


def test_what_retry_after_asks_replaces_the_hold_written_ahead_in_one_step(crawl: Crawl) -> None:
    url = crawl.site.listing_url(HOME)
    crawl.site.fault(HOME, "429", retry_after=600)
    turn = Recorded()
    crawl.guest.ask(turn, Step(url, 0, {}), Site(1.0, AllowList.parse(["127.0.0.0/8"]), verify_tls=True), None)
    assert turn.told == [("begin", 6.0), ("hold", 600.0)]


def test_nobody_begins_before_the_pause_is_over(crawl: Crawl) -> None:
    with crawl.turns.take(HOME) as turn:
        assert turn is not None
        assert turn.begin(50.0)
        assert not turn.begin(1.0)
        assert turn.wait_seconds() > 40
