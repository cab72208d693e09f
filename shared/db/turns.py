"""A host's turn: the right to be the only one who asks it, and the time before which nobody may.

The promise is the database's, for Redis locks that expire let requests overlap when their holder is paused:
- PostgreSQL: a session advisory lock, and `hosts.next_allowed_at` by the server's clock. A lock ends with its session,
  so the time is written ahead of the request (now + the longest request + delay) and set to completion + delay after.
- SQLite: one lock file a host, which holds the same time on the monotonic clock of this boot; the kernel lets go of
  the lock when its holder dies. Setting the wall clock changes nothing.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, extract, func, or_, select, true
from sqlalchemy.dialects import postgresql

from shared.clock import Clock
from shared.db.locks import lock_key, unlock
from shared.db.models import Host
from shared.db.trouble import answering
from shared.db.uow import Ledger
from shared.errors import Unavailable

LONGEST_HOLD_SECONDS = 86_400.0
"""Longest hold: after a day the robots file, which may have asked for more, is looked at again."""


SHOWN_FROM_SECONDS = 30.0
"""Shorter holds are written to the lock file alone: they are over before anybody could look, or the machine be back."""


class Turn(Protocol):
    """One holder's turn with one host, from `Turns.take` until the end of its `with`."""

    def wait_seconds(self) -> float:
        """Return how long to wait before the next request may start; 0 or less means now."""
        ...

    def begin(self, seconds: float) -> bool:
        """Write ahead that a request begins: nobody else may start one within `seconds`, whatever becomes of us.

        False, and nothing written, if the host's pause is not over. Raises `Unavailable` if the turn itself is lost.
        """
        ...

    def hold_for(self, seconds: float) -> None:
        """Let nobody start a request within `seconds` from now, whoever holds the turn by then."""
        ...


class Turns(Protocol):
    """Turns of all hosts; at most one holder each, over all processes that share the ledger."""

    def take(self, host: str) -> AbstractContextManager[Turn | None]:
        """Open a context that gives the host's turn, or None if somebody else has it. Never waits."""
        ...


def open_turns(ledger: Ledger, folder: Path) -> Turns:
    """Return the turns that fit the ledger's database; lock files go to `folder` (SQLite only)."""
    if ledger.engine.dialect.name == "postgresql":
        return PostgresTurns(ledger)
    return FileTurns(folder, ledger)


class PostgresTurns:
    """Turns by session advisory locks."""

    def __init__(self, ledger: Ledger) -> None:
        """Take connections from the ledger's pool, one for each turn held."""
        self._ledger = ledger

    @contextmanager
    def take(self, host: str) -> Iterator[Turn | None]:
        """See `Turns.take`."""
        key = lock_key("host", host)
        with answering():
            connection = self._ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with connection:
            with answering():
                mine = connection.scalar(select(func.pg_try_advisory_lock(key)))
            if not mine:
                yield None
                return
            try:
                yield _PostgresTurn(connection, host)
            finally:
                unlock(connection, key)


class _PostgresTurn:
    """Asks and writes on the very session that holds the lock: if that is lost, so is the turn, and it shows."""

    def __init__(self, connection: Connection, host: str) -> None:
        self._connection = connection
        self._host = host

    def wait_seconds(self) -> float:
        seconds = extract("epoch", Host.next_allowed_at - func.clock_timestamp())
        with answering():
            waited = self._connection.scalar(select(seconds).where(Host.name == self._host))
        return float(waited) if waited is not None else 0.0

    def begin(self, seconds: float) -> bool:
        over = or_(Host.next_allowed_at.is_(None), Host.next_allowed_at <= func.clock_timestamp())
        return self._write(seconds, over)

    def hold_for(self, seconds: float) -> None:
        self._write(seconds, true())

    def _write(self, seconds: float, condition: Any) -> bool:
        until = func.clock_timestamp() + timedelta(seconds=min(seconds, LONGEST_HOLD_SECONDS))
        statement = postgresql.insert(Host).values(name=self._host, next_allowed_at=until)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"next_allowed_at": until}, where=condition
        )
        with answering():
            return self._connection.execute(statement.returning(Host.name)).first() is not None


class FileTurns:
    """Turns by lock files, for several processes on one machine."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        """Keep the lock files in `folder`, which is made if missing."""
        self._folder = folder
        self._ledger = ledger
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def take(self, host: str) -> Iterator[Turn | None]:
        """See `Turns.take`."""
        path = self._folder / hashlib.sha256(host.encode()).hexdigest()[:32]
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"cannot open a lock file in {self._folder}: {error.strerror}") from error
        try:
            yield _FileTurn(handle, self._ledger, host) if _locked(handle) else None
        finally:
            os.close(handle)


def _locked(handle: int) -> bool:
    """Take the file's lock, which the kernel lets go of when the handle is closed or its holder dies; False if taken.

    flock and not a library: it is the whole of what is needed, and a fiftieth of filelock's time at every request.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _FileTurn:
    """The time stands in the lock file itself, written in place: a boot's times mean nothing after a power cut."""

    def __init__(self, handle: int, ledger: Ledger, host: str) -> None:
        self._handle = handle
        self._ledger = ledger
        self._clock: Clock = ledger.clock
        self._host = host

    def wait_seconds(self) -> float:
        try:
            boot, until = os.pread(self._handle, 200, 0).decode().split()
            if boot == _boot():
                return float(until) - self._clock.monotonic()
        except (OSError, ValueError):
            pass
        return self._wait_by_row()

    def _wait_by_row(self) -> float:
        """Return what is left by the row and the wall clock: the file is new, damaged, or of another boot."""
        with self._ledger.reading() as uow:
            known = uow.hosts.by_name(self._host)
            if known is None or known.next_allowed_at is None:
                return 0.0
            return min((known.next_allowed_at - uow.now()).total_seconds(), LONGEST_HOLD_SECONDS)

    def begin(self, seconds: float) -> bool:
        if self.wait_seconds() > 0:
            return False
        self._write(seconds)
        return True

    def hold_for(self, seconds: float) -> None:
        seconds = min(seconds, LONGEST_HOLD_SECONDS)
        self._write(seconds)
        if seconds < SHOWN_FROM_SECONDS:
            return
        # For people to see, and for the time after a reboot; what is obeyed now is the file.
        with self._ledger.begin() as uow:
            uow.hosts.set_next_allowed(self._host, uow.now() + timedelta(seconds=seconds))
            uow.commit()

    def _write(self, seconds: float) -> None:
        text = f"{_boot()} {self._clock.monotonic() + seconds!r}".ljust(100)
        try:
            os.pwrite(self._handle, text.encode(), 0)
        except OSError as error:
            raise Unavailable(f"cannot write a lock file of {self._host}: {error.strerror}") from error


@cache
def _boot() -> str:
    """Return this boot's id: monotonic times of another boot mean nothing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"
