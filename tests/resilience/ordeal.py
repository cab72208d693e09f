"""An ordeal for three crawlers: struck by a nemesis, they must stay good guests, as the sites' own log tells."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from services.simulation.site import DisclosureSite
from shared.settings import Settings
from tests.resilience.manners import FOR_AGES, not_asked_anew
from tests.resilience.nemesis import CHANGING, CRAWLERS, QUICKLY, STEADY, Nemesis
from tests.resilience.run import Run
from tests.servers import sqlite
from tests.servers.line import Line, quick_settings
from tests.servers.postgres import Postgres
from tests.servers.subscriber import Sink

FAMILIES = ("trs", "guangdong", "hanweb", "hanweb", "guangdong")
"""Of the hosts: a page of a long notice that may not be asked for would leave its text without an end, by our doing."""


class Ordeal:
    """One run: blows, peace, the promises; then patience that is asked for beyond measure."""

    def __init__(self, run: Run, nemesis: Nemesis) -> None:
        """Start the processes."""
        self.run, self.nemesis = run, nemesis
        nemesis.start()
        run.line.watch(*run.site.listing_urls())

    def strike(self, count: int | None, seconds: float = float("inf")) -> None:
        """Let `count` blows fall (None: any number), and no more once `seconds` are over."""
        over = time.monotonic() + seconds
        for blow in islice(self.nemesis.blows(), count):
            if time.monotonic() > over:
                return
            self.nemesis.strike(blow)

    def judge(self) -> None:
        """Hold everything against the promises, once the sites are well and everything has settled."""
        self.nemesis.rest()
        self.run.settle_and_check()
        for form in FOR_AGES:
            self.nemesis.say_for_ages(form)
        for blow in ("kill", "flush"):
            self.nemesis.strike(blow)
        asked = len(self.run.site.log())
        self.run.line.wait_until(lambda: len(self.run.site.log()) > asked + 10, what="more requests")
        self.run.settle_and_check()
        log = self.run.site.log()
        assert not_asked_anew(log, self.nemesis.nights) == []
        agents = {one["user_agent"] for one in log}
        assert all(any(name in agent for agent in agents) for name in CRAWLERS), "not all of the crawlers did something"


@contextmanager
def on_sqlite(folder: Path, queue_url: str, seed: int) -> Iterator[Ordeal]:
    """Open an ordeal on a database that is a file."""
    with _ordeal(quick_settings(folder, sqlite.fresh(folder), queue_url, **QUICKLY), seed, None) as opened:
        yield opened


@contextmanager
def on_postgres(folder: Path, queue_url: str, seed: int) -> Iterator[Ordeal]:
    """Open an ordeal on a PostgreSQL of its own, which will be killed. Raises `NoPostgres`."""
    server = Postgres()
    try:
        settings = quick_settings(folder, server.lasting(), queue_url, **QUICKLY)
        with _ordeal(settings, seed, server) as opened:
            yield opened
    finally:
        server.close()


@contextmanager
def _ordeal(settings: Settings, seed: int, server: Postgres | None) -> Iterator[Ordeal]:
    hosts = [*STEADY, *CHANGING]
    with (
        DisclosureSite(hosts=hosts, families=FAMILIES, notices=2, seed=seed) as site,
        Sink() as sink,
        Line(settings) as line,
    ):
        line.subscribe(sink)
        yield Ordeal(Run(site, sink, line), Nemesis(site, line, seed, server))
