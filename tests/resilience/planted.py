"""Defects that are planted on purpose, one at a time, to see that the checker catches them."""

from collections.abc import Callable
from typing import Any

from worker.sweep import Sweeper


def no_sweeper() -> None:
    """Nobody looks for work that was forgotten."""
    sweeper: Any = Sweeper
    sweeper.sweep = lambda _: 0


PLANTED: dict[str, Callable[[], None]] = {"no-sweeper": no_sweeper}
"""By name; each changes the modules of the process that it is called in, before any of them is used."""
