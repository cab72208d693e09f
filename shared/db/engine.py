"""Engines for SQLite and PostgreSQL, set up so that the same statements mean the same on both."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.errors import Invalid

BUSY_TIMEOUT_MS = 15_000
READ_ONLY = "noticewire_read_only"


def parse_url(text: str) -> URL:
    """Return the database URL with the driver that we use; raises `Invalid` for other databases and for nonsense."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise Invalid(
            "NOTICEWIRE_DATABASE_URL is not a database URL; write sqlite:///path/to/file or postgresql://user@host/name"
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite+pysqlite")
    raise Invalid(f"NOTICEWIRE_DATABASE_URL names {backend!r}; only a SQLite file or PostgreSQL (15 or later) will do")


def make_engine(text: str, *, pool_size: int = 10) -> Engine:
    """Return an engine for `text`; nothing is connected yet."""
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # Keepalives notice a dead server within about half a minute; without them a cut connection waits for hours.
    connect_args = {
        "connect_timeout": 5,
        "application_name": "noticewire",
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": "-c timezone=UTC -c lock_timeout=15000 -c statement_timeout=60000",
    }
    return create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, connect_args=connect_args
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # The driver must not begin transactions on its own: `_begin_sqlite` does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the writer's place at once: a deferred transaction that reads first and writes later fails with
    # "database is locked" without waiting. Readers do not need it, and WAL lets them pass.
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN" if options.get(READ_ONLY) else "BEGIN IMMEDIATE")
