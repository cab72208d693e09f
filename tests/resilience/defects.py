"""Defects to be planted, each by replacing one named piece, so that it shows whether the promises would notice.

Only tests come here: a process has a defect if it was started by way of `tests.resilience.ours`, with its name in the
environment, and no module of the service knows that there are any.
"""

import pkgutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urljoin

from sqlalchemy import func, insert, select, text, update

from crawler.politeness import DEFAULT_DELAY_SECONDS, Pause
from shared.db import Ledger
from shared.db.models import Event, Fetch
from shared.http import Response
from shared.settings import Settings
from tests.resilience.ttl_turns import TtlTurns

MOST_REDIRECTS = 5


class Defect(NamedTuple):
    """A row of the table."""

    name: str
    replaces: str
    """`module:Class.attribute`."""
    breaks: str
    """The promise that must be found broken (`tests.invariants`)."""
    met_by: tuple[str, ...]
    """Groups of the fault lab's blows by which it may do harm."""
    instead: Callable[[Any, Settings], Any]
    """Makes the replacement from what it replaces."""
    unprotect: Callable[[Ledger], None] = lambda _: None
    """What has to be done to the database, that it may happen."""
    databases: tuple[str, ...] = ("sqlite", "postgresql")


def no_sweep(_sweep: Any, _settings: Settings) -> Any:
    """Never look for what was forgotten."""
    return lambda _self: 0


def acknowledge_on_receipt(claim: Any, _settings: Settings) -> Any:
    """Take a fetch off the list of what is owed when it is begun, not when it is done."""

    def claimed(self: Any, fetch_id: str, *rest: Any) -> Any:
        fetch = claim(self, fetch_id, *rest)
        self._session.execute(update(Fetch).where(Fetch.id == fetch_id).values(rung_at=None))
        return fetch

    return claimed


def poll_by_last_serial(_unstamped: Any, _settings: Settings) -> Any:
    """Take what was recorded after the last event that was handed on, as a poller of an outbox does that counts."""

    def unstamped(self: Any, limit: int) -> Any:
        last = self._session.scalar(select(func.max(Event.serial)).where(Event.position.is_not(None))) or 0
        return self._session.scalars(select(Event).where(Event.serial > last).order_by(Event.serial).limit(limit)).all()

    return unstamped


def turns_that_expire(_open_turns: Any, settings: Settings) -> Any:
    """Keep a host's turn by a key in Redis that ends by itself."""
    return lambda *_: TtlTurns(settings.redis_url or "")


def delay_from_the_start(_pause_after: Any, _settings: Settings) -> Any:
    """Count the pause from when the request began."""

    def pause(duration: float, crawl_delay: float | None = None, configured: float | None = None, *_: float) -> Pause:
        usual = DEFAULT_DELAY_SECONDS if configured is None else configured
        return Pause(max(0.0, max(usual, crawl_delay or 0.0) - duration), "from-the-start")

    return pause


def settle_whoever_holds_it(_settle: Any, _settings: Settings) -> Any:
    """Write the worker's marks without asking whose the lease is by now."""

    def settle(self: Any, fetch_id: str, _lease: str, values: dict[str, Any]) -> bool:
        self._session.execute(update(Fetch).where(Fetch.id == fetch_id).values(**values, lease=None, leased_until=None))
        return True

    return settle


def record_whatever_comes(_append: Any, _settings: Settings) -> Any:
    """Record each event under an id of its own."""

    def append(self: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._session.execute(insert(Event), [row | {"id": str(uuid.uuid4())} for row in rows])

    return append


def let_events_repeat(ledger: Ledger) -> None:
    """Drop the natural key of events (PostgreSQL)."""
    with ledger.engine.begin() as connection:
        keys = select(text("conname")).select_from(text("pg_constraint"))
        natural = keys.where(text("conrelid = 'events'::regclass AND contype = 'u' AND array_length(conkey, 1) = 3"))
        for name in connection.scalars(natural).all():
            connection.execute(text(f'ALTER TABLE events DROP CONSTRAINT "{name}"'))


def follow_redirects(exchange: Any, _settings: Settings) -> Any:
    """Bring an event to wherever the endpoint sends us."""

    def exchanged(self: Any, request: Any, **rest: Any) -> Response:
        for _ in range(MOST_REDIRECTS):
            response: Response = exchange(self, request, **rest)
            location = response.headers.get("location")
            if not (300 <= response.status < 400 and location):
                break
            request = replace(request, url=urljoin(request.url, location))
        return response

    return exchanged


SWEEP, POST = "worker.sweep:Sweeper.sweep", "shared.http.kept:KeptHttp.exchange"
CLAIM, SETTLE = "shared.db.fetches:Fetches.claim", "shared.db.fetches:Fetches.settle"
STAMP, APPEND = "shared.db.events:Events.unstamped", "shared.db.events:Events.append"
TURNS, PAUSE = "services.processes.crawling:open_turns", "crawler.guest:pause_after"
# On SQLite writers take turns: nobody commits out of order, and no two tell of one thing at a time.
BOTH_WRITE = ("postgresql",)
COMMITS = ("processes", "database")
DEFECTS = (
    Defect("no sweeper", SWEEP, "I9", ("queue",), no_sweep),
    Defect("early acknowledgement", CLAIM, "I1", ("processes",), acknowledge_on_receipt),
    Defect("naive outbox poller", STAMP, "I3", COMMITS, poll_by_last_serial, databases=BOTH_WRITE),
    Defect("TTL-lock politeness", TURNS, "I7", ("processes",), turns_that_expire),
    Defect("start-based delay", PAUSE, "I7", ("origin",), delay_from_the_start),
    Defect("no fence", SETTLE, "I2", ("processes",), settle_whoever_holds_it),
    Defect(
        "no unique event",
        APPEND,
        "I2",
        ("processes", "database"),
        record_whatever_comes,
        let_events_repeat,
        databases=BOTH_WRITE,
    ),
    Defect("following webhook redirects", POST, "I11", ("receivers",), follow_redirects),
)


def defect_of(name: str) -> Defect:
    """Return a row by its name; raises ValueError that tells which there are."""
    found = {one.name: one for one in DEFECTS}.get(name)
    if found is None:
        raise ValueError(f"no such defect: {name!r}; there are {[one.name for one in DEFECTS]}")
    return found


@contextmanager
def planted(name: str | None, settings: Settings) -> Iterator[None]:
    """Have the defect of that name in this process, for as long as the context lasts; None: none."""
    if name is None:
        yield
        return
    defect = defect_of(name)
    path, _, attribute = defect.replaces.replace(":", ".").rpartition(".")
    owner = pkgutil.resolve_name(path)
    sound = getattr(owner, attribute)
    setattr(owner, attribute, defect.instead(sound, settings))
    try:
        yield
    finally:
        setattr(owner, attribute, sound)
