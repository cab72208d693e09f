"""Our processes bring the pages of the simulated hosts, from the columns becoming due to the last event's position."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import psutil
from sqlalchemy import text

from services.queue_server import QueueServer, free_port
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from tests.bench.crawl.theirs import listings
from tests.servers.line import Line

PROCESSES = ("crawl", "work", "relay", "api")
_LONGEST_SECONDS = 500.0
_ASKED = 200
"""Questions to the API before its memory counts as steady."""
_MIB = 1024 * 1024
_STARTED_SECONDS, _IDLE_SECONDS = 0.3, 0.15
"""CPU time that no process has started without; and that all spend in an idle second at most."""


class Held(NamedTuple):
    """Memory of a process and its children, in MiB: all, and what is nobody else's."""

    rss: float
    uss: float


class Brought(NamedTuple):
    """Milliseconds of CPU time a page by process, seconds by the clock, and memory by process."""

    cpu_ms_a_page: Mapping[str, float]
    seconds: float
    memory_mib: Mapping[str, Held]


def bring(hosts: int, port: int, notices: int, folder: Path) -> Brought:
    """Let all processes bring `notices` notices; raises AssertionError where they do not come in time."""
    queue = QueueServer(folder / "queue")
    settings = _settings(folder, queue.start())
    try:
        with Line(settings) as line:
            upgrade(line.wiring.ledger)
            processes = {kind: psutil.Process(line.start(kind)) for kind in PROCESSES}
            processes["queue server"] = _queue_server()
            return _bring(line, processes, listings(hosts, port), notices)
    finally:
        queue.stop()


def _bring(line: Line, processes: Mapping[str, psutil.Process], urls: Sequence[str], notices: int) -> Brought:
    line.wait_until(lambda: _rest(processes), 120, "the processes have started")
    before, began = {kind: _cpu(process) for kind, process in processes.items()}, time.monotonic()
    line.watch(*urls)
    line.wait_until(lambda: _stamped(line) >= notices, _LONGEST_SECONDS, f"{notices} events")
    seconds = time.monotonic() - began
    spent = {kind: 1000 * (_cpu(process) - before[kind]) / notices for kind, process in processes.items()}
    for _ in range(_ASKED):
        _ask(line)
    held = {name: one for kind, process in processes.items() for name, one in _memory(kind, process)}
    return Brought(spent, seconds, held)


def _settings(folder: Path, redis_url: str) -> Settings:
    unhurried: dict[str, Any] = {"host_delay_seconds": 0.0, "host_delay_jitter_seconds": 0.0, "log_level": "warning"}
    where = {"data_dir": folder, "redis_url": redis_url, "api_port": free_port(), "contact": "https://bench.example/"}
    return read_settings(**where, **unhurried)


def _queue_server() -> psutil.Process:
    """Return the queue server's process, a child of ours."""
    return next(child for child in psutil.Process().children() if "-server" in child.name())


def _rest(processes: Mapping[str, psutil.Process]) -> bool:
    """Tell whether all processes have started, by their being idle for a second."""
    if any(_cpu(process) < _STARTED_SECONDS for kind, process in processes.items() if kind in PROCESSES):
        return False
    before = sum(map(_cpu, processes.values()))
    time.sleep(1.0)
    return sum(map(_cpu, processes.values())) - before < _IDLE_SECONDS


def _cpu(process: psutil.Process) -> float:
    """Return the seconds that a process has spent, with its children, those that ended included."""
    found: float = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        found += float(times.user + times.system)
    ended = process.cpu_times()
    return found + float(ended.children_user + ended.children_system)


def _memory(kind: str, process: psutil.Process) -> Iterator[tuple[str, Held]]:
    children = process.children(recursive=True)
    yield kind, _held(process)
    for number, child in enumerate(children, 1):
        yield f"{kind}, child {number}", _held(child)


def _held(process: psutil.Process) -> Held:
    known = process.memory_full_info()
    return Held(known.rss / _MIB, known.uss / _MIB)


def _stamped(line: Line) -> int:
    with line.wiring.ledger.engine.connect() as connection:
        return int(connection.execute(text("SELECT coalesce(max(position), 0) FROM events")).scalar_one())


def _ask(line: Line) -> None:
    address = f"http://127.0.0.1:{line.settings.api_port}/v1/notices?limit=50"
    with urlopen(Request(address, headers={"Authorization": f"Bearer {line.token}"}), timeout=30) as answer:
        answer.read()
