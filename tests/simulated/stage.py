"""The stage: processes in one process, of which one runs at a time, and only until its next step.

A step is where something outside a process could see what it has done so far: a transaction's begin and the moment
after its commit, bytes put away, a bell, a request and its answer. Between two steps a process may be left standing for
as long as one likes (frozen), or never go on (killed). Each strand of a process is a thread, but they hand one baton
on, so that the same choices always give the same play.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from threading import Lock, Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Killed(BaseException):
    """Raised in the strands of a killed process at the step they stand at, and at any that they try afterwards."""


class Stage:
    """Knows which strand has the baton."""

    def __init__(self) -> None:
        """Begin with the test itself on stage, whose own steps are none."""
        self._on: Strand | None = None
        self.steps: list[str] = []
        """What was come to, in order: the play, as far as others could see it."""

    def step(self, what: str) -> None:
        """Hand the baton back, having come to `what`; raises `Killed` if the process ends there."""
        if self._on is not None:
            self._on.pause(what)

    @contextmanager
    def whole(self) -> Iterator["Whole"]:
        """Let nothing in here be a step until `Whole.end`: on SQLite, who writes keeps all others from writing."""
        whole = Whole(self._on)
        try:
            yield whole
        finally:
            whole.end()

    def look(self) -> None:
        """Raise `Killed` where a process that was killed would do something more."""
        if self._on is not None and self._on.process.killed:
            raise Killed

    def run(self, strand: "Strand") -> None:
        """Let a strand go on to its next step or to its end."""
        self._on, before = strand, self._on
        try:
            strand.go_on()
        finally:
            self._on = before
        self.steps.append("the end" if strand.over else strand.at)


class Whole:
    """What a strand does without a step; transactions within others count."""

    def __init__(self, strand: "Strand | None") -> None:
        """Begin."""
        self._strand = strand
        if strand is not None:
            strand.whole += 1

    def end(self) -> None:
        """Let there be steps again; may be said twice."""
        if self._strand is not None:
            self._strand.whole -= 1
            self._strand = None


class Process:
    """Strands that live and die together."""

    def __init__(self, stage: Stage, raised: list[BaseException]) -> None:
        """Begin without anything to do; `raised` takes what its strands end with."""
        self._stage = stage
        self.strands: list[Strand] = []
        self.killed = False
        self.raised = raised

    def begin(self, work: Callable[[], object]) -> None:
        """Add a strand; it stands before its first line."""
        self.strands.append(Strand(self, work))

    def advance(self, pick: int, steps: int) -> None:
        """Let one of the strands take so many steps, or as many as it has."""
        strand = self.strands[pick % len(self.strands)]
        for _ in range(steps):
            self._stage.run(strand)
            if strand.over:
                self._clear()
                return

    def finish(self) -> None:
        """Let all strands come to their ends, also those that they begin."""
        while self.strands:
            self.advance(0, 1000)

    def kill(self) -> None:
        """End every strand where it stands: nothing of what they meant to do is done."""
        self.killed = True
        for strand in list(self.strands):
            while not strand.over:
                self._stage.run(strand)
        self.strands.clear()

    def _clear(self) -> None:
        self.raised += [strand.error for strand in self.strands if strand.over and strand.error is not None]
        self.strands = [strand for strand in self.strands if not strand.over]


class Strand:
    """One thing that a process does."""

    def __init__(self, process: Process, work: Callable[[], object]) -> None:
        """Prepare the thread; it starts with the first step."""
        self.process = process
        self.at = "its beginning"
        self.over = False
        self.whole = 0
        self.error: BaseException | None = None
        self._work = work
        self._mine, self._theirs = Lock(), Lock()
        self._mine.acquire()
        self._theirs.acquire()
        self._thread: Thread | None = None

    def go_on(self) -> None:
        """Take the baton (of whoever calls) until the next step."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._mine.release()
        self._theirs.acquire()
        if self.over:
            self._thread.join()

    def pause(self, what: str) -> None:
        """Give the baton back, and wait for it."""
        if not self.process.killed and not self.whole:
            self.at = what
            self._theirs.release()
            self._mine.acquire()
        if self.process.killed:
            raise Killed

    def _run(self) -> None:
        try:
            if not self.process.killed:
                self._work()
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self.over = True
            self._theirs.release()


class Pool(Executor):
    """What a process would do in threads of a pool: strands of its own."""

    def __init__(self, process: Process, idle: bool = False) -> None:
        """Run for `process`; an `idle` pool takes everything on and does nothing."""
        self._process = process
        self._idle = idle

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See `Executor.submit`."""
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:
                future.set_exception(error)

        if not self._idle:
            self._process.begin(work)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing is to be ended."""
