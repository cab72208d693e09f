"""Ends a worker that receives nothing though bells wait: its main process has no rounds that could be watched."""

import os
import time
from collections.abc import Callable
from threading import Event, Thread

import structlog

from services.heartbeat import Heartbeat
from worker.app import TASK_TIME_LIMIT_SECONDS, Received

log = structlog.get_logger()

LOOK_SECONDS = 2.0
STUCK = 75
"""How a worker exits that found itself stuck (`EX_TEMPFAIL` of sysexits.h: try again)."""


class WorkerWatch:
    """Tells for how long a worker has received nothing though bells wait that it could answer."""

    def __init__(self, received: Received, now: float) -> None:
        """Watch what is `received` from `now` on (seconds of a monotonic clock)."""
        self._received = received
        self._count = received.count
        self._since = now

    def idle_seconds(self, waiting: int | None, now: float) -> float:
        """Return for how long nothing was received, at every look of which bells were `waiting`.

        Below 0 while those that are in hand may still take their time. A queue that does not answer is no fault of the
        worker's.
        """
        if not waiting or self._received.count != self._count:
            self._count, self._since = self._received.count, now
        return now - self._since - (TASK_TIME_LIMIT_SECONDS if self._received.in_hand() else 0)


def watch_worker(
    received: Received, waiting: Callable[[], int | None], heartbeat: Heartbeat, stuck_seconds: float
) -> Thread:
    """Beat while a worker does what there is to do, and end its process once it did not for `stuck_seconds`."""
    watch = WorkerWatch(received, time.monotonic())

    def look() -> None:
        idle = watch.idle_seconds(waiting(), time.monotonic())
        if idle > stuck_seconds:
            log.error("worker_stuck", idle_seconds=round(idle, 1))
            os._exit(STUCK)  # its children end with it; the main thread may never come back
        if idle <= LOOK_SECONDS:
            heartbeat.beat()

    def go() -> None:
        while True:
            try:
                look()
            except Exception:
                # The top of a look: the disk may be full for a while.
                log.exception("heartbeat_not_written")
            _NEVER.wait(LOOK_SECONDS)

    thread = Thread(target=go, name="watch", daemon=True)
    thread.start()
    return thread


_NEVER = Event()
