"""The API's process: ready when it says so, gone when told so, and clear about a port that is taken."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from services.api.serve import listen, serve
from services.embedded import environment
from shared.domain.states import Scope
from shared.errors import Invalid
from tests.integration.api.live import Listener, serving, wait_until
from tests.integration.api.world import open_world

# The whole of a process: says its address when ready, and `ended` after a clean return.
PROCESS = """
from services.api.serve import serve
from services.wiring import wire
from shared.logs import configure_logs
configure_logs("json", "info")
wiring = wire()
serve(wiring, on_ready=lambda address: print(address, flush=True))
wiring.close()
print("ended", flush=True)
"""


def test_a_port_that_is_taken_is_told_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, open_world(tmp_path) as world:
        port = taken.getsockname()[1]
        world.wiring.settings = world.wiring.settings.model_copy(update={"api_port": port})
        with pytest.raises(Invalid, match=f"port {port} .*NOTICEWIRE_API_PORT"):
            serve(world.wiring)


def test_an_address_that_is_not_ours_is_told_with_its_setting() -> None:
    with pytest.raises(Invalid, match="NOTICEWIRE_API_HOST"):
        listen("192.0.2.1", 0)
    with pytest.raises(Invalid, match="NOTICEWIRE_API_HOST"):
        listen("no such host", 0)


@pytest.mark.timeout(60)
def test_open_streams_end_at_once_when_the_server_stops(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        text = world.token(Scope.READ)[1]
        with serving(world) as server:
            listeners = [Listener(server.address, f"?token={text}") for _ in range(5)]
            server.should_exit = True
            for listener in listeners:
                assert list(listener.told()) == []
                listener.close()


@pytest.mark.timeout(60)
def test_a_reader_that_does_not_read_is_cut_off_when_the_server_stops(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        world.publish_bulky(400, 40_000)
        request = f"GET /v1/events/stream?after=0&token={world.token(Scope.READ)[1]} HTTP/1.1\r\nHost: x\r\n\r\n"
        with serving(world) as server, socket.socket() as sleeper:
            sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sleeper.connect(("127.0.0.1", urlsplit(server.address).port))
            sleeper.sendall(request.encode())
            wait_until(lambda: world.app.state.tail.readers == 1)
            server.should_exit = True
            wait_until(lambda: world.app.state.tail.readers == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly_though_a_stream_is_open(tmp_path: Path, number: signal.Signals) -> None:
    with open_world(tmp_path) as world:
        text = world.token(Scope.READ)[1]
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS],
            env=os.environ | environment(world.wiring.settings),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            with urlopen(Request(f"{address}/healthz"), timeout=5) as answer:
                assert answer.status == 200
            with Listener(address, f"?token={text}"):
                process.send_signal(number)
                assert process.stdout.readline().strip() == "ended"
                assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
