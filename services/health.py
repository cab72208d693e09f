"""Health by progress: whether a process of this host does its work, not whether it merely runs."""

from urllib.error import URLError
from urllib.request import urlopen

from services.heartbeat import Heartbeat
from services.wiring import Wiring
from shared.errors import Invalid, NoticewireError

STALLED_SECONDS = 120.0
STALE_BEAT_SECONDS = 30.0
IDLE_BEAT_SECONDS = 20.0
"""A worker's watch looks every 2 s, and beats while it has nothing to wonder at."""


def trouble_of(wiring: Wiring, kind: str) -> str | None:
    """Return what is wrong with the process `kind` on this host, or None; raises `Invalid` for other kinds."""
    if kind in ("crawl", "relay"):
        age = Heartbeat(wiring.settings.data_dir, kind).age_seconds()
        if age is None:
            return f"{kind} has not ended a round yet"
        return f"{kind} has not ended a round for {age:.0f} s" if age > _longest_round(wiring, kind) else None
    if kind == "work":
        return _of_worker(wiring)
    if kind == "api":
        return _of_api(wiring)
    raise Invalid(f"unknown process {kind!r}; there are crawl, work, relay and api")


def _longest_round(wiring: Wiring, kind: str) -> float:
    """Return the seconds after which a round is too long: a crawler's may be two requests, each to its limit."""
    return 2 * wiring.settings.request_total_seconds + STALE_BEAT_SECONDS if kind == "crawl" else STALE_BEAT_SECONDS


def _of_worker(wiring: Wiring) -> str | None:
    """Workers are judged by the ledger: a Celery worker can look alive and answer no bell after a reconnect."""
    if wiring.bell.waiting() is None:
        return "the queue does not answer"
    age = Heartbeat(wiring.settings.data_dir, "work").age_seconds()
    if age is not None and age > IDLE_BEAT_SECONDS:
        return f"work has answered no bell for {age:.0f} s, though some wait"
    try:
        with wiring.ledger.reading() as uow:
            if uow.fetches.stalled(uow.now(), STALLED_SECONDS):
                return f"fetches wait, and none was taken for {STALLED_SECONDS:.0f} s"
    except NoticewireError as error:
        return str(error)
    return None


def _of_api(wiring: Wiring) -> str | None:
    host = wiring.settings.api_host if wiring.settings.api_host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    try:
        with urlopen(f"http://{host}:{wiring.settings.api_port}/healthz", timeout=3):
            return None
    except (URLError, OSError) as error:
        return f"the API does not answer: {error}"
