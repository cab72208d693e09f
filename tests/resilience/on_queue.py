"""Blows on the queue's server: flushed, killed and started empty, full, frozen, cut off, reset every two seconds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.resilience.blow import Blow, Fact, parts
from tests.resilience.recovery import reading_again

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

QUEUE = parts("queue")


def flush(lab: "Lab") -> Iterator[float | Fact]:
    """Let every bell be lost."""
    lab.rig.queue.ask("FLUSHALL")
    yield 0.0


def restart_empty(lab: "Lab") -> Iterator[float | Fact]:
    """Kill the server, and start it again with nothing in it."""
    lab.rig.queue.kill()
    yield lab.random.uniform(0, 3)
    lab.rig.queue.start()


def fill(lab: "Lab") -> Iterator[float | Fact]:
    """Let it refuse whatever is to be written (`noeviction`)."""
    lab.rig.queue.fill()
    yield lab.random.uniform(2, 6)
    lab.rig.queue.empty()


def freeze(lab: "Lab") -> Iterator[float | Fact]:
    """Let it answer nothing, its connections open."""
    lab.rig.queue.freeze()
    yield lab.random.uniform(2, 12)
    lab.rig.queue.thaw()


def swallow(lab: "Lab") -> Iterator[float | Fact]:
    """Let what is sent to it lie on the way."""
    lab.rig.queue_door.set_mode("blackhole")
    yield lab.random.uniform(2, 8)
    lab.rig.queue_door.set_mode("pass")


def slow_down(lab: "Lab") -> Iterator[float | Fact]:
    """Let each piece take a while, both ways."""
    lab.rig.queue_door.set_mode("delay", 0.3)
    yield 4.0
    lab.rig.queue_door.set_mode("pass")


def reset(lab: "Lab") -> Iterator[float | Fact]:
    """Reset every connection, three times, every two seconds."""
    for _ in range(3):
        lab.rig.queue_door.set_mode("reset")
        lab.rig.queue_door.set_mode("pass")
        yield 2.0


BLOWS = (
    Blow("queue flushed", "queue", flush, QUEUE, reading_again, often=8),
    Blow("queue killed and started empty", "queue", restart_empty, QUEUE, reading_again, often=4),
    Blow("queue full", "queue", fill, QUEUE, reading_again, often=2),
    Blow("queue frozen", "queue", freeze, QUEUE, reading_again),
    Blow("queue's line dead", "queue", swallow, QUEUE, reading_again),
    Blow("queue's line slow", "queue", slow_down, QUEUE, reading_again),
    Blow("queue's connections reset every 2 s", "queue", reset, QUEUE, reading_again, often=4),
)
"""Rows of the table."""
