"""The rig of the fault lab: eight processes of ours, private servers behind doors that break, sites and a receiver."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from services.simulation.faults import FaultProxy
from services.simulation.site import DisclosureSite
from services.simulation.troubles import bomb
from shared.settings import Settings
from tests.resilience.defects import defect_of
from tests.resilience.ours import CLOCK, DEFECT, KILLING
from tests.servers import sqlite
from tests.servers.canaries import Canaries
from tests.servers.line import Line, quick_settings
from tests.servers.postgres import Postgres
from tests.servers.queue import Queue
from tests.servers.subscriber import Sink

STEADY = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")
"""Hosts that are asked all the time, and whose notices change."""
CHANGING = ("127.0.0.6", "127.0.0.7")
"""Hosts whose robots files change."""
FAMILIES = ("trs", "guangdong", "hanweb", "guangdong", "hanweb", "guangdong")
ODD = "/odd/index.html"
"""The listing of supplied pages on each steady host."""
KILLING_PART = "/odd/killing"
"""A page whose address begins so kills its reader."""
PROCESSES = {
    "crawler-1": "crawl",
    "crawler-2": "crawl",
    "crawler-3": "crawl",
    "worker-1": "work",
    "worker-2": "work",
    "relay": "relay",
    "standby": "relay",
    "api": "api",
}
CRAWLERS, WORKERS, RELAYS = ("crawler-1", "crawler-2", "crawler-3"), ("worker-1", "worker-2"), ("relay", "standby")
BEHIND_A_DOOR = {"crawler-1": "crawler-1", "worker-1": "workers", "worker-2": "workers"} | dict.fromkeys(
    RELAYS, "relays"
)
"""Whose connections to PostgreSQL go through which door; the others' go straight."""
REQUEST_SECONDS = 2.0
LEASE_SECONDS = 4.0
QUICKLY: dict[str, Any] = {
    "request_total_seconds": REQUEST_SECONDS,
    "target_lease_seconds": LEASE_SECONDS,
    "process_lease_seconds": LEASE_SECONDS,
    "ring_again_seconds": 2.0,
    "sweep_interval_seconds": 0.5,
    "listing_interval_seconds": 3.0,
    "detail_first_interval_seconds": 3.0,
    "detail_last_interval_seconds": 6.0,
    "delivery_threads": 8,
    "crawl_threads": len(STEADY + CHANGING),
    "recrawl_targets_per_day": 1_000_000,
    "delivery_disable_after_seconds": 86_400.0,
}
"""Settings besides those of any test's line."""


class Rig:
    """Everything that a run needs, and what can be done to it; ended by whoever opened it."""

    def __init__(self, line: Line, site: DisclosureSite, sink: Sink, queue: Queue, server: Postgres | None) -> None:
        """Keep the parts. `line` goes straight to the servers: what it asks and does is disturbed by nothing."""
        self.line, self.site, self.sink, self.queue, self.server = line, site, sink, queue, server
        self.canaries = Canaries()
        self.queue_door = FaultProxy("127.0.0.1", queue.port)
        self.doors: dict[str, FaultProxy] = {}
        if server is not None:
            self.doors = {name: FaultProxy("127.0.0.1", server.port) for name in sorted(set(BEHIND_A_DOOR.values()))}
        self.clock = line.settings.data_dir / "clock"
        self.set_clocks(0.0)

    @property
    def database(self) -> str:
        """`postgresql` or `sqlite`."""
        return "postgresql" if self.server else "sqlite"

    def set_clocks(self, seconds: float) -> None:
        """Let the wall clocks of all our processes be wrong by so much from now on."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{seconds}")
        fresh.replace(self.clock)

    def start(self, name: str) -> None:
        """Start a process by its name in `PROCESSES`."""
        more: dict[str, Any] = {"redis_url": _through(self.line.settings.redis_url or "", self.queue_door)}
        if self.doors and (door := BEHIND_A_DOOR.get(name)):
            more["database_url"] = _through(self.line.settings.database, self.doors[door])
        if name in CRAWLERS:
            more["contact"] = f"https://noticewire.example/{name}"
        self.line.start(PROCESSES[name], name, **more)

    def begin(self) -> None:
        """Start everything, with an odd page on each steady host, and watch all columns."""
        for host in STEADY:
            self.show_odd(host, {})
        for door in (self.queue_door, *self.doors.values()):
            door.start()
        self.line.subscribe(self.sink)
        for name in PROCESSES:
            self.start(name)
        self.line.watch(*self.site.listing_urls(), *(self.odd(host) for host in STEADY))

    def odd(self, host: str) -> str:
        """Return the address of a steady host's listing of supplied pages."""
        return f"http://{host}:{self.site.port}{ODD}"

    def show_odd(self, host: str, pages: dict[str, bytes]) -> None:
        """Let supplied pages, by path, be up and listed on a steady host; others that were stay up unlisted."""
        for path, body in pages.items():
            self.site.add_page(host, path, body)
        items = [(path, f"关于{path.rpartition('/')[2]}的通报", "2025-03-01") for path in pages]
        self.site.add_listing(host, ODD, items)

    def close(self) -> None:
        """Close the doors."""
        for door in (self.queue_door, *self.doors.values()):
            door.stop()


def _through(url: str, door: FaultProxy) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}{door.host}:{door.port}"))


@contextmanager
def open_rig(folder: Path, database: str, seed: int, planted: str | None = None) -> Iterator[Rig]:
    """Open a rig on a PostgreSQL or SQLite of its own, with data in `folder`. Raises `NoPostgres`.

    `planted` names the defect that all our processes have.
    """
    bomb()
    with ExitStack() as stack:
        queue = stack.enter_context(Queue())
        server = Postgres() if database == "postgresql" else None
        if server is not None:
            stack.callback(server.close)
        url = server.lasting() if server else sqlite.fresh(folder)
        settings = quick_settings(folder, url, queue.url, **QUICKLY)
        hosts = [*STEADY, *CHANGING]
        site = stack.enter_context(DisclosureSite(hosts=hosts, families=FAMILIES, notices=2, seed=seed))
        sink = stack.enter_context(Sink())
        line = Line(settings, "tests.resilience.ours", _surroundings(settings, planted))
        rig = Rig(line, site, sink, queue, server)
        stack.callback(rig.close)
        stack.enter_context(line)
        stack.callback(rig.canaries.stop)
        if planted is not None:
            defect_of(planted).unprotect(line.wiring.ledger)
        yield rig


def _surroundings(settings: Settings, planted: str | None) -> dict[str, str]:
    told = {CLOCK: str(settings.data_dir / "clock"), KILLING: KILLING_PART}
    return told | ({DEFECT: planted} if planted else {})
