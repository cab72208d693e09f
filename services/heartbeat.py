"""A process's pulse: a file touched after each round that really asked the ledger, so that health is by progress."""

import socket
import time
from pathlib import Path


class Heartbeat:
    """The pulse of one process kind on this host."""

    def __init__(self, data_dir: Path, kind: str) -> None:
        """Keep it in `data_dir`/run; processes of other hosts (containers) that share the folder have their own."""
        self._path = data_dir / "run" / f"{kind}-{socket.gethostname()}.beat"
        self._beaten = float("-inf")

    def beat(self) -> None:
        """Note that a round has ended; at most once a second."""
        if time.monotonic() - self._beaten >= 1:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            self._beaten = time.monotonic()

    def age_seconds(self) -> float | None:
        """Return the seconds since the last beat, or None if there never was one."""
        try:
            return max(0.0, time.time() - self._path.stat().st_mtime)
        except (FileNotFoundError, NotADirectoryError):
            return None
