"""The fault proxy: each mode does to a connection what it says, and the way back is clean."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from services.simulation.faults import FaultProxy, parse_address
from tests.unit.simulation.client import until


class Echo:
    """A TCP server that says everything back."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with closing(client):
            try:
                while chunk := client.recv(1 << 16):
                    client.sendall(chunk)
            except OSError:
                return

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    echo = Echo()
    with FaultProxy("127.0.0.1", echo.port) as running:
        yield running
    echo.stop()


def connect(proxy: FaultProxy, timeout: float = 5.0) -> socket.socket:
    return socket.create_connection((proxy.host, proxy.port), timeout=timeout)


def visited(proxy: FaultProxy) -> bytes:
    """One connection that says something and waits for more than the echo."""
    with connect(proxy) as client:
        return said(client, b"a") + client.recv(1)


def said(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    received = b""
    while len(received) < len(words):
        chunk = client.recv(1 << 16)
        if not chunk:
            break
        received += chunk
    return received


def test_bytes_pass_both_ways(proxy: FaultProxy) -> None:
    big = bytes(range(256)) * 2000
    with connect(proxy) as client, connect(proxy) as other:
        assert said(client, b"hello") == b"hello"
        assert said(other, big) == big
        assert proxy.connections == 2
    assert until(lambda: proxy.connections == 0)
    assert proxy.accepted == 2


def test_a_half_closed_connection_still_brings_the_rest(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := client.recv(100):
            received += chunk
    assert received == b"last words"


def test_delay_holds_each_piece_back(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        proxy.set_mode("delay", delay_seconds=0.1)
        began = time.monotonic()
        assert said(client, b"slow") == b"slow"
        assert time.monotonic() - began >= 0.19  # once each way
        proxy.set_mode("pass")
        assert said(client, b"fast") == b"fast"


def test_reset_breaks_old_connections_and_new_ones_until_it_passes_again(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert said(client, b"a") == b"a"
        proxy.set_mode("reset")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        with pytest.raises(ConnectionError):
            visited(proxy)
    proxy.set_mode("pass")
    with connect(proxy) as third:
        assert said(third, b"c") == b"c"


def test_a_black_hole_swallows_until_it_heals(proxy: FaultProxy) -> None:
    with connect(proxy, timeout=0.2) as client:
        assert said(client, b"a") == b"a"
        proxy.set_mode("blackhole")
        with pytest.raises(TimeoutError):
            said(client, b"lost?")
        with connect(proxy, timeout=0.2) as second, pytest.raises(TimeoutError):
            said(second, b"b")
        proxy.set_mode("pass")
        client.settimeout(5)
        assert client.recv(10) == b"lost?"


def test_cut_closes_what_exists_and_lets_new_connections_pass(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert said(client, b"a") == b"a"
        proxy.set_mode("cut")
        assert client.recv(1) == b""
    assert proxy.mode == "pass"
    with connect(proxy) as second:
        assert said(second, b"b") == b"b"


def test_a_target_that_refuses_is_passed_on_as_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = int(unused.getsockname()[1])
    with FaultProxy("127.0.0.1", port) as proxy, pytest.raises(ConnectionError):
        visited(proxy)


def test_stopping_leaves_no_thread_even_with_connections_open() -> None:
    before = set(threading.enumerate())
    echo = Echo()
    proxy = FaultProxy("127.0.0.1", echo.port).start()
    with connect(proxy) as client:
        assert said(client, b"a") == b"a"
        proxy.set_mode("blackhole")
        proxy.stop()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    echo.stop()
    assert set(threading.enumerate()) <= before
    FaultProxy("127.0.0.1", 1).stop()


def test_modes_and_addresses_are_checked(proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match="unknown mode"):
        proxy.set_mode("nonsense")
    assert parse_address("127.0.0.1:6379") == ("127.0.0.1", 6379)
    with pytest.raises(ValueError, match="not HOST:PORT"):
        parse_address("6379")


def test_an_answer_is_lost_once_and_what_was_asked_has_arrived(proxy: FaultProxy) -> None:
    with connect(proxy) as client, connect(proxy) as other:
        assert said(client, b"a question") == b"a question"
        proxy.lose_next_answer(b"COMMIT")
        assert said(other, b"another") == b"another"
        with pytest.raises(ConnectionResetError):
            said(client, b"and a COMMIT")
        assert not proxy.is_losing
        assert said(other, b"a COMMIT too") == b"a COMMIT too"
