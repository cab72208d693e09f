"""Engines for SQLite and PostgreSQL, set up so that the same statements mean the same on both."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from shared.errors import Invalid

BUSY_TIMEOUT_MS = 15_000
_CALM: dict[str, Any] = {"hide_parameters": True}
"""What errors of the database are not to tell: values, which may be texts of strangers, or secrets."""
READ_ONLY = "noticewire_read_only"
FRESH_SECONDS = 1.0
"""For so long after its last use nobody asks a connection to PostgreSQL whether it still lives."""


def parse_url(text: str) -> URL:
    """Return the database URL with the driver that we use; raises `Invalid` for other databases and for nonsense."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise Invalid(
            "NOTICEWIRE_DATABASE_URL is not a database URL; write sqlite:///path/to/file or postgresql://user@host/name"
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:" and not url.host:
        return url.set(drivername="sqlite+pysqlite")
    raise Invalid(f"NOTICEWIRE_DATABASE_URL names {backend!r}; only a SQLite file or PostgreSQL (15 or later) will do")


def make_engine(text: str, *, pool_size: int = 10) -> Engine:
    """Return an engine for `text`; nothing is connected yet."""
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            **_CALM,
            pool_size=pool_size,
            max_overflow=pool_size,
            json_serializer=json_text,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # Keepalives notice a dead server within about half a minute, and tcp_user_timeout one that takes nothing of what it
    # is sent (RFC 5482); without them a cut connection waits for a quarter of an hour, or for hours.
    connect_args = {
        "connect_timeout": 5,
        "application_name": "noticewire",
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        "options": "-c timezone=UTC -c lock_timeout=15000 -c statement_timeout=60000",
    }
    # The connection used last comes first: it has its statements prepared, and need not be asked whether it lives.
    engine = create_engine(
        url,
        **_CALM,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,
        json_serializer=json_text,
        connect_args=connect_args,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ask_the_idle)
    return engine


def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used_at"] = time.monotonic()


def _ask_the_idle(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Have a connection replaced, with all that are as old, if it died while nobody used it.

    `pool_pre_ping` asks every time: a fifth of all round trips of the relay. One that dies within the moment in which
    it is not asked fails in its first statement, as one does that dies in the middle of a transaction.
    """
    if time.monotonic() - entry.info.get("used_at", time.monotonic()) < FRESH_SECONDS:
        return
    assert isinstance(connection, psycopg.Connection)
    try:
        connection.execute(";")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def json_text(value: Any) -> str:
    """Return JSON with Chinese characters as they are: three bytes each, where an escape takes six."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no database takes but as an escape
        return json.dumps(value)
    return text


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
