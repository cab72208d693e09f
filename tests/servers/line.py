"""The whole line as real processes of ours on one database and one queue, to be watched, killed and compared."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from services.desk.subscribing import Webhook, subscribe
from services.desk.tokens import create_token
from services.desk.watching import Watch, watch
from services.embedded import environment
from services.queue_server import free_port
from services.wiring import Wiring
from shared.db.health import FourAges
from shared.domain.states import Scope
from shared.settings import Settings, read_settings
from tests.servers.subscriber import Sink

LOOPBACK = "127.0.0.0/8"
DELAY_SECONDS = 0.3
QUICK: dict[str, Any] = {
    "contact": "https://noticewire.example/tests",
    "host_delay_seconds": DELAY_SECONDS,
    "host_delay_jitter_seconds": 0.0,
    "host_backoff_seconds": 0.3,
    "host_backoff_cap_seconds": 1.0,
    "request_total_seconds": 5.0,
    "target_lease_seconds": 10.0,
    "listing_interval_seconds": 1.5,
    "detail_first_interval_seconds": 2.0,
    "detail_last_interval_seconds": 3.0,
    "withdrawal_confirmations": 2,
    "withdrawal_span_seconds": 1.5,
    "withdrawal_beyond_seconds": 4.0,
    "process_lease_seconds": 10.0,
    "ring_again_seconds": 3.0,
    "sweep_interval_seconds": 1.0,
    "delivery_schedule_scale": 0.02,
    "delivery_total_seconds": 3.0,
    "worker_processes": 2,
    "crawl_threads": 4,
}
"""Settings under which a second shows what takes hours in service; politeness is scaled, never off."""


def quick_settings(data_dir: Path, database_url: str, redis_url: str, **more: Any) -> Settings:
    """Return the settings of a test's line."""
    where = {"data_dir": data_dir, "database_url": database_url, "redis_url": redis_url, "api_port": free_port()}
    return read_settings(**QUICK | where | more)


class Line:
    """Processes of ours, started and killed by name; everything ends with the `with`."""

    def __init__(
        self, settings: Settings, module: str = "services.cli", surroundings: dict[str, str] | None = None
    ) -> None:
        """Start nothing yet. Processes will run `module`, with `surroundings` in their environment beside settings."""
        self.settings = settings
        self._module, self._surroundings = module, surroundings or {}
        self.wiring = Wiring(settings)
        self.log = settings.data_dir / "line.log"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for name, process in self._processes.items():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill(name)
        self.wiring.close()

    def start(self, kind: str, name: str | None = None, **more: Any) -> int:
        """Start a process of `kind` under `name` (default: its kind); return its pid."""
        settings = self.settings.model_copy(update=more)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", self._module, kind],
                env=environment(settings) | self._surroundings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name or kind] = process
        return process.pid

    def start_all(self) -> None:
        """Start one process of each kind but the API."""
        for kind in ("crawl", "work", "relay"):
            self.start(kind)

    def kill(self, name: str) -> None:
        """Kill a process and its whole group at once: no handler runs, nothing is flushed."""
        process = self._processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def end(self, name: str, seconds: float = 30.0) -> None:
        """End a process in order."""
        self.ask_to_end(name)
        self._processes[name].wait(seconds)

    def ask_to_end(self, name: str) -> None:
        """Ask a process to end in order, and do not wait for it."""
        self._processes[name].terminate()

    def exit_code(self, name: str) -> int | None:
        """Return what a process ended with, or None while it runs."""
        return self._processes[name].poll()

    def pid(self, name: str) -> int:
        """Return the id of a process that was started; its group has the same."""
        return self._processes[name].pid

    def rest(self) -> None:
        """End the crawler, which brings something new at any moment, and wait until nothing is owed any more."""
        self.end("crawl", 15)
        self.wait_until(self.owes_nothing, what="nothing owed")

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process's group."""
        os.killpg(self._processes[name].pid, number)

    def alive(self, name: str) -> bool:
        """Tell whether a process runs."""
        return self._processes[name].poll() is None

    def watch(self, *urls: str) -> None:
        """Watch columns on loopback."""
        for url in urls:
            watch(self.wiring.ledger, Watch(url, allow=[LOOPBACK]))

    def subscribe(self, sink: Sink) -> str:
        """Subscribe a sink to everything; return the subscription's id."""
        subscription, secret = subscribe(self.wiring.ledger, self.wiring.box, Webhook(sink.url, allow=[LOOPBACK]))
        sink.set_secret(secret)
        return subscription.id

    @cached_property
    def token(self) -> str:
        """A token that may read the API."""
        return create_token(self.wiring.ledger, name="test", scopes=[Scope.READ])[1]

    def ages(self) -> FourAges:
        """Return the four ages."""
        with self.wiring.ledger.reading() as uow:
            return uow.ages.four(uow.now())

    def owes_nothing(self) -> bool:
        """Tell whether every fetch is processed, every event relayed and every delivery ended."""
        ages = self.ages()
        return ages.oldest_unprocessed_fetch is ages.oldest_unrelayed_event is ages.oldest_due_delivery is None

    def tail(self, lines: int = 60) -> str:
        """Return the end of the processes' log, for a failing test to show."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def wait_until(self, fact: Callable[[], object], seconds: float = 60.0, what: str = "") -> None:
        """Wait for a fact, with a deadline."""
        deadline = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what or fact}\n{self.tail()}")
            time.sleep(0.1)
