"""What would end a worker, in a real one: messages that are none of ours, and a page that kills whoever reads it."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from services.queue_server import QueueServer
from shared.db import Ledger
from shared.db.models import Fetch
from shared.messages import QUEUE
from shared.queue import CeleryBell, message_of
from tests.integration.scene import rows
from tests.integration.test_processing import Desk
from tests.servers import worker

ID = "fet_" + "0" * 26
SLOW = pytest.mark.timeout(240)
# A worker takes seconds to start, and what is tried here lies before the database.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def altered(*at: str, to: Any) -> bytes:
    """Return the message for a fetch with something else at a place in it."""
    message = json.loads(message_of(ID))
    inside = message
    for name in at[:-1]:
        inside = inside[name]
    inside[at[-1]] = to
    return json.dumps(message).encode()


def lacking(name: str) -> bytes:
    message = json.loads(message_of(ID))
    del message[name]
    return json.dumps(message).encode()


def saying(*body: Any) -> bytes:
    return altered("body", to=base64.b64encode(json.dumps(body).encode()).decode())


# Each ended a worker of Celery 5.7, was run by it, or was refused with a traceback; some on every start again.
NO_BELLS: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"garbage",
    "no text": b"\xff\xfe\x00",
    "null": b"null",
    "a number": b"1",
    "a list": b"[]",
    "a text": b'"x"',
    "a deep one": b"[" * 100_000,
    "without headers": lacking("headers"),
    "without a body": lacking("body"),
    "headers that are a list": altered("headers", to=[1]),
    "a body that is a list": altered("body", to=[1]),
    "a body in no coding": altered("body", to="%%%"),
    "a body of no JSON": altered("body", to=base64.b64encode(b"xx").decode()),
    "a body that is null": altered("body", to=base64.b64encode(b"null").decode()),
    "an empty body": saying(),
    "arguments that are a text": saying("abc", {}, {}),
    "many arguments": saying(["a"] * 100_000, {}, {}),
    "a huge argument": saying(["a" * 10_000_000], {}, {}),
    "another id": saying(["ntc_" + "0" * 26], {}, {}),
    "a name of a file": saying(["../../../etc/passwd"], {}, {}),
    "named arguments": saying([], {"fetch_id": ID}, {}),
    "a task that nobody knows": altered("headers", "task", to="os.system"),
    "a task of Celery's own": altered("headers", "task", to="celery.backend_cleanup"),
    "no task": altered("headers", "task", to=None),
}
# An id can be taken from these; nothing else of them counts.
BELLS: dict[str, Callable[[str], dict[str, Any]]] = {
    "that come in the year 9999": lambda _: {"headers": {"eta": "9999-01-01T00:00:00+00:00"}},
    "that came at no time": lambda _: {"headers": {"eta": "soon", "expires": "x"}},
    "that are over": lambda _: {"headers": {"expires": "2000-01-01T00:00:00"}},
    "with no time at all": lambda _: {"headers": {"timelimit": [-1, "x"], "retries": "many", "id": [1]}},
    "that are pickled": lambda _: {"content-type": "application/x-python-serialize"},
    "in a coding of their own": lambda _: {"content-encoding": "rot13"},
    "packed": lambda _: {"headers": {"compression": "gzip"}},
    "without properties": lambda _: {"properties": 5},
    "without a tag": lambda _: {"properties": {"delivery_tag": None, "delivery_info": []}},
    "with others behind them": lambda name: {
        "body": base64.b64encode(
            json.dumps([[name], {}, {"callbacks": [{"task": "os.system"}], "chain": [1], "errbacks": 5}]).encode()
        ).decode()
    },
}


def bell(fetch_id: str, changes: dict[str, Any]) -> str:
    """Return the message for a fetch, with changes at two levels."""
    message = json.loads(message_of(fetch_id))
    for name, value in changes.items():
        message[name] = message[name] | value if isinstance(value, dict) else value
    return json.dumps(message)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[str]:
    """A queue server that no other worker listens at."""
    server = QueueServer(tmp_path / "queue")
    yield server.start()
    server.stop()


@contextmanager
def working(queue: str, ledger: Ledger, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    database = ledger.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.servers.worker", queue, database, str(folder)]
    with (folder.parent / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": os.getcwd()})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def until(fact: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait for a fact; the tests' time limit is the deadline."""
    while not fact():
        assert process.poll() is None, "the worker has ended"
        time.sleep(0.2)


@SLOW
@SQLITE
def test_no_message_ends_a_worker_or_is_anything_but_a_bell(ledger: Ledger, queue: str, tmp_path: Path) -> None:
    desks = [Desk(ledger, tmp_path / "blobs", f"{number}.html") for number in range(len(BELLS) + 1)]
    fetches = [desk.brought("整改任务共十二项。") for desk in desks]
    redis = Redis.from_url(queue)
    for message in NO_BELLS.values():
        redis.lpush(QUEUE, message)
    for fetch_id, changes in zip(fetches, BELLS.values(), strict=False):
        redis.lpush(QUEUE, bell(fetch_id, changes(fetch_id)))
    redis.lpush(QUEUE, message_of(fetches[-1]))
    with working(queue, ledger, tmp_path / "blobs") as process:
        until(lambda: all(one.processed_at for one in rows(ledger, Fetch)), process)
        until(lambda: not redis.llen(QUEUE) and not redis.hlen("unacked"), process)
    redis.close()
    log = (tmp_path / "worker.log").read_text()
    assert log.count("bell_refused") == len(NO_BELLS)
    assert "Traceback" not in log


@SLOW
@SQLITE
def test_a_page_that_kills_its_reader_is_set_aside_after_five_leases_and_harms_no_other(
    ledger: Ledger, queue: str, tmp_path: Path
) -> None:
    deadly = Desk(ledger, tmp_path / "blobs", "deadly.html").brought(worker.DEADLY.decode())
    others = [Desk(ledger, tmp_path / "blobs", f"{n}.html").brought(f"整改任务共{n}项。") for n in range(5)]
    bells = CeleryBell(queue)

    def ended() -> bool:
        owed = [one for one in rows(ledger, Fetch) if one.processed_at is None and one.quarantined_at is None]
        for one in owed if not bells.waiting() else ():
            bells.ring(one.id)
        return not owed

    with working(queue, ledger, tmp_path / "blobs") as process:
        until(ended, process)
    bells.close()
    (aside,) = rows(ledger, Fetch, id=deadly)
    assert aside.quarantine_reason == f"not read in {worker.LEASES} tries"
    assert aside.leases == worker.LEASES + 1
    assert all(rows(ledger, Fetch, id=one)[0].decision == "published" for one in others)
    log = (tmp_path / "worker.log").read_text()
    assert log.count("SIGKILL") >= worker.LEASES
