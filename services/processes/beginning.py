"""How every process begins: it hears of signals, and waits for its database."""

import signal
import sys
from threading import Event

import structlog

from services.wiring import Wiring
from shared.errors import Unavailable
from shared.migrations import require_current

log = structlog.get_logger()

TROUBLE_SECONDS = 2.0


def stop_on_signals() -> Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def end_on_signals(stop: Event) -> None:
    """Let signals end this process at once, now and until somebody else handles them: nobody looks at `stop` any more.

    Celery takes a second or more before it does, and what was told meanwhile would be forgotten.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    if stop.is_set():
        sys.exit(0)


def wait_for_ledger(wiring: Wiring, stop: Event) -> bool:
    """Wait until the database answers, telling so; False if stopped. Raises `Invalid` if it is not migrated."""
    while not stop.is_set():
        try:
            require_current(wiring.ledger)
        except Unavailable as error:
            log.error("database_unavailable", error=str(error))
            stop.wait(TROUBLE_SECONDS)
        else:
            return True
    return False
