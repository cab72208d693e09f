"""A connection to an address that was judged, whose every connect, read and write keeps one deadline and one budget.

urllib3's own timeouts bound each single read, so a server that drips one byte at a time is never late. Here the
time that is left is set anew before each system call, and every byte that arrives is counted.
"""

import functools
import http.client
import io
import socket
import ssl
from collections.abc import Sequence
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from shared.clock import Clock
from shared.errors import NoticewireError, Refused, TimedOut, Unreachable
from shared.http.addresses import Address, address_of


class Wire:
    """What one exchange may use: the time until its deadline, a number of bytes, and the addresses that were judged."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Start the time; `seconds` is all that the exchange has."""
        self._clock = clock
        self._deadline = clock.monotonic() + seconds
        self._bytes_left = 0
        self._overrun: NoticewireError = Unreachable("nothing may be read yet")
        self.addresses: Sequence[Address] = ()
        self.connections: list[HTTPConnection] = []
        self.heard = False
        """Whether anything arrived."""

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return self._clock.monotonic() >= self._deadline

    def remaining(self) -> float:
        """Return the seconds that are left, above zero. Raises TimedOut."""
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise TimedOut("the exchange did not end within its total time")
        return left

    def grant(self, count: int, overrun: NoticewireError) -> None:
        """Let `count` more bytes arrive; one more than that raises `overrun`."""
        self._bytes_left, self._overrun = count, overrun

    def spend(self, count: int) -> None:
        """Count bytes that arrived."""
        self.heard = self.heard or count > 0
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise self._overrun

    def connect(self, port: int) -> socket.socket:
        """Return a socket to the first judged address that answers. Raises Unreachable, TimedOut or Refused."""
        for tried, address in enumerate(self.addresses):
            share = self.remaining() / (len(self.addresses) - tried)
            try:
                return self._connect_to(address, port, share)
            except OSError:
                continue
        self.remaining()
        raise Unreachable("no connection: the server does not answer")

    def _connect_to(self, address: Address, port: int, seconds: float) -> socket.socket:
        connected = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            connected.settimeout(seconds)
            connected.connect((str(address), port))
            if address_of(connected.getpeername()[0]) != address:
                raise Refused("the connection does not lead where it was judged to lead")
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.settimeout(self.remaining())
        except BaseException:
            connected.close()
            raise
        return connected

    def send(self, connected: socket.socket, data: bytes) -> None:
        """Send all of `data`, the deadline counting over all parts of it."""
        unsent = memoryview(data)
        while unsent:
            connected.settimeout(self.remaining())
            unsent = unsent[connected.send(unsent) :]

    def close(self) -> None:
        """Close whatever is still open."""
        for connection in self.connections:
            connection.close()


class _TimedReader(io.RawIOBase):
    """The receiving end of a socket, under the deadline and the budget of a wire."""

    def __init__(self, raw: io.RawIOBase, connected: socket.socket, wire: Wire) -> None:
        super().__init__()
        self._raw, self._connected, self._wire = raw, connected, wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connected.settimeout(self._wire.remaining())
        try:
            count = cast("int | None", self._raw.readinto(buffer))
        except TimeoutError:
            raise TimedOut("the exchange did not end within its total time") from None
        self._wire.spend(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, wire: Wire, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, wire))


class _PinnedHTTP(HTTPConnection):
    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.port)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.wire.send(self.sock, data)


class _PinnedHTTPS(HTTPSConnection):
    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.port)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.wire.send(cast("socket.socket", self.sock), data)


def fasten(connection: Any, wire: Wire) -> Any:
    """Let a connection, new or kept, use the time and the budget of `wire` from now on."""
    connection.wire = wire
    connection.response_class = functools.partial(_TimedResponse, wire=wire)
    wire.connections.append(connection)
    return connection


class PinnedHTTPPool(HTTPConnectionPool):
    """A pool of one plain connection; Host is the name that was asked, the peer an address that was judged."""

    ConnectionCls = _PinnedHTTP

    def __init__(self, host: str, port: int, wire: Wire) -> None:
        """Connect to `wire.addresses`, and to nothing else."""
        super().__init__(host, port, maxsize=1)
        self._wire = wire

    def _new_conn(self) -> Any:
        return fasten(super()._new_conn(), self._wire)


class PinnedHTTPSPool(HTTPSConnectionPool):
    """The same over TLS; SNI and the certificate's name are the host's, not the address's."""

    ConnectionCls = _PinnedHTTPS

    def __init__(self, host: str, port: int, wire: Wire, context: ssl.SSLContext) -> None:
        """Connect to `wire.addresses` and greet with `context`."""
        super().__init__(host, port, maxsize=1, ssl_context=context)
        self._wire = wire

    def _new_conn(self) -> Any:
        return fasten(super()._new_conn(), self._wire)

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 warns at each unverified request; here opting out is the operator's choice, and recorded per fetch.
        if conn.is_closed:
            conn.connect()
