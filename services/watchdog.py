"""Ends this process when its rounds stand still: it had better be started again; what it held comes free by its leases.

A process that is alive and does nothing is worse than a dead one, which a supervisor sees. A timer of the interpreter's
C code ends it, which needs no thread of Python's to run.
"""

import faulthandler
import time

STROKE_SECONDS = 1.0


class Watchdog:
    """Ends this process, and writes down where each of its threads is, unless it is stroked every so often."""

    def __init__(self, seconds: float) -> None:
        """End the process `seconds` after the last stroke; this is the first, for it may stand still from now on."""
        self._seconds = seconds
        self._stroked = float("-inf")
        self.stroke()

    def stroke(self) -> None:
        """Say that work goes on; may be called as often as one likes."""
        now = time.monotonic()
        if now - self._stroked >= min(STROKE_SECONDS, self._seconds / 4):
            faulthandler.dump_traceback_later(self._seconds, exit=True)
            self._stroked = now

    def leave(self) -> None:
        """Watch no more."""
        faulthandler.cancel_dump_traceback_later()
