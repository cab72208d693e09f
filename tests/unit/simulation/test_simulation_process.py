"""The simulation as processes: one line says where they are, the control door commands them, and they end with us."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import ask, post, until

ROOT = Path(__file__).parents[3]
Launch = Callable[..., tuple["subprocess.Popen[str]", dict[str, Any]]]


@pytest.fixture
def launch() -> Iterator[Launch]:
    with ExitStack() as stack:

        def start(*arguments: str) -> tuple["subprocess.Popen[str]", dict[str, Any]]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "services.simulation", *arguments],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            return process, json.loads(process.stdout.readline())

        yield start


def test_a_site_process_is_commanded_through_its_control_door(launch: Launch) -> None:
    process, where = launch("site", "--hosts", "127.0.0.2,127.0.0.3", "--seed", "7", "--notices", "2")
    door = where["control"]
    assert ask(where["listings"][0]).status == 200
    url = post(f"{door}/publish", {"host": "127.0.0.2"}).json()["url"]
    assert post(f"{door}/edit", {"url": url, "kind": "status"}).json() == {"revision": 2}
    assert post(f"{door}/cosmetic", {"url": url}).json() == {"done": True}
    assert post(f"{door}/withdraw", {"url": url}).status == 200
    assert ask(url).status == 404
    assert post(f"{door}/restore", {"url": url}).status == 200
    moved = post(f"{door}/move", {"url": url}).json()["url"]
    assert ask(url).headers["location"] == moved
    assert post(f"{door}/fault", {"host": "127.0.0.3", "kind": "429", "seconds": 9, "retry_after": 2}).status == 200
    assert ask(where["listings"][1]).headers["retry-after"] == "2"
    assert post(f"{door}/calm", {}).status == 200
    assert post(f"{door}/robots", {"host": "127.0.0.3", "status": 404}).status == 200
    assert post(f"{door}/page", {"host": "127.0.0.3", "path": "/p", "body": "页"}).status == 200
    assert post(f"{door}/listing", {"host": "127.0.0.3", "path": "/l", "items": [["/p", "页", "1"]]}).status == 200
    assert "页" in ask(f"http://127.0.0.3:{where['port']}/l").text()

    truth = ask(f"{door}/truth").json()
    in_process = DisclosureSite(hosts=["127.0.0.2", "127.0.0.3"], seed=7, notices=2)
    in_process.stop()
    assert [each["title"] for each in truth["notices"][:4]] == [each["title"] for each in in_process.truth()["notices"]]
    assert ask(f"{door}/log").json()[0]["path"].endswith("/index.html")
    assert len(ask(f"{door}/log?after=2").json()) == len(ask(f"{door}/log").json()) - 2

    assert post(f"{door}/timeline", {"action": "start", "name": "demo", "pace": 200}).json()["playing"]
    assert until(lambda: len(ask(f"{door}/timeline").json()["played"]) > 3)
    assert not post(f"{door}/timeline", {"action": "stop"}).json()["playing"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def test_wrong_wishes_are_told_what_is_wrong(launch: Launch) -> None:
    _, where = launch("site", "--hosts", "127.0.0.2")
    door = where["control"]
    assert ask(f"{door}/healthz").json() == {"status": "ok"}
    assert "no such publisher" in post(f"{door}/publish", {"host": "x"}).json()["error"]
    assert post(f"{door}/publish", {"nonsense": 1}).status == 400
    assert ask(f"{door}/publish", {}, "POST", b"not json").status == 400
    assert ask(f"{door}/nothing").status == 404


def test_a_sink_process_takes_its_secret_later(launch: Launch) -> None:
    process, where = launch("sink")
    door = where["control"]
    assert where["url"].startswith("http://127.0.0.9:")
    assert post(f"{door}/secret", {"secret": "whsec_c2VjcmV0"}).status == 200
    assert ask(where["url"], {}, "POST", b"{}").status == 401
    assert post(f"{door}/fail", {"kind": "status", "status": 410, "times": 1}).status == 200
    assert ask(where["url"], {}, "POST", b"{}").status == 410
    assert post(f"{door}/calm", {}).status == 200
    assert [each["status"] for each in ask(f"{door}/receipts").json()] == [401, 410]
    assert [each["number"] for each in ask(f"{door}/receipts?after=1").json()] == [2]
    process.terminate()
    assert process.wait(5) == 0


def test_a_proxy_process_changes_its_mode(launch: Launch) -> None:
    with DisclosureSite(hosts=["127.0.0.2"]) as site:
        process, where = launch("proxy", "--target", f"127.0.0.2:{site.port}")
        through = f"http://{where['host']}:{where['port']}/robots.txt"
        assert ask(through).status == 200
        assert post(f"{where['control']}/mode", {"mode": "reset"}).status == 200
        with pytest.raises(ConnectionError):
            ask(through)
        assert ask(f"{where['control']}/mode").json()["mode"] == "reset"
        process.terminate()
        assert process.wait(5) == 0


def test_a_process_ends_when_its_standard_input_ends(launch: Launch) -> None:
    process, _ = launch("sink", "--watch-stdin")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0


def test_a_process_ends_when_the_parent_it_was_given_is_gone(launch: Launch) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        process, _ = launch("sink", "--parent-pid", str(parent.pid))
        child, _ = launch("sink", "--parent-pid", str(os.getpid()))
        parent.communicate(b"\n")
    assert process.wait(5) == 0
    assert child.poll() is None
