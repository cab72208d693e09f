"""An HTTP server on loopback that says exactly what a test scripts, however wrong."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


class Server:
    """Runs a script on each accepted connection, after reading the head of the request."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.heads: list[bytes] = []
        self.closed_by_client = threading.Event()
        self._script, self._context = script, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ending = threading.Event()
        self._accepted: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._ending.is_set():
                accepted, _ = self._listener.accept()
                self._accepted.append(accepted)
                thread = threading.Thread(target=self._talk, args=(accepted,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _talk(self, accepted: socket.socket) -> None:
        accepted.settimeout(5)
        with suppress(OSError), accepted:
            talking = self._context.wrap_socket(accepted, server_side=True) if self._context else accepted
            with talking:
                head = b""
                while b"\r\n\r\n" not in head:
                    received = talking.recv(65536)
                    if not received:
                        return
                    head += received
                self.heads.append(head)
                self._script(talking)
                if not self._context:
                    talking.shutdown(socket.SHUT_WR)
                if not talking.recv(1):
                    self.closed_by_client.set()

    def stop(self) -> None:
        self._ending.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for accepted in self._accepted:
            # A client may keep its connection; whoever waits for the end of it need not any more.
            with suppress(OSError):
                accepted.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(6)


@contextmanager
def serving(script: Script | bytes, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(script if callable(script) else lambda peer: peer.sendall(script), context)
    try:
        yield server
    finally:
        server.stop()


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def dripping(head: bytes, drip: bytes) -> Script:
    """Send `head`, then `drip` every 50 ms until nobody listens."""

    def drip_on(peer: socket.socket) -> None:
        peer.sendall(head)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            peer.sendall(drip)
            time.sleep(0.05)

    return drip_on


def flooding(head: bytes, block: bytes, count: int) -> Script:
    def flood(peer: socket.socket) -> None:
        peer.sendall(head)
        for _ in range(count):
            peer.sendall(block)

    return flood


def chunked(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
