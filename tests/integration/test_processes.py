"""The processes themselves: what they refuse, what they wait for, and that none is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from services.queue_server import free_port
from services.simulation.site import DisclosureSite
from tests.e2e.test_the_line import CRAWL_PERIOD_SECONDS, types
from tests.invariants import assert_invariants
from tests.servers import sqlite
from tests.servers.line import DELAY_SECONDS, Line, quick_settings
from tests.servers.postgres import Postgres
from tests.servers.subscriber import Sink


def environment(**settings: object) -> dict[str, str]:
    """Return this process's environment with exactly `settings` of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOTICEWIRE_")}
    return kept | {f"NOTICEWIRE_{name.upper()}": str(value) for name, value in settings.items()}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", *arguments]


def refusal(*arguments: str, **settings: object) -> str:
    """Run a command that must fail; return what it says."""
    done = subprocess.run(
        command(*arguments), env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def wait_for(fact: Callable[[], object], seconds: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ["crawl", "up"])
def test_nobody_is_crawled_anonymously(tmp_path: Path, kind: str) -> None:
    said = refusal(kind, data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0")
    assert "NOTICEWIRE_CONTACT" in said


@pytest.mark.parametrize("kind", ["crawl", "relay"])
def test_a_process_refuses_tables_of_another_release_with_the_command_that_helps(tmp_path: Path, kind: str) -> None:
    settings = {"data_dir": tmp_path, "redis_url": "redis://127.0.0.1:1/0", "contact": "https://noticewire.example/"}
    assert "noticewire db upgrade" in refusal(kind, **settings)


def test_a_worker_without_a_queue_says_which_setting_names_one(tmp_path: Path) -> None:
    sqlite.fresh(tmp_path)
    assert "NOTICEWIRE_REDIS_URL" in refusal("work", data_dir=tmp_path)


BEFORE_CELERY = """
import threading
from services.processes import beginning, working
from services.wiring import Wiring
from shared.settings import read_settings

def wait(*_):
    print("here", flush=True)
    threading.Event().wait()

stop = beginning.stop_on_signals()
working.run_worker = wait
working.work(Wiring(read_settings()), stop)
"""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_end_before_celery_hears_of_signals_ends(
    tmp_path: Path, number: signal.Signals
) -> None:
    sqlite.fresh(tmp_path)
    settings = environment(data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0")
    with subprocess.Popen(
        [sys.executable, "-c", BEFORE_CELERY], env=settings, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        while started.stdout.readline() != "here\n":
            pass
        started.send_signal(number)
        assert started.wait(20) == 0


def test_a_setting_that_nobody_knows_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    assert "did you mean NOTICEWIRE_CONTACT?" in refusal("crawl", data_dir=tmp_path, contct="x")


def test_the_line_outlives_a_restart_of_the_database(postgres: Postgres, queue_url: str, tmp_path: Path) -> None:
    """Begun while the database is down, and then cut off from it in the middle of everything."""
    own = Postgres()
    try:
        settings = quick_settings(tmp_path, own.lasting(), queue_url)
        with DisclosureSite(notices=3) as site, Sink() as sink, Line(settings) as line:
            line.subscribe(sink)
            line.watch(*site.listing_urls())
            own.kill()
            line.start_all()
            line.wait_until(lambda: line.tail(10_000).count("database_unavailable") >= 3, what="all three to say so")
            own.start()
            line.wait_until(lambda: types(sink)["notice.published"] >= 4, what="deliveries")
            own.kill()
            told = next(one for one in sink.receipts() if one.accepted)
            site.edit(told.event["data"]["notice"]["url"])
            own.start()
            line.wait_until(lambda: types(sink)["notice.published"] == 9, what="nine notices published")
            line.wait_until(lambda: types(sink)["notice.revised"] >= 1, what="the edit told")
            line.wait_until(line.owes_nothing, what="nothing owed")
            assert all(line.alive(kind) for kind in ("crawl", "work", "relay")), line.tail()
            assert_invariants(
                line.wiring.ledger, site, [sink], delay_seconds=DELAY_SECONDS, crawl_period_seconds=CRAWL_PERIOD_SECONDS
            )
    finally:
        own.close()


class Up:
    """`noticewire up` on a folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "up.log"
        self.folder = folder
        port = free_port()
        self.settings = {"data_dir": folder / "data", "api_port": port, "log_format": "json", "worker_processes": 2}
        self.settings |= {"contact": "https://noticewire.example/tests"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command("up"), env=environment(**self.settings), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        return any(json.loads(line)["event"] == "noticewire_up" for line in self.said().splitlines() if line[:1] == "{")

    def family(self) -> list[psutil.Process]:
        return list[psutil.Process](psutil.Process(self.process.pid).children(recursive=True))

    def close(self, family: list[psutil.Process]) -> None:
        """End what is left; only what was started here."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    one = Up(tmp_path)
    family: list[psutil.Process] = []
    try:
        wait_for(one.is_up, 90, one.said)
        family = one.family()
        yield one
    finally:
        one.close(family)


def commands(family: list[psutil.Process]) -> str:
    told = []
    for one in family:
        with suppress(psutil.NoSuchProcess):
            told.append(" ".join(one.cmdline()))
    return "\n".join(told)


def test_a_killed_supervisor_leaves_no_orphans(up: Up) -> None:
    wait_for(lambda: len(up.family()) >= 7, 60, lambda: commands(up.family()))
    family = up.family()
    assert all(f"services.cli {kind}" in commands(family) for kind in ("crawl", "work", "relay", "api"))
    assert "server" in commands([one for one in family if "services.cli" not in commands([one])])
    up.process.send_signal(signal.SIGKILL)
    up.process.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, f"{commands(alive)}\n{up.said()[-3000:]}"


def test_up_twice_on_one_folder_is_refused_and_the_first_goes_on(up: Up) -> None:
    said = refusal("up", **(up.settings | {"api_port": free_port()}))
    assert "noticewire is already running on" in said
    assert "--data" in said
    assert up.is_up()
    up.process.terminate()
    family = up.family()
    assert up.process.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, commands(alive)
