"""Blows on the database: restarted under load, cut off, sessions ended, answers lost, rows and files held."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, LiteralString

import psycopg

from tests.resilience.blow import WRITTEN, Blow, Fact, parts
from tests.resilience.recovery import all_at_work, asking_again
from tests.servers import postgres

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

DATABASE = parts("database")
ROWS: tuple[LiteralString, ...] = (
    "SELECT * FROM relay_state FOR UPDATE",
    "SELECT * FROM subscriptions FOR UPDATE",
    "SELECT * FROM hosts LIMIT 2 FOR UPDATE",
    "SELECT * FROM targets ORDER BY random() LIMIT 5 FOR UPDATE",
    "SELECT * FROM notices ORDER BY random() LIMIT 5 FOR UPDATE",
)


def restart(lab: "Lab") -> Iterator[float | Fact]:
    """End the server as a crash would, and start it again."""
    server = _server(lab)
    server.kill()
    yield lab.random.uniform(0, 1)
    server.start()


def cut_crawler_off(lab: "Lab") -> Iterator[float | Fact]:
    """Let one crawler's connections end, and no new ones be made."""
    yield from _through(lab, "crawler-1", "reset", lab.random.uniform(1, 6))


def swallow(lab: "Lab") -> Iterator[float | Fact]:
    """Let what one group of processes sends to the database lie on the way."""
    yield from _through(lab, lab.random.choice(sorted(lab.rig.doors)), "blackhole", lab.random.uniform(1, 6))


def _through(lab: "Lab", door: str, mode: str, seconds: float) -> Iterator[float | Fact]:
    lab.rig.doors[door].set_mode(mode)
    yield seconds
    lab.rig.doors[door].set_mode("pass")


def end_sessions(lab: "Lab") -> Iterator[float | Fact]:
    """End every session of ours, and with it every turn and the leadership."""
    postgres.end_sessions(lab.settings.database)
    yield 0.0


def end_some_sessions(lab: "Lab") -> Iterator[float | Fact]:
    """End a few sessions of ours."""
    postgres.end_sessions(lab.settings.database, 3)
    yield 0.0


def lose_answer(lab: "Lab") -> Iterator[float | Fact]:
    """Let a transaction be committed, and whoever committed it not learn of it."""
    door = lab.rig.doors[lab.random.choice(sorted(lab.rig.doors))]
    door.lose_next_answer(b"COMMIT")
    yield lambda: not door.is_losing


def hold_rows(lab: "Lab") -> Iterator[float | Fact]:
    """Hold rows that others want to write, sometimes for longer than they wait (15 s)."""
    seconds = lab.random.choice((2.0, 4.0, 6.0, 18.0))
    with psycopg.connect(lab.settings.database) as connection, suppress(psycopg.OperationalError):
        connection.execute("SET lock_timeout = '2s'")
        connection.execute(lab.random.choice(ROWS))
        yield seconds
        connection.rollback()


def hold_rows_for_a_minute(lab: "Lab") -> Iterator[float | Fact]:
    """Hold a host's row, and some targets', for a minute."""
    with psycopg.connect(lab.settings.database) as connection, suppress(psycopg.OperationalError):
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("SELECT * FROM hosts LIMIT 1 FOR UPDATE")
        yield 60.0
        connection.rollback()


def _server(lab: "Lab") -> postgres.Postgres:
    assert lab.rig.server is not None
    return lab.rig.server


def storm(lab: "Lab") -> Iterator[float | Fact]:
    """Hold the writer's place of the file again and again, now and then for longer than anybody waits (15 s)."""
    path = lab.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=2, isolation_level=None)) as connection:
        for seconds in lab.random.choice(((0.5,) * 8, (3.0, 3.0), (17.0,))):
            with suppress(sqlite3.OperationalError):  # others have it: that will do as well
                connection.execute("BEGIN IMMEDIATE")
            yield seconds
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            yield 0.05


BLOWS = (
    Blow("database restarted", "database", restart, DATABASE, all_at_work, only="postgresql", often=3),
    Blow("one crawler cut off", "database", cut_crawler_off, DATABASE, asking_again, only="postgresql", often=3),
    Blow("database's line dead", "database", swallow, DATABASE, all_at_work, only="postgresql"),
    Blow("all sessions ended", "database", end_sessions, DATABASE, all_at_work, only="postgresql", often=4),
    Blow("some sessions ended", "database", end_some_sessions, DATABASE, all_at_work, only="postgresql", often=6),
    Blow("a commit's answer lost", "database", lose_answer, DATABASE, all_at_work, only="postgresql", often=10),
    Blow("rows held", "database", hold_rows, DATABASE | WRITTEN, all_at_work, only="postgresql", often=2),
    Blow("a row held for 60 s", "database", hold_rows_for_a_minute, DATABASE | WRITTEN, all_at_work, only="postgresql"),
    Blow("database is locked", "database", storm, DATABASE | WRITTEN, all_at_work, only="sqlite", often=5),
)
"""Rows of the table."""
