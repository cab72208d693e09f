"""Databases to grow: SQLite files, or a private PostgreSQL's; with their size and the CPU time of the server."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from sqlalchemy import text

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.migrations import upgrade
from tests.servers.postgres import Postgres

OPTIONS = ("shared_buffers=512MB", "maintenance_work_mem=512MB", "max_wal_size=8GB", "work_mem=16MB")
"""What an operator of a million notices would set at least; all else is the server's default."""


class Spent(NamedTuple):
    """Seconds of CPU time and by the clock."""

    cpu: float
    wall: float


class SqliteFiles:
    """SQLite: it works in this process."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        """Make files in `folder`."""
        self._folder = folder

    def fresh(self, name: str) -> str:
        """Return the URL of a new, migrated database."""
        url = f"sqlite:///{self._folder / name}.db"
        ledger = open_ledger(url, SystemClock())
        upgrade(ledger)
        ledger.close()
        return url

    def size(self, ledger: Ledger) -> int:
        """Return the bytes that a database takes."""
        path = str(ledger.engine.url.database)
        return sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))

    def spent(self) -> Spent:
        """Return what this process has spent."""
        return Spent(time.process_time(), time.perf_counter())

    def close(self) -> None:
        """Leave the files to whoever owns the folder."""


class PostgresDatabases:
    """PostgreSQL: a private server, whose CPU time is counted with ours."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        """Start it; raises `NoPostgres`."""
        self._server = Postgres(OPTIONS)
        self._gone: dict[int, float] = {}

    def fresh(self, name: str) -> str:
        """Return the URL of a new, migrated database."""
        return self._server.fresh()

    def size(self, ledger: Ledger) -> int:
        """Return the bytes that a database takes."""
        with ledger.engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def spent(self) -> Spent:
        """Return what this process and the server's have spent; a server's process that ended counts as it was last."""
        main = psutil.Process(self._server.process.pid)
        for process in [main, *main.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            self._gone[process.pid] = times.user + times.system
        return Spent(time.process_time() + sum(self._gone.values()), time.perf_counter())

    def close(self) -> None:
        """End the server and forget its data."""
        self._server.close()


Databases = SqliteFiles | PostgresDatabases


@contextmanager
def opened(databases: Databases, name: str) -> Iterator[Ledger]:
    """Open a new database for a while."""
    ledger = open_ledger(databases.fresh(name), SystemClock())
    try:
        yield ledger
    finally:
        ledger.close()
