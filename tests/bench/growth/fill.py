"""Casts in bulk: past the mapper and without most indexes, which are made anew when all rows are there."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql

from shared.db import Ledger
from shared.db.models import Table
from tests.bench.growth.casts import Cast, Foundry, Row

_BATCH = 1_000
_ORDER = [table.name for table in Table.metadata.sorted_tables]
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_PG_INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


def fill(ledger: Ledger, foundry: Foundry) -> float:
    """Write all that `foundry` casts, and let the ledger number on from there; return the seconds that it took."""
    began = time.perf_counter()
    with closing(ledger.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            _fill_sqlite(driver, foundry)
        else:
            _fill_postgres(driver, foundry)
    return time.perf_counter() - began


def _batches(foundry: Foundry) -> Iterator[Mapping[str, Sequence[Row]]]:
    casts = foundry.casts()
    while batch := list(islice(casts, _BATCH)):
        yield _together(batch)


def _together(casts: Iterable[Cast]) -> Mapping[str, Sequence[Row]]:
    """Return the rows of many casts by table, parents before their children."""
    found: dict[str, list[Row]] = {name: [] for name in _ORDER}
    for cast in casts:
        for table, rows in cast.items():
            found[table] += rows
    return {table: rows for table, rows in found.items() if rows}


def _fill_sqlite(connection: sqlite3.Connection, foundry: Foundry) -> None:
    dropped = [*connection.execute(_TRIGGERS), *connection.execute(_INDEXES)]
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    for name, made in dropped:
        connection.execute(f"DROP {'TRIGGER' if made.startswith('CREATE TRIGGER') else 'INDEX'} {name}")
    for batch in _batches(foundry):
        for table, rows in batch.items():
            names = foundry.columns[table]
            marks = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
    for _, made in dropped:
        connection.execute(made)
    connection.execute("INSERT INTO searchable_index (searchable_index) VALUES ('rebuild')")
    connection.execute("INSERT OR IGNORE INTO relay_state (id, last_position) VALUES (1, 0)")
    connection.execute("UPDATE relay_state SET last_position = ?", [foundry.runs["positions"]])
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "cache_size=-2000"):
        connection.execute(f"PRAGMA {pragma}")


def _fill_postgres(connection: "psycopg.Connection[Any]", foundry: Foundry) -> None:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET session_replication_role = replica")  # what is cast names only what is cast
    cursor.execute("SET synchronous_commit = off")
    dropped = cursor.execute(_PG_INDEXES).fetchall()
    for name, _ in dropped:
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    for batch in _batches(foundry):
        for table, rows in batch.items():
            names = sql.SQL(", ").join(map(sql.Identifier, foundry.columns[table]))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
                for row in rows:
                    copy.write_row(row)
    for _, made in dropped:
        cursor.execute(made)
    for table in ("searchable", "sketches", "statuses", "agenda", "events"):
        next_one = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'serial'), {})")
        cursor.execute(next_one.format(table, max(1, foundry.runs[table])))
    cursor.execute("INSERT INTO relay_state (id, last_position) VALUES (1, 0) ON CONFLICT DO NOTHING")
    cursor.execute("UPDATE relay_state SET last_position = %s", [foundry.runs["positions"]])
    cursor.execute("VACUUM ANALYZE")
    cursor.execute("RESET ALL")
    cursor.execute("SET timezone = 'UTC'")
    connection.autocommit = False
