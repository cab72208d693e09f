"""What a process can hear of a commit at the soonest: the driver alone commits a row and tells a thread that waits."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from queue import Queue
from threading import Event, Thread

import psycopg
from redis import Redis

ROUNDS = 100
ROW = "公" * 700
"""About 2 kB, as an event has."""
TABLE = "CREATE TABLE IF NOT EXISTS bench_floor (data TEXT)"
INSERT = "INSERT INTO bench_floor VALUES ('" + ROW + "')"

Tell = Callable[[], None]
"""Commits a row and tells of it."""


def wakes(database_url: str, redis_url: str) -> tuple[str, list[float]]:
    """Return what was measured, and the milliseconds from each commit until another thread had heard of it."""
    if database_url.startswith("sqlite"):
        with _sqlite(database_url.removeprefix("sqlite:///"), redis_url) as (tell, heard):
            return "a bare commit, then Redis pub/sub", _measured(tell, heard)
    with _listening(database_url) as (tell, heard):
        return "a bare commit with NOTIFY, heard by LISTEN", _measured(tell, heard)


def _measured(tell: Tell, heard: "Queue[float]") -> list[float]:
    took = []
    for _ in range(ROUNDS):
        time.sleep(0.02)
        began = time.perf_counter()
        tell()
        took.append((heard.get(timeout=10) - began) * 1000)
    return took


@contextmanager
def _sqlite(path: str, redis_url: str) -> Iterator[tuple[Tell, "Queue[float]"]]:
    heard, over = Queue[float](), Event()
    with closing(sqlite3.connect(path)) as connection, Redis.from_url(redis_url) as redis, redis.pubsub() as pubsub:
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(TABLE)
        pubsub.subscribe("bench-floor")
        pubsub.get_message(timeout=1)

        def listen() -> None:
            while not over.is_set():
                if pubsub.get_message(timeout=0.2):
                    heard.put(time.perf_counter())

        def tell() -> None:
            connection.execute(INSERT)
            connection.commit()
            redis.publish("bench-floor", b"")

        with _beside(listen, over):
            yield tell, heard


@contextmanager
def _listening(url: str) -> Iterator[tuple[Tell, "Queue[float]"]]:
    heard, over = Queue[float](), Event()
    with psycopg.connect(url) as connection, psycopg.connect(url, autocommit=True) as listener:
        connection.execute(TABLE)
        connection.commit()
        listener.execute("LISTEN bench_floor")

        def listen() -> None:
            while not over.is_set():
                for _ in listener.notifies(timeout=0.2):
                    heard.put(time.perf_counter())

        def tell() -> None:
            connection.execute(INSERT)
            connection.execute("NOTIFY bench_floor")
            connection.commit()

        with _beside(listen, over):
            yield tell, heard


@contextmanager
def _beside(listen: Callable[[], None], over: Event) -> Iterator[None]:
    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
