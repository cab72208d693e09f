"""Serving together what threads ask for at the same moment: one of them does it for all who wait, the others wait.

A commit, or a message to a server, costs much the same for one and for ten. Nobody waits for company: who comes while
nobody is served is served alone and at once, and who comes meanwhile is served next, with all others who came.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")

MOST = 50
"""Served together at most, so that nobody waits long for the others."""


class _Place(Generic[A, B]):
    """Somebody's place in the queue."""

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.answers: list[B] = []
        self.error: BaseException | None = None

    @property
    def served(self) -> bool:
        return bool(self.answers) or self.error is not None


class Together(Generic[A, B]):
    """Serves threads by `serve`, which is called by one thread at a time and answers each that it is given, in order.

    Should it raise, all who were to be served by that call hear of it.
    """

    def __init__(self, serve: Callable[[Sequence[A]], Sequence[B]]) -> None:
        """Serve nobody yet."""
        self._serve = serve
        self._waiting: deque[_Place[A, B]] = deque()
        self._serving = Lock()

    def ask(self, asked: A) -> B:
        """Return the answer to `asked` once there is one."""
        mine: _Place[A, B] = _Place(asked)
        self._waiting.append(mine)
        with self._serving:
            while not mine.served:
                self._serve_next([self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))])
        if mine.error is not None:
            raise mine.error
        return mine.answers[0]

    def _serve_next(self, places: Sequence[_Place[A, B]]) -> None:
        try:
            for place, answer in zip(places, self._serve([place.asked for place in places]), strict=True):
                place.answers.append(answer)
        except BaseException as error:
            for place in places:
                place.error = error
