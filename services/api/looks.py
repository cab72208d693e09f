"""Looks at what the wire depends on, each bounded in time: the ledger, the queue, and the disk for snapshots."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import unquote, urlsplit

import structlog

from services.api.verdict import STALL_SECONDS, FailingHost, LedgerFacts
from services.wiring import Wiring
from shared.clock import Clock
from shared.db import UnitOfWork
from shared.domain.states import DeliveryState
from shared.errors import Invalid, Unavailable
from shared.migrations import require_current
from worker.dates import missed

log = structlog.get_logger()

T = TypeVar("T")

LEAST_FREE_BYTES = 64 * 1024 * 1024
FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Seen(Generic[T]):
    """What a look found, or the problem with it."""

    found: T | None
    problem: str | None = None


class Lookout(Generic[T]):
    """Takes one kind of look, one at a time; whoever asks meanwhile shares it.

    A look at a server that is frozen may hang for as long as it likes: it has a thread of its own, which nobody waits
    for past the deadline, and which no second one joins.
    """

    def __init__(self, look: Callable[[], T], trouble: str, clock: Clock) -> None:
        """Take `look`s; `trouble` says what is wrong, and what to do, where one fails for a reason not fit to show."""
        self._look = look
        self._trouble = trouble
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: Future[Seen[T]] | None = None
        self._begun_at = 0.0

    async def ask(self, seconds: float) -> Seen[T]:
        """Return what a look finds that is at most `FRESH_SECONDS` old, or that it took longer than `seconds`."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._begin()), seconds)
        except TimeoutError:
            return Seen(None, f"{self._trouble} (no answer in {seconds:.0f} s)")

    def _begin(self) -> "Future[Seen[T]]":
        with self._lock:
            now = self._clock.monotonic()
            latest = self._latest
            if latest is not None and (not latest.done() or now - self._begun_at < FRESH_SECONDS):
                return latest
            fresh: Future[Seen[T]] = Future()
            fresh.set_running_or_notify_cancel()  # nobody who stops waiting may cancel it for the others
            self._latest, self._begun_at = fresh, now
            threading.Thread(target=self._run, args=(fresh,), name="lookout", daemon=True).start()
            return fresh

    def _run(self, future: "Future[Seen[T]]") -> None:
        try:
            future.set_result(Seen(self._look()))
        except Invalid as error:
            future.set_result(Seen(None, str(error)))
        except Exception as error:
            # Anybody may ask for readiness, and the reason may name servers and users; the log may know.
            log.warning("look_failed", trouble=self._trouble, error=str(error))
            future.set_result(Seen(None, self._trouble))


def look_at_ledger(wiring: Wiring) -> LedgerFacts:
    """Return the facts; raises `Invalid` where the tables are not this release's, `Unavailable` if it is down."""
    require_current(wiring.ledger)
    with wiring.ledger.reading() as uow:
        return facts_of(uow)


def facts_of(uow: UnitOfWork) -> LedgerFacts:
    """Return what the ledger tells of the wire's health."""
    now = uow.now()
    attempt, fetch = uow.deliveries.last_attempt(), uow.fetches.last()
    return LedgerFacts(
        ages=asdict(uow.ages.four(now)),
        relay_beat=uow.ages.relay_beat(now),
        last_position=uow.events.last_position(),
        fetch_unclaimed=_ago(uow.fetches.unclaimed_since(now), now),
        delivery_unclaimed=_ago(uow.deliveries.unclaimed_since(now), now),
        last_attempt=_ago(attempt.started_at, now, attempt.duration_seconds) if attempt else None,
        neglected=uow.frontier.neglected(now - timedelta(seconds=STALL_SECONDS), now),
        last_fetch=_ago(fetch.started_at, now, fetch.duration_seconds) if fetch else None,
        quarantined=uow.ages.quarantined(),
        parked=uow.deliveries.count(DeliveryState.PARKED),
        failing_hosts=[FailingHost(host.name, host.failures, host.last_error or "") for host in uow.hosts.failing()],
        column_warnings=uow.ages.column_warnings(),
        host_remarks=[(host.name, host.remark or "") for host in uow.hosts.remarked()],
        ailing=uow.episodes.open_by_kind(),
        days_missed=uow.agenda.waiting_until(missed(now)),
    )


def _ago(at: datetime | None, now: datetime, duration: float = 0.0) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds() - duration)


def look_at_queue(wiring: Wiring) -> int:
    """Return how many bells wait; raises `Invalid` where no queue is named, `Unavailable` if it is down."""
    waiting = wiring.bell.waiting()
    if waiting is None:
        raise Unavailable("the queue does not answer")
    return waiting


def look_at_disk(wiring: Wiring) -> int:
    """Return how many bytes are free for snapshots, after writing a little; `Invalid` where too few are."""
    _ = wiring.blobs  # raises `Invalid` where the URL is no folder's
    folder = Path(unquote(urlsplit(wiring.settings.blobs).path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".look-") as file:
            file.write(b"noticewire")
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise Invalid(
            f"snapshots cannot be written: {error.strerror}; mend the folder of NOTICEWIRE_BLOBS_URL"
        ) from error
    if free < LEAST_FREE_BYTES:
        least = LEAST_FREE_BYTES // 2**20
        raise Invalid(f"the disk for snapshots has less than {least} MiB left; free some, or nothing more is captured")
    return free
