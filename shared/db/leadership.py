"""Leadership: at most one relay leads, held by a session advisory lock (PostgreSQL) or a lock file (SQLite)."""

from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from shared.db.locks import lock_key, unlock
from shared.db.trouble import answering
from shared.db.uow import Ledger


class Leadership(Protocol):
    """The right to stamp positions."""

    def hold(self) -> bool:
        """Return whether this process leads now; tries to, if it did not. Never waits."""
        ...

    def resign(self) -> None:
        """Let another lead."""
        ...


def open_leadership(ledger: Ledger, folder: Path) -> Leadership:
    """Return the leadership that fits the ledger's database; the lock file goes to `folder` (SQLite only)."""
    if ledger.engine.dialect.name == "postgresql":
        return PostgresLeadership(ledger)
    return FileLeadership(folder)


class PostgresLeadership:
    """Leadership by one session's advisory lock: it ends when that session does."""

    def __init__(self, ledger: Ledger) -> None:
        """Hold the lock on a connection of its own."""
        self._ledger = ledger
        self._connection: Connection | None = None
        self._key = lock_key("relay", "leader")

    def hold(self) -> bool:
        """See `Leadership.hold`; asks the server each time, so that a lost session is noticed."""
        if self._connection is not None:
            try:
                self._connection.execute(select(1))
            except DBAPIError:
                self.resign()
            else:
                return True
        with answering():
            connection = self._ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(select(func.pg_try_advisory_lock(self._key))):
                self._connection = connection
                return True
            connection.close()
        return False

    def resign(self) -> None:
        """See `Leadership.resign`."""
        if self._connection is not None:
            unlock(self._connection, self._key)
            self._connection.close()
            self._connection = None


class FileLeadership:
    """Leadership by a lock file, which the kernel frees when its holder dies."""

    def __init__(self, folder: Path) -> None:
        """Keep the lock file in `folder`, which is made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / "relay.lock", thread_local=False, is_singleton=False)

    def hold(self) -> bool:
        """See `Leadership.hold`."""
        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def resign(self) -> None:
        """See `Leadership.resign`."""
        self._lock.release()
