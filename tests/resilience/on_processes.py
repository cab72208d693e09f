"""Blows on our processes: killed and frozen at the worst moment, or ended in order one after another."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import select

from shared.db.models import Fetch
from tests.resilience.blow import WRITTEN, Blow, Fact, Steps, parts
from tests.resilience.recovery import all_at_work, asking_again, held_is_done, reading_again, telling_again
from tests.resilience.rig import CRAWLERS, KILLING_PART, LEASE_SECONDS, PROCESSES, RELAYS, STEADY, WORKERS

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

DRIP_SECONDS = 1.2
THREE_LEASES = 3 * LEASE_SECONDS + 1
MADE_UP_SECONDS = LEASE_SECONDS + 15
LONGEST_PATIENCE = 6
"""How often it is waited for 20 s that a page is set aside, or that a process ends."""
ROWS = 3_000
"""Paragraphs of a page that takes a good part of a second to read."""


def heavy_page(title: str) -> bytes:
    """Return a page that takes a while to read."""
    rows = "".join(f"<p>{title}之{row}：已逐项核对台账，责任人按月报告进度，材料归档备查。</p>" for row in range(ROWS))
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div>{rows}</div></body></html>".encode()


def kill_worker(lab: "Lab") -> Iterator[float | Fact]:
    """Kill a worker and its children while it reads."""
    yield from _is_read(lab)
    name, _ = _busiest(lab)
    lab.end(name)
    yield lab.random.uniform(0, 1)
    lab.start(name)


def kill_child(lab: "Lab") -> Iterator[float | Fact]:
    """Kill one child of a worker in the middle of a page."""
    yield from _is_read(lab)
    _, child = _busiest(lab)
    if child is not None:
        with suppress(psutil.Error):
            child.kill()


def _is_read(lab: "Lab") -> Iterator[Fact]:
    """Let a page that takes long be changed, and wait until it is being read."""
    host, title = lab.random.choice(STEADY), f"关于第{lab.random.randrange(10_000)}号长篇整改情况的通报"
    path = "/odd/heavy.html"
    lab.rig.show_odd(host, {path: heavy_page(title)})

    def is_held() -> bool:
        with lab.looking() as session:
            held = select(Fetch.id).where(Fetch.lease.is_not(None), Fetch.url.endswith(path)).limit(1)
            return session.scalar(held) is not None

    yield is_held


def _busiest(lab: "Lab") -> tuple[str, psutil.Process | None]:
    """Return the worker, and its child, that has just used the processor most."""
    found: list[tuple[float, str, psutil.Process]] = []
    for name in WORKERS:
        with suppress(psutil.Error):
            children = psutil.Process(lab.rig.line.pid(name)).children()
            found += [(child.cpu_percent(0.02), name, child) for child in children]
    if not found:
        return lab.random.choice(WORKERS), None
    return max(found, key=lambda one: one[0])[1:]


def kill_crawler(lab: "Lab") -> Iterator[float | Fact]:
    """Kill a crawler in the middle of a request."""
    caught = yield from _caught(lab)
    lab.end(caught)
    yield lab.random.uniform(0, 1)
    lab.start(caught)


def freeze_crawler(lab: "Lab") -> Iterator[float | Fact]:
    """Stop a crawler in the middle of a request, for three leases."""
    caught = yield from _caught(lab)
    yield from _frozen(lab, caught)


def _caught(lab: "Lab") -> Steps[str]:
    """Let an answer come slowly; return the crawler that is in the middle of it."""
    host, before = lab.random.choice(STEADY), lab.rig.site.exchanges()
    lab.rig.site.fault(host, "slow", times=1, seconds=20, drip_seconds=DRIP_SECONDS)
    found: list[str] = []

    def is_under_way() -> bool:
        met = [one for one in lab.rig.site.log(before) if one["fault"] == "slow" and one["ended"] is None]
        found.extend(name for name in CRAWLERS for one in met if name in one["user_agent"])
        return bool(found)

    yield is_under_way
    return found[0] if found else lab.random.choice(CRAWLERS)


def _frozen(lab: "Lab", name: str, seconds: float = THREE_LEASES) -> Iterator[float | Fact]:
    lab.rig.line.signal(name, signal.SIGSTOP)
    yield seconds
    lab.rig.line.signal(name, signal.SIGCONT)


def kill_relay(lab: "Lab") -> Iterator[float | Fact]:
    """Kill the relay or its standby, whichever leads."""
    name = lab.random.choice(RELAYS)
    lab.end(name)
    yield lab.random.uniform(0, 2)
    lab.start(name)


def freeze_relay(lab: "Lab") -> Iterator[float | Fact]:
    """Stop the relay or its standby for three leases."""
    yield from _frozen(lab, lab.random.choice(RELAYS))


def freeze_worker(lab: "Lab") -> Iterator[float | Fact]:
    """Stop a worker and its children, while they read, for three leases."""
    yield from _is_read(lab)
    yield from _frozen(lab, _busiest(lab)[0])


def roll(lab: "Lab") -> Iterator[float | Fact]:
    """End each process in order and start it again, one after another."""
    for name in lab.random.sample(list(PROCESSES), len(PROCESSES)):
        lab.end(name, kill=False)
        for _ in range(LONGEST_PATIENCE):
            yield partial(lab.has_ended, name)
        if lab.rig.line.alive(name):
            lab.say(f"rolling restart: {name} did not end in order")
            lab.end(name)
        lab.start(name)


def kill_everything(lab: "Lab") -> Iterator[float | Fact]:
    """Kill all processes but the API at once, as a power cut would; on SQLite right after something was written."""
    log = lab.settings.data_dir / "noticewire.db-wal"
    if lab.rig.server is None:
        before = os.stat(log).st_mtime_ns if log.exists() else 0
        yield lambda: log.exists() and os.stat(log).st_mtime_ns != before
    for name in (*CRAWLERS, *WORKERS, *RELAYS):
        lab.end(name)
    yield 0.2
    for name in (*CRAWLERS, *WORKERS, *RELAYS):
        lab.start(name)


def page_that_kills(lab: "Lab") -> Iterator[float | Fact]:
    """Publish a page that kills whoever reads it, and wait until it is set aside."""
    host, path = lab.random.choice(STEADY), f"{KILLING_PART}-{lab.random.randrange(10**6)}.html"
    lab.rig.show_odd(host, {path: heavy_page("关于一份致命材料的通报")[:4000]})

    def leases() -> list[int]:
        with lab.looking() as session:
            aside = select(Fetch.leases).where(Fetch.url.endswith(path), Fetch.quarantined_at.is_not(None))
            return list(session.scalars(aside))

    for _ in range(LONGEST_PATIENCE):
        yield leases
    lab.rig.show_odd(host, {})
    lab.rig.site.remove_page(host, path)
    counted = leases()  # none: other blows held it up; that it is set aside in the end is I9
    if counted and counted != [lab.settings.process_leases + 1]:
        lab.say(f"quarantine: a page that kills its reader was set aside after {counted} leases")


OURS, CRAWLING, READING, RELAYING = "processes", parts("crawlers"), parts("workers"), parts("relays")
BLOWS = (
    Blow("worker group killed", OURS, kill_worker, READING, held_is_done, MADE_UP_SECONDS, often=3),
    Blow("worker's child killed mid-parse", OURS, kill_child, READING, held_is_done, MADE_UP_SECONDS, often=2),
    Blow("crawler killed mid-request", OURS, kill_crawler, CRAWLING, held_is_done, MADE_UP_SECONDS, often=3),
    Blow("relay killed", OURS, kill_relay, RELAYING, telling_again, often=3),
    Blow("crawler frozen for three leases", OURS, freeze_crawler, CRAWLING | WRITTEN | parts("database"), asking_again),
    Blow("worker frozen for three leases", OURS, freeze_worker, READING | WRITTEN, reading_again),
    Blow("relay frozen for three leases", OURS, freeze_relay, RELAYING | WRITTEN, telling_again),
    Blow("everything killed at once", OURS, kill_everything, CRAWLING | READING | RELAYING, all_at_work),
    Blow("a page that kills its reader", OURS, page_that_kills, READING, reading_again),
    Blow("rolling restart of everything", OURS, roll, CRAWLING | READING | RELAYING, all_at_work, 60.0),
)
"""Rows of the table; the limits are those of docs/guarantees.md."""
