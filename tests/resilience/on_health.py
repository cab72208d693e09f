"""Stalls that health must tell of: whole kinds of processes frozen, servers that do not answer, until it is red."""

import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tests.endurance import RED_SECONDS, Stall
from tests.resilience.blow import WRITTEN, Blow, Fact, Steps, parts
from tests.resilience.recovery import green_again
from tests.resilience.rig import CRAWLERS, RELAYS, WORKERS

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

EVERYTHING = WRITTEN | parts("crawlers", "workers", "relays", "queue", "database")
PATIENCE_SECONDS = RED_SECONDS + 10


def stall(lab: "Lab", names: tuple[str, ...]) -> Iterator[float | Fact]:
    """Freeze all processes of a kind until health is red."""
    for name in names:
        lab.rig.line.signal(name, signal.SIGSTOP)
    red = yield from _until_red(lab)
    for name in names:
        lab.rig.line.signal(name, signal.SIGCONT)
    yield from _until_green(lab, f"{names[0]} and its likes frozen", red)


def stall_queue(lab: "Lab") -> Iterator[float | Fact]:
    """Freeze the queue's server until health is red."""
    lab.rig.queue.freeze()
    red = yield from _until_red(lab)
    lab.rig.queue.thaw()
    yield from _until_green(lab, "the queue frozen", red)


def stall_database(lab: "Lab") -> Iterator[float | Fact]:
    """End the database's server until health is red."""
    assert lab.rig.server is not None
    lab.rig.server.kill()
    red = yield from _until_red(lab)
    lab.rig.server.start()
    yield from _until_green(lab, "the database down", red)


def _until_red(lab: "Lab") -> Steps[float | None]:
    began = time.monotonic()
    yield from _patiently(lambda: lab.gauges.is_red(began))
    return lab.gauges.health[-1].at - began if lab.gauges.is_red(began) else None


def _until_green(lab: "Lab", name: str, red: float | None) -> Iterator[float | Fact]:
    began = time.monotonic()
    yield from _patiently(lambda: lab.gauges.is_green(began), 70.0)
    green = lab.gauges.health[-1].at - began if lab.gauges.is_green(began) else None
    lab.gauges.stalls.append(Stall(name, red, green))


def _patiently(fact: Fact, seconds: float = PATIENCE_SECONDS) -> Iterator[Fact]:
    over = time.monotonic() + seconds
    while not fact() and time.monotonic() < over:
        yield fact


def _row(name: str, names: tuple[str, ...]) -> Blow:
    return Blow(name, "health", partial(stall, names=names), EVERYTHING, green_again, 60.0)


BLOWS = (
    _row("all relays frozen until red", RELAYS),
    _row("all workers frozen until red", WORKERS),
    _row("all crawlers frozen until red", CRAWLERS),
    Blow("queue frozen until red", "health", stall_queue, EVERYTHING, green_again, 60.0),
    Blow("database down until red", "health", stall_database, EVERYTHING, green_again, 60.0, only="postgresql"),
)
"""Rows of the table; each takes half a minute."""
