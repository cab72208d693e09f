"""The doors of a played process: ledger, snapshots, bell, sites and leadership, each with its steps."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from shared.blobs import FolderBlobs
from shared.clock import Clock
from shared.db import Ledger, UnitOfWork
from shared.errors import TimedOut
from shared.http import DEFAULT_LIMITS, NOWHERE, AllowList, Exchange, Limits, Request, Response
from tests.simulated.stage import Process, Stage, Whole


class PlayedWork(UnitOfWork):
    """A transaction whose commit is a step: who dies after it never hears that it was made."""

    def __init__(self, work: UnitOfWork, stage: Stage, whole: Whole) -> None:
        """Stand for `work`."""
        vars(self).update(vars(work))
        self._stage = stage
        self._whole = whole

    def commit(self) -> None:
        """See `UnitOfWork.commit`."""
        self._stage.look()
        super().commit()
        self._whole.end()
        self._stage.step("a commit")


class PlayedLedger(Ledger):
    """The ledger: who reads or writes comes to a step first."""

    def __init__(self, engine: Engine, clock: Clock, stage: Stage, work: type[PlayedWork] = PlayedWork) -> None:
        """Offer transactions of the kind `work`."""
        super().__init__(engine, clock)
        self._stage = stage
        self._work = work

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """See `Ledger.begin`."""
        self._stage.step("a transaction")
        with self._stage.whole() as whole, super().begin() as uow:
            yield self._work(uow, self._stage, whole)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """See `Ledger.reading`."""
        self._stage.step("a look")
        with super().reading() as uow:
            yield uow


class PlayedBlobs(FolderBlobs):
    """Snapshots in a folder."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        """Use `folder`."""
        super().__init__(folder)
        self._stage = stage

    def put(self, content: bytes) -> str:
        """See `Blobs.put`."""
        self._stage.step("bytes to be put")
        digest = super().put(content)
        self._stage.step("bytes put")
        return digest


class PlayedBell:
    """The queue's server, which all processes share: it may be emptied, or be away."""

    def __init__(self, stage: Stage) -> None:
        """Begin with an empty queue."""
        self._stage = stage
        self.rung: deque[str] = deque()
        self.away = False

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        self._stage.step("a bell")
        if self.away:
            return False
        self.rung.append(fetch_id)
        self._stage.step("a bell rung")
        return True

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        return None if self.away else len(self.rung)

    def close(self) -> None:
        """Nothing is open."""


class PlayedHttp:
    """A way out: what a process asks arrives at a step, and so does the answer; both may come too late."""

    def __init__(self, there: Exchange, clock: Clock, stage: Stage) -> None:
        """Ask `there`."""
        self._there = there
        self._clock = clock
        self._stage = stage

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        ends = self._clock.monotonic() + limits.total_seconds
        self._stage.step(f"{request.method} {request.url}")
        self._check(ends, limits)
        try:
            return self._there.exchange(request, limits=limits, allow=allow)
        finally:
            self._stage.step("an answer")
            self._check(ends, limits)

    def _check(self, ends: float, limits: Limits) -> None:
        if self._clock.monotonic() >= ends:
            raise TimedOut(f"no answer within {limits.total_seconds:.0f} s")

    def close(self) -> None:
        """Nothing is open."""


class Seat:
    """The right to lead, of which its holder's session may be cut off without its knowing."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.holder: Process | None = None


class PlayedLeadership:
    """See `shared.db.leadership.PostgresLeadership`, whose lock ends with its session."""

    def __init__(self, seat: Seat, process: Process) -> None:
        """Lead for `process`."""
        self._seat = seat
        self._process = process

    def hold(self) -> bool:
        """See `Leadership.hold`."""
        if self._seat.holder is None or self._seat.holder.killed:
            self._seat.holder = self._process
        return self._seat.holder is self._process

    def resign(self) -> None:
        """See `Leadership.resign`."""
        if self._seat.holder is self._process:
            self._seat.holder = None
