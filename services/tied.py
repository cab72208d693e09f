"""Runs a command that ends when the process that started it does: `python -m services.tied PARENT_PID COMMAND…`.

On Linux the kernel sends SIGTERM to the command when its parent dies, however it dies (prctl(2), PR_SET_PDEATHSIG;
kept across exec), so that a killed supervisor leaves no orphans. Elsewhere the command merely runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_to_parent(signal_number: int, parent: int) -> None:
    """Have this process sent `signal_number` when its parent ends; end at once if `parent` has already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(0)


def tied(command: list[str]) -> list[str]:
    """Return the command line that runs `command` tied to this process."""
    return [sys.executable, "-m", "services.tied", str(os.getpid()), *command]


if __name__ == "__main__":
    tie_to_parent(signal.SIGTERM, int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 (the supervisor's own command line)
