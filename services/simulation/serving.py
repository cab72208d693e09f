"""A threaded HTTP/1.1 server that knows its open connections, so that it can close them, and break them, on demand."""

import contextlib
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.simulation.sockets import break_off, hang_up, join_all

STOP_SECONDS = 5.0


class Server(ThreadingHTTPServer):
    """One listening address; `start` serves in a thread, `stop` leaves no thread and no socket behind."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._guard = threading.Lock()
        self._open: dict[Any, tuple[threading.Thread, float]] = {}
        self._broken: set[Any] = set()
        self._loop: threading.Thread | None = None
        self.context: Any = None  # what the handlers of this server work with
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without the reverse name look-up that HTTPServer makes: it may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def start(self) -> None:
        """Serve from now on, in a thread of its own."""
        self._loop = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._loop.start()

    def stop(self) -> None:
        """Stop listening, hang up on every open connection, and wait for their threads."""
        if self._loop is not None:
            self.shutdown()
            self._loop.join()
            self._loop = None
        self.server_close()
        with self._guard:
            still_open = dict(self._open)
        for sock in still_open:
            hang_up(sock)
        join_all([thread for thread, _ in still_open.values()], STOP_SECONDS)

    def break_connection(self, sock: Any) -> None:
        """Let the connection end with a reset once its handler returns."""
        with self._guard:
            self._broken.add(sock)

    def opened_at(self, sock: Any) -> float:
        """The monotonic time at which the connection was accepted."""
        with self._guard:
            return self._open[sock][1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle the connection in a thread of its own, and remember both."""
        accepted = time.monotonic()
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._guard:
            self._open[request] = (thread, accepted)
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Run the handler, then forget the connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._open.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        """End the connection: orderly, or with a reset when it was to be broken."""
        with self._guard:
            broken = request in self._broken
            self._broken.discard(request)
        if broken:
            break_off(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are ordinary here; anything else is a defect of the simulation and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """What every handler of the simulation shares: HTTP/1.1, no console noise, whole answers in one piece."""

    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing on the console: what happened is in the log of the simulation."""

    def body(self) -> bytes:
        """The request's body, by its Content-Length."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Send one complete answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:  # RFC 9110 §8.6: no Content-Length with 204
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        """Close the streams; a peer that left in between is no error."""
        with contextlib.suppress(OSError):
            super().finish()


def bind_together(addresses: list[str], port: int, handler: type[Handler]) -> list[Server]:
    """Bind one server per address, all on one port (0: the system chooses, again while it is taken elsewhere)."""
    for attempt in range(20):
        servers: list[Server] = []
        try:
            for address in addresses:
                servers.append(Server((address, servers[0].server_port if servers else port), handler))
            return servers
        except OSError:
            for server in servers:
                server.server_close()
            if port or attempt == 19:
                raise
    raise AssertionError("unreachable")
