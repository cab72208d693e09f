"""One contender's crawl in a process of its own: what it cost in CPU time and memory."""

import os
import resource
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tests.bench.crawl.origin import Origin
from tests.bench.crawl.ours import crawl_with_ours
from tests.bench.crawl.theirs import crawl_with_requests, crawl_with_scrapy

CONTENDERS: dict[str, Callable[[int, int, Path], float | None]] = {
    "noticewire": crawl_with_ours,
    "scrapy": crawl_with_scrapy,
    "requests": crawl_with_requests,
}
"""By name: crawls the hosts of a port, with a folder that is kept between its crawls.

It returns the CPU seconds to be counted, or None for all since it was called.
"""


class Cost(NamedTuple):
    """What a crawl cost; `absent` says why it was none."""

    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    absent: str | None = None


def cost_of(name: str, origin: Origin, folder: Path) -> Cost:
    """Let a contender crawl once, in a fresh process, and return what it cost."""
    context = get_context("spawn")
    told, telling = context.Pipe(duplex=False)
    process = context.Process(target=_crawl, args=(name, origin.hosts, origin.port, folder, telling))
    process.start()
    telling.close()
    try:
        cost: Cost = told.recv()
    except EOFError:
        cost = Cost(absent="its process ended")
    process.join()
    return cost


def _crawl(name: str, hosts: int, port: int, folder: Path, telling: Connection) -> None:
    # What a contender logs, it may write; who would read it here?
    os.dup2(os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    started = time.process_time()
    try:
        counted = CONTENDERS[name](hosts, port, folder)
    except ImportError as error:
        telling.send(Cost(absent=str(error)))
        return
    spent = time.process_time() - started if counted is None else counted
    telling.send(Cost(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
