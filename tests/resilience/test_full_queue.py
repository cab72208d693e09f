"""A queue that is full must not end who works on it."""

from pathlib import Path

from shared.queue import CeleryBell
from tests.servers import sqlite
from tests.servers.line import Line, quick_settings
from tests.servers.queue import Queue


def test_a_worker_outlives_a_queue_that_is_full(tmp_path: Path) -> None:
    """Taking a bell writes to the queue; that it cannot be written is no reason to end, for others may come."""
    with Queue() as queue, Line(quick_settings(tmp_path, sqlite.fresh(tmp_path), queue.url)) as line:
        bell = CeleryBell(queue.url)
        assert all([bell.ring("the first"), bell.ring("the second")])
        queue.fill()
        line.start("work")
        line.wait_until(queue.was_full, what="the queue found full")
        queue.empty()
        assert bell.ring("not a fetch's id")
        line.wait_until(lambda: "bell_refused" in line.tail(10_000), seconds=15, what="a bell answered")
        assert line.alive("work")
        bell.close()
