"""Our crawler as a crawl process runs it: SQLite, the bundled queue server, the default number of threads."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from crawler.politeness import user_agent
from services.desk.watching import Watch, watch
from services.processes.crawling import build_crawl_loop
from services.queue_server import QueueServer
from services.wiring import VERSION, Wiring, wire
from shared.logs import configure_logs
from shared.migrations import upgrade
from tests.bench.crawl.pages import NOTICES
from tests.bench.crawl.theirs import listings

_LOOK_SECONDS = 0.25
_LONGEST_SECONDS = 600.0


@contextmanager
def wired(folder: Path, **more: float) -> Iterator[Wiring]:
    """Yield a wiring on `folder` without pauses between requests, with a queue server of its own."""
    queue = QueueServer(folder / "queue")
    wiring = wire(
        data_dir=folder,
        redis_url=queue.start(),
        contact="https://bench.example/",
        **{"host_delay_seconds": 0.0, "host_delay_jitter_seconds": 0.0, **more},
    )
    try:
        upgrade(wiring.ledger)
        yield wiring
    finally:
        wiring.close()
        queue.stop()


def fetches(wiring: Wiring) -> int:
    """Return how many fetches are written down."""
    with wiring.ledger.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM fetches")).scalar_one())


def crawl_with_ours(hosts: int, port: int, folder: Path) -> float:
    """Crawl once: at first everything; the second time each column is due again. Return the CPU seconds that it took.

    What it takes to add the columns, which happens once in their life, is left out.
    """
    configure_logs("json", "info")
    with wired(folder) as wiring:
        before = fetches(wiring)
        if before == 0:
            for url in listings(hosts, port):
                watch(wiring.ledger, Watch(url, allow=[f"127.0.0.0/8:{port}"]))
        else:
            with wiring.ledger.engine.begin() as connection:
                connection.execute(text("UPDATE targets SET due_at = NULL WHERE kind <> 'listing'"))
                connection.execute(text("UPDATE targets SET due_at = created_at WHERE kind = 'listing'"))
        loop = build_crawl_loop(wiring, user_agent(VERSION, wiring.settings.contact))
        wanted = before + hosts * (1 if before else NOTICES + 1)
        stop = threading.Event()
        started, ends = time.process_time(), time.monotonic() + _LONGEST_SECONDS
        crew = threading.Thread(target=loop.run, args=(wiring.settings.crawl_threads, stop))
        crew.start()
        while fetches(wiring) < wanted and time.monotonic() < ends:
            time.sleep(_LOOK_SECONDS)
        stop.set()
        crew.join()
        return time.process_time() - started
