"""The API's process: one port, until it is told to stop; open streams end at once, and nothing takes five seconds."""

import asyncio
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.api.app import create_app
from services.api.tail import Tail
from services.wiring import Wiring
from shared.errors import Invalid

log = structlog.get_logger()

GRACE_SECONDS = 4
# A reader that has not read by then what it was sent is cut off.
PARTING_SECONDS = 2.0
BACKLOG = 1024

Ready = Callable[[str], None]


def serve(wiring: Wiring, *, on_ready: Ready | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then return within five seconds; the caller closes `wiring`.

    `on_ready` gets the address (`http://127.0.0.1:8080`) once requests are answered there. Raises `Invalid` where the
    address cannot be listened on.
    """
    listener = listen(wiring.settings.api_host, wiring.settings.api_port)
    server = Server(create_app(wiring), listener, on_ready)
    log.info("api_started", address=server.address)
    server.run(sockets=[listener])
    log.info("api_stopped")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port` (0: any free one); `Invalid` says what to change."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Invalid(f"the API cannot listen on {host!r}: no such address; set NOTICEWIRE_API_HOST") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Invalid(_why(error, host, port)) from error
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; stop what listens there, or set NOTICEWIRE_API_PORT to another"
    if error.errno == errno.EACCES:
        return f"port {port} is not allowed to this user; set NOTICEWIRE_API_PORT to one above 1023"
    why = f"the API cannot listen on {host}, port {port}: {error.strerror}"
    return f"{why}; set NOTICEWIRE_API_HOST or NOTICEWIRE_API_PORT"


class Protocol(H11Protocol):
    """uvicorn's, which shows requests the connection that they came by, for the stream to write to (`crowd`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


class Server(uvicorn.Server):
    """uvicorn, which ends streams before it waits for requests, and returns rather than dying by the signal."""

    def __init__(self, app: FastAPI, listener: socket.socket, on_ready: Ready | None = None) -> None:
        """Serve `app` on `listener`, which is closed at the end."""
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # addresses may hold a token
                server_header=False,
                proxy_headers=False,
                http=Protocol,
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        host, port = listener.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._tail: Tail = app.state.tail
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End every stream first, for they would never end by themselves; then cut off those who do not read."""
        self._tail.close()
        cutting = asyncio.create_task(self._cut_off())
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    async def _cut_off(self) -> None:
        await asyncio.sleep(PARTING_SECONDS)
        for connection in list(self.server_state.connections):
            transport = connection.transport
            if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
                transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT (in the main thread alone); unlike uvicorn's own, do not raise them again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        earlier = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
