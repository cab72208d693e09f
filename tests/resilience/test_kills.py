"""Killed, flushed, frozen, doubled: whatever happens to a process or the queue, nothing is lost, nothing is twice.

Each blow alone, and aimed; together, and on SQLite too, they fall in `test_fault_lab`.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.simulation.pages.odd import plain_listing
from services.simulation.site import DisclosureSite
from shared.db.models import Fetch
from tests.resilience.run import Run
from tests.servers.line import Line, quick_settings
from tests.servers.subscriber import Sink

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def run(database_url: str, queue_url: str, tmp_path: Path) -> Iterator[Run]:
    settings = quick_settings(tmp_path, database_url, queue_url)
    with DisclosureSite(notices=3) as site, Sink() as sink, Line(settings) as line:
        line.subscribe(sink)
        yield Run(site, sink, line)


def test_a_killed_worker_group_loses_no_fetch(run: Run) -> None:
    """Killed three times while it holds a lease: the lease ends, the sweeper rings, another worker reads."""
    heavy = [run.site.add_page("127.0.0.2", f"/heavy/{n}.html", heavy_page(n)) for n in range(3)]
    items = [(f"/heavy/{n}.html", f"关于第{n}号长篇整改情况的通报", "2025-03-01") for n in range(3)]
    listing = run.site.add_page("127.0.0.2", "/heavy/index.html", plain_listing(items).encode())
    run.line.start_all()
    run.line.watch(listing, *run.site.listing_urls())
    kills = 0
    for _ in range(3):
        run.line.wait_until(lambda: holds_a_lease(run.line), what="a worker in the middle of a task")
        run.line.kill("work")
        kills += holds_a_lease(run.line)
        run.line.start("work")
    assert kills > 0, "no kill hit a worker in the middle of a task"
    run.line.wait_until(lambda: run.stored() == 9 + len(heavy), what="all notices stored, the heavy ones too")
    run.settle_and_check()


def heavy_page(number: int) -> bytes:
    """Return a page that takes a good part of a second to read."""
    rows = "".join(
        f"<p>{number}之{row}：已逐项核对台账，责任人按月报告进度，材料归档备查。</p>" for row in range(12_000)
    )
    title = f"关于第{number}号长篇整改情况的通报"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div>{rows}</div></body></html>".encode()


def holds_a_lease(line: Line) -> bool:
    """Tell whether a worker holds a fetch now."""
    with Session(line.wiring.ledger.engine) as session:
        return bool(session.scalar(select(func.count()).select_from(Fetch).where(Fetch.lease.is_not(None))))


def test_flushing_the_queue_loses_no_bell_for_good(run: Run) -> None:
    run.line.start_all()
    run.line.watch(*run.site.listing_urls())
    with Redis.from_url(run.line.settings.redis_url or "") as redis:
        for _ in range(4):
            redis.flushall()
            run.wait_for_more()
        run.stir()
        redis.flushall()
    run.settle_and_check()


def test_two_crawlers_share_a_host_like_one(run: Run) -> None:
    run.line.start_all()
    run.line.start("crawl", "second crawler")
    run.line.watch(*run.site.listing_urls())
    run.line.wait_until(lambda: run.stored() == 9)
    run.stir()
    run.settle_and_check()
    assert both_crawled(run.line), "only one of the crawlers did anything"


def both_crawled(line: Line) -> bool:
    """Tell from the log whether both crawlers fetched robots files or pages (each says so when it starts)."""
    return line.log.read_text().count("crawler_started") == 2


def test_a_crawler_killed_in_the_middle_of_a_request_leaves_its_host_in_peace(run: Run) -> None:
    run.line.start_all()
    run.line.watch(*run.site.listing_urls())
    run.line.wait_until(lambda: run.stored() >= 2)
    run.site.fault("127.0.0.3", "slow", seconds=20, times=1, drip_seconds=3)
    run.line.wait_until(lambda: is_under_way(run.site, "127.0.0.3"), what="a request under way")
    run.line.kill("crawl")
    run.line.start("crawl")
    run.stir()
    run.settle_and_check()


def is_under_way(site: DisclosureSite, host: str) -> bool:
    """Tell whether a request to `host` has been met by its trouble."""
    return any(entry["host"] == host and entry["fault"] for entry in site.log())


def test_a_killed_relay_is_followed_by_its_standby(run: Run) -> None:
    run.line.start_all()
    run.line.start("relay", "standby")
    run.line.watch(*run.site.listing_urls())
    for name in ("relay", "standby", "relay"):
        run.line.kill(name)
        run.stir()
        run.wait_for_news()
        run.line.start("relay", name)
    run.settle_and_check()


def test_a_failing_subscriber_hears_everything_once_it_is_well(run: Run) -> None:
    run.sink.fail("status", times=6, status=503)
    run.sink.fail("hang", times=1, seconds=5)
    run.sink.fail("acknowledge_and_reset", times=2)
    run.line.start_all()
    run.line.watch(*run.site.listing_urls())
    run.line.wait_until(lambda: run.stored() == 9)
    run.stir()
    run.settle_and_check()


@contextmanager
def frozen(line: Line, name: str) -> Iterator[None]:
    """Stop a process without its knowing, for as long as the context lasts."""
    line.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        line.signal(name, signal.SIGCONT)


def outlast_three_leases(run: Run) -> None:
    """Wait for longer than three leases of two seconds.

    Others go on meanwhile, unless the frozen process was in the middle of a write on SQLite, where all wait for it.
    """
    over = time.monotonic() + 7
    run.line.wait_until(lambda: time.monotonic() > over)


SHORT_LEASES = {"target_lease_seconds": 2.0, "process_lease_seconds": 2.0, "request_total_seconds": 1.5}


def test_a_crawler_frozen_with_a_host_in_its_hands_keeps_others_off_it(run: Run) -> None:
    run.line.settings = run.line.settings.model_copy(update=SHORT_LEASES)
    run.line.start_all()
    run.line.start("crawl", "second crawler")
    run.line.watch(*run.site.listing_urls())
    run.line.wait_until(lambda: run.stored() >= 3)
    with frozen(run.line, "second crawler"):
        run.stir()
        outlast_three_leases(run)
    run.settle_and_check()


def test_a_worker_frozen_for_longer_than_its_lease_records_nothing_twice(run: Run) -> None:
    run.line.settings = run.line.settings.model_copy(update=SHORT_LEASES)
    run.line.start_all()
    run.line.start("work", "second worker")
    run.line.watch(*run.site.listing_urls())
    run.line.wait_until(lambda: run.stored() >= 2)
    with frozen(run.line, "work"):
        run.stir()
        outlast_three_leases(run)
    run.settle_and_check()


def test_a_relay_frozen_as_the_leader_gives_no_position_twice(run: Run) -> None:
    run.line.start_all()
    run.line.start("relay", "standby")
    run.line.watch(*run.site.listing_urls())
    run.wait_for_news()
    with frozen(run.line, "relay"):
        run.stir()
        outlast_three_leases(run)
    run.settle_and_check()
