"""How far something is that one waits for, in lines for a log: a terminal shows a bar in their place."""

import sys

from services.cli.screen import note
from shared.clock import Clock

LINE_SECONDS = 5.0
"""No two lines are nearer to each other, but for the last."""


class ProgressLines:
    """Tells on standard error what has changed, unless it is a terminal."""

    def __init__(self, clock: Clock) -> None:
        """Begin; what is told first is told at once."""
        self._clock = clock
        self._told = ""
        self._next_at = clock.monotonic()

    def tell(self, words: str, *, last: bool = False) -> None:
        """Print `words`, if they are new and the line before is old enough, or if they are the last."""
        now = self._clock.monotonic()
        if sys.stderr.isatty() or words == self._told or (now < self._next_at and not last):
            return
        note(words)
        self._told, self._next_at = words, now + LINE_SECONDS
