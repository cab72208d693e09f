"""The API behind its real server, on a free port of loopback, and readers of its event stream."""

import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from services.api.serve import Server, listen
from tests.integration.api.world import World

PATIENCE = 10.0


@contextmanager
def serving(world: World) -> Iterator[Server]:
    """Serve a world's application from a thread until the `with` ends."""
    ready: queue.Queue[str] = queue.Queue()
    listener = listen("127.0.0.1", 0)
    server = Server(world.app, listener, ready.put)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.get(timeout=PATIENCE) == server.address
        yield server
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop"


@dataclass(frozen=True)
class Told:
    """One server-sent event that was dispatched: it had data."""

    id: str
    event: str
    data: Any


class Listener:
    """A reader of the stream that parses it as the standard says (WHATWG HTML, 9.2.6)."""

    def __init__(self, address: str, query: str = "", headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(address)
        self.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
        self.connection.request("GET", f"/v1/events/stream{query}", headers=dict(headers or {}))
        self.response: HTTPResponse = self.connection.getresponse()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.response.close()
        self.connection.close()

    def cut(self) -> None:
        """Break off at once, as a network does."""
        if self.connection.sock is not None:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.close()

    def part(self, count: int) -> Iterator[bytes]:
        """Return the lines within the next `count` bytes, or up to a comment; the last may be half a line."""
        text = b""
        while len(text) < count and (part := self.response.read1(count - len(text))) and part[:1] != b":":
            text += part
        yield from text.splitlines(keepends=True)

    def lines(self) -> Iterator[str]:
        while line := self.response.readline():
            yield line.decode().rstrip("\n")

    def told(self) -> Iterator[Told]:
        """Return events as they are dispatched, until the stream ends."""
        return dispatched(iter(self.response.readline, b""))

    def take(self, count: int) -> list[Told]:
        """Return the next `count` events."""
        stream = self.told()
        return [next(stream) for _ in range(count)]


def dispatched(lines: Iterable[bytes]) -> Iterator[Told]:
    """Return the events that a reader dispatches, by the standard's own steps: half an event at the end is none."""
    name, last_id = "", ""
    data: list[str] = []
    for raw in lines:
        if not raw.endswith(b"\n"):
            return
        line = raw.decode().rstrip("\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Told(last_id, name or "message", json.loads("\n".join(data)))
            name, data = "", []
        elif field == "id":
            last_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


def wait_until(fact: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a fact, with a deadline."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"not within {seconds} s: {fact}"
        time.sleep(0.01)
