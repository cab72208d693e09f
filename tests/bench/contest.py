"""The contest: every contender in a process of its own, asked for one pass after the other in rounds.

A shared machine is slower at some moments by a third; in rounds a slow moment meets all contenders alike, and the
passes of one round can be compared.
"""

import multiprocessing
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.bench.contenders import Answer
from tests.bench.pages import Page
from tests.bench.turn import ANSWERS, PASS, take_turns

_LEAST_ROUNDS = 3
# Longer than a pass may take (`turn`), or than any sensible import and warming up.
_PATIENCE_SECONDS = 400.0


class Turns(NamedTuple):
    """What one contender did: CPU seconds of each whole pass, and one answer a page; `absent` says why it did not."""

    name: str
    absent: str | None
    passes: Sequence[float] = ()
    answers: Sequence[Answer] = ()


class _Seat:
    """A contender's process; where it refuses, ends or says nothing in time, `absent` tells so and it is left alone."""

    def __init__(self, name: str, pages: Sequence[Page]) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self.absent: str | None = None
        self.passes: list[float] = []
        self._asked, theirs = context.Pipe()
        self._process = context.Process(target=take_turns, args=(name, pages, theirs))
        self._process.start()
        theirs.close()
        refusal = self._reply()
        self.absent = self.absent or refusal

    def ask(self, wish: str) -> Any:
        """Return the reply; None where there is none, or no more."""
        return None if self.absent else self._reply(wish)

    def _reply(self, wish: str | None = None) -> Any:
        try:
            if wish:
                self._asked.send(wish)
            if self._asked.poll(_PATIENCE_SECONDS):
                return self._asked.recv()
            self.absent = f"it said nothing for {_PATIENCE_SECONDS:.0f} seconds"
        except (EOFError, ConnectionError):
            self.absent = "its process ended"
        return None

    def leave(self) -> Turns:
        answers = self.ask(ANSWERS) or []
        self._process.terminate()
        self._process.join()
        return Turns(self.name, self.absent, self.passes, answers)


def contest(names: Sequence[str], pages: Sequence[Page], seconds: float) -> list[Turns]:
    """Let contenders go over the pages in rounds, for about `seconds` each (but three rounds at least)."""
    seats = [_Seat(name, pages) for name in names]
    ends = time.monotonic() + seconds * sum(not seat.absent for seat in seats)
    rounds = 0
    while rounds < _LEAST_ROUNDS or time.monotonic() < ends:
        for seat in seats:
            took = seat.ask(PASS)
            if took is not None:
                seat.passes.append(took)
        rounds += 1
    return [seat.leave() for seat in seats]
