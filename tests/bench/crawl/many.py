"""Many columns on many hosts, each due again and again: whether one crawler keeps up, and what that takes."""

import resource
import threading
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, text

from crawler.politeness import user_agent
from services.desk.watching import Watch, watch
from services.processes.crawling import build_crawl_loop
from services.wiring import VERSION
from shared.logs import configure_logs
from tests.bench.crawl.origin import Origin, address_of
from tests.bench.crawl.ours import fetches, wired
from tests.bench.crawl.pages import SHORT_LISTING


class Load(NamedTuple):
    """How many columns are due how often, and for how long they are watched."""

    columns: int = 2000
    interval_seconds: float = 900.0
    hurry: float = 30.0
    """By how much time is shortened: 15 minutes become 30 seconds."""
    seconds: float = 60.0


class Pace(NamedTuple):
    """How it went: visits a second, the CPU's share of one core, the longest overdue target in the end, and memory."""

    visits_per_second: float
    needed_per_second: float
    core_share: float
    overdue_seconds: float
    peak_mib: float


def pace_of(load: Load, origin: Origin, folder: Path) -> Pace:
    """Watch `load` on the hosts of `origin`, in a fresh process."""
    context = get_context("spawn")
    told, telling = context.Pipe(duplex=False)
    process = context.Process(target=_keep_up, args=(load, origin.hosts, origin.port, folder, telling))
    process.start()
    telling.close()
    pace: Pace = told.recv()
    process.join()
    return pace


def _keep_up(load: Load, hosts: int, port: int, folder: Path, telling: Connection) -> None:
    configure_logs("json", "error")
    interval = load.interval_seconds / load.hurry
    with wired(folder, listing_interval_seconds=interval) as wiring:
        for column in range(load.columns):
            url = f"http://{address_of(column % hosts)}:{port}{SHORT_LISTING}{column}.html"
            watch(wiring.ledger, Watch(url, allow=[f"127.0.0.0/8:{port}"]))
        loop = build_crawl_loop(wiring, user_agent(VERSION, wiring.settings.contact))
        stop = threading.Event()
        crew = threading.Thread(target=loop.run, args=(wiring.settings.crawl_threads, stop))
        crew.start()
        # The first look at everything is not what is measured.
        while _waiting(wiring.ledger.engine) > 0:
            time.sleep(1.0)
        time.sleep(interval)
        began, cpu, visits = time.monotonic(), time.process_time(), fetches(wiring)
        time.sleep(load.seconds)
        took = time.monotonic() - began
        share, rate = (time.process_time() - cpu) / took, (fetches(wiring) - visits) / took
        overdue = _overdue_seconds(wiring.ledger.engine)
        stop.set()
        crew.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    telling.send(Pace(rate, load.columns / interval, share, overdue, peak))


def _waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM targets WHERE fetch_count = 0")).scalar_one())


def _overdue_seconds(engine: Engine) -> float:
    """Return for how long the target has waited that has been due longest."""
    with engine.connect() as connection:
        due = connection.execute(text("SELECT min(due_at) FROM targets WHERE due_at IS NOT NULL")).scalar_one()
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(due).replace(tzinfo=UTC)).total_seconds())
