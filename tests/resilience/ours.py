"""Our processes as the lab starts them: `python -m tests.resilience.ours KIND`, exactly the command, unless told else.

What the environment may tell:
- LAB_CLOCK: a file that holds seconds. The wall clock of this process is wrong by so much, for as long as it says so:
  ours (`shared.clock`), and Python's `time.time`, by which Celery and others go. The monotonic clock, the database
  server's clock and OpenSSL's stay right.
- LAB_KILLING: part of an address. A worker's child that reads a page there is killed, as by a bug in a library.
- LAB_PLANTED: the name of a row of `defects.DEFECTS`, which the checker must catch.
"""

import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import services.cli
import worker.process
from shared.clock import SystemClock
from shared.settings import read_settings
from tests.resilience.defects import planted

CLOCK, KILLING, DEFECT = "LAB_CLOCK", "LAB_KILLING", "LAB_PLANTED"
LOOK_SECONDS = 0.2


class WrongClock:
    """Says by how much the wall clock is wrong now."""

    def __init__(self, path: Path) -> None:
        """Go by the file at `path`; where it cannot be read, by what it said last."""
        self._path = path
        self._read_at = float("-inf")
        self._seconds = 0.0

    def seconds(self) -> float:
        """Return the error, in seconds."""
        if time.monotonic() - self._read_at > LOOK_SECONDS:
            self._read_at = time.monotonic()
            with suppress(OSError, ValueError):
                self._seconds = float(self._path.read_text())
        return self._seconds


def set_wrong(clock: WrongClock) -> None:
    """Let the wall clock of this process be as wrong as `clock` says."""
    true_time = time.time
    ours: Any = SystemClock
    ours.now = lambda _: datetime.now(UTC) + timedelta(seconds=clock.seconds())
    time.time = lambda: true_time() + clock.seconds()


def kill_who_reads(part: str) -> None:
    """Kill the process that begins to read a page whose address holds `part`."""
    module: Any = worker.process
    see = module.see

    def see_or_die(sights: Any, fetch: Any, target: Any) -> Any:
        if part in target.url and fetch.outcome == "captured":  # that it is gone by now can be read
            os.kill(os.getpid(), signal.SIGKILL)
        return see(sights, fetch, target)

    module.see = see_or_die


def main() -> None:
    """Do as the environment says, then run the command."""
    if path := os.environ.get(CLOCK):
        set_wrong(WrongClock(Path(path)))
    if part := os.environ.get(KILLING):
        kill_who_reads(part)
    name = os.environ.get(DEFECT)
    if name is None:
        services.cli.main()
    with planted(name, read_settings()):
        services.cli.main()


if __name__ == "__main__":
    main()
