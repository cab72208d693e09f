"""The console script as a process: exit codes, closed pipes, interrupts, and pages asked for politely."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.desk.watching import Watch, watch
from tests.unit.cli.desk import Desk, add_notice
from tests.unit.cli.test_cli_offline import LEDGER, LISTING, PAGE

COMMAND = [sys.executable, "-m", "services.cli"]


def _run(*words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, **more)


def test_help_lists_every_command_at_once() -> None:
    """Quick because nothing heavy is imported: no database, no queue, no HTTP."""
    probe = (
        "import sys\nfrom services.cli import main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    heavy = {'sqlalchemy', 'celery', 'requests', 'fastapi', 'pydantic', 'lxml', 'redis'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    assert "doctor" in done.stdout


def test_exit_codes_tell_failure_from_misuse(desk: Desk) -> None:
    failed = _run("notice", "http://gov.example/none.html")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("noticewire: no notice")
    misused = _run("notice")
    assert (misused.returncode, misused.stdout) == (2, "")
    assert "Missing argument" in misused.stderr
    assert _run("frobnicate").returncode == 2


def test_the_data_folder_may_be_named_before_or_after_the_command(desk: Desk, tmp_path: Any) -> None:
    add_notice(desk.ledger)
    elsewhere = {**os.environ, "NOTICEWIRE_DATA_DIR": str(tmp_path / "elsewhere")}
    before = _run("--data", str(desk.folder), "notices", "--json", env=elsewhere)
    after = _run("notices", "--json", "--data", str(desk.folder), env=elsewhere)
    assert before.stdout == after.stdout != ""
    assert _run("notices", "--json", env=elsewhere).returncode == 1


def test_a_folder_that_cannot_be_made_is_an_error_in_one_line(desk: Desk) -> None:
    done = _run("source", "add", "http://gov.example/", "--data", "/dev/null/data")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "/dev/null" in done.stderr


def test_a_reader_that_stops_reading_ends_us_quietly(desk: Desk) -> None:
    add_notice(desk.ledger, [f"draft {number}" for number in range(400)])
    with subprocess.Popen([*COMMAND, "events", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["sequence"].endswith("1")
        process.stdout.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gb18030", "utf-16"])
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_a_terminal_of_any_encoding_is_read_to_without_a_crash(tmp_path: Any, encoding: str, words: list[str]) -> None:
    path = tmp_path / "note.txt"
    path.write_text(f"{LEDGER}\U0001f4ce \u202e 全文完。\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*COMMAND, "read", str(path), *words], capture_output=True, timeout=60, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (0, b"")
    if words and encoding != "utf-16":
        assert json.loads(done.stdout)["kind"] == "rectification"


def test_a_reader_that_stops_reading_a_document_ends_us_quietly(tmp_path: Any) -> None:
    path = tmp_path / "note.txt"
    path.write_text(LEDGER * 2000, encoding="utf-8")
    with subprocess.Popen([*COMMAND, "read", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == b""


def _follower() -> "subprocess.Popen[str]":
    words = [*COMMAND, "events", "--follow", "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_follower_hears_of_each_event_and_ends_quietly_when_interrupted(desk: Desk) -> None:
    add_notice(desk.ledger, ["first"])
    with _follower() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["type"] == "org.noticewire.notice.published"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == ""


def test_a_follower_ends_when_nobody_reads_it_any_more(desk: Desk) -> None:
    add_notice(desk.ledger, ["first"])
    with _follower() as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 1


class _Site(BaseHTTPRequestHandler):
    """A site with two pages, one room that its robots file closes, and nothing else."""

    asked: list[tuple[str, float]]

    def do_GET(self) -> None:
        self.asked.append((self.path, time.monotonic()))
        bodies = {"/robots.txt": "User-agent: *\nDisallow: /closed/\n", "/page.html": PAGE, "/tzgg/": LISTING}
        body = bodies.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing."""


@pytest.fixture
def asked() -> list[tuple[str, float]]:
    """What the site was asked for, and when."""
    return []


@pytest.fixture
def site(desk: Desk, asked: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The site on loopback, known as a source that may be asked there."""
    monkeypatch.setenv("NOTICEWIRE_CONTACT", "desk@noticewire.example")
    monkeypatch.setenv("NOTICEWIRE_HOST_DELAY_JITTER_SECONDS", "0")
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Site", (_Site,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        home = f"http://127.0.0.1:{server.server_port}"
        watch(desk.ledger, Watch(f"{home}/tzgg/", delay_seconds=0.3, allow=["127.0.0.1"]))
        yield home
        server.shutdown()
        thread.join()


def test_a_url_is_asked_for_once_politely_and_after_robots(site: str, asked: list[tuple[str, float]]) -> None:
    done = _run("read", f"{site}/page.html", f"{site}/closed/x.html", f"{site}/none.html", "--json")
    assert done.returncode == 1
    page, closed, none = map(json.loads, done.stdout.splitlines())
    assert (page["title"], page["url"]) == ("关于花园改造的公告", f"{site}/page.html")
    assert "robots.txt" in closed["error"]
    assert "answered 404" in none["error"]
    assert [path for path, _ in asked] == ["/robots.txt", "/page.html", "/none.html"]
    assert asked[1][1] - asked[0][1] >= 0.3
    assert asked[2][1] - asked[1][1] >= 0.3


def test_a_listing_is_read_at_its_own_address(site: str) -> None:
    found = json.loads(_run("listing", f"{site}/tzgg/", "--json").stdout)
    assert found["items"][0]["url"] == f"{site}/tzgg/t20260105_11.html"


@pytest.mark.parametrize(
    ("contact", "told"), [("desk@noticewire.example", "operator can allow it"), (None, "NOTICEWIRE_CONTACT")]
)
def test_nobody_is_asked_anonymously_nor_at_a_private_address(desk: Desk, contact: str | None, told: str) -> None:
    environment = {**os.environ, "NOTICEWIRE_LOG_LEVEL": "error"} | ({"NOTICEWIRE_CONTACT": contact} if contact else {})
    done = _run("read", "http://127.0.0.1/page.html", "--json", env=environment)
    assert done.returncode == 1
    assert told in json.loads(done.stdout)["error"]
