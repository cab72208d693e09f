"""Readers of the windows that people ask: the stream, cut at random bytes, Redis Streams, and the API by cursor.

Each keeps what it has heard and goes on after it, whatever breaks; `heard` is judged by `tests.invariants`.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from tests.standards.sse import EventSource

LONGEST_BYTES = 1500
"""That a connection of the stream lives at most: an event has about 600."""
QUIET_SECONDS = 0.3
"""A stream that says nothing for so long is cut, too."""
PAUSE_SECONDS = 0.1
RST = struct.pack("ii", 1, 0)
"""SO_LINGER so that closing resets."""


class Reader:
    """A thread that reads again and again until it is stopped and has reached the last position."""

    def __init__(self, name: str, after: int = 0) -> None:
        self.name, self.after = name, after
        self.heard: list[tuple[int, bytes]] = []
        self._last: int | None = None
        self._raised: list[Exception] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ended = threading.Event()

    @property
    def position(self) -> int:
        """Return the last position that it has heard."""
        return self.heard[-1][0] if self.heard else self.after

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end_at(self, last: int) -> None:
        """Have it end once it has heard this position."""
        self._last = last

    def is_over(self) -> bool:
        """Tell whether it has ended; raises what went wrong with it."""
        if self._raised:
            raise self._raised[0]
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """End it wherever it is."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def read(self) -> None:
        """Read for a while; servers may be gone."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._ended.is_set() and (self._last is None or self.position < self._last):
            try:
                self.read()
            except (OSError, HTTPException, RedisError):
                self._ended.wait(PAUSE_SECONDS)
            except Exception as error:  # the top of a thread: for `is_over` to raise
                self._raised.append(error)
                return


class CutReader(Reader):
    """Reads the stream by the standard, over connections that break off at random bytes."""

    def __init__(self, api: str, token: str, random: Random, cuts: Callable[[], bool], after: int = 0) -> None:
        """`cuts` tells before each connection whether it is to break off, and counts."""
        super().__init__(f"SSE after {after}", after)
        self._api, self._token, self._random, self._cuts = urlsplit(api), token, random, cuts
        self._source = EventSource()

    def read(self) -> None:
        """Make one connection and read until it breaks off."""
        left = self._random.randint(1, LONGEST_BYTES) if self._cuts() else 10**9
        connection = HTTPConnection(self._api.hostname or "", self._api.port, timeout=10)
        headers = {"Authorization": f"Bearer {self._token}"}
        if self._source.last_event_id:
            headers["Last-Event-ID"] = self._source.last_event_id
        try:
            connection.request("GET", f"/v1/events/stream?after={self.after}", headers=headers)
            sock = connection.sock
            response = connection.getresponse()
            if response.status != 200:
                raise HTTPException(f"answered {response.status}")
            sock.settimeout(QUIET_SECONDS)
            self._source.connect()
            while left > 0 and not self._ended.is_set() and (part := response.read1(min(left, 65536))):
                left -= len(part)
                for one in self._source.feed(part):
                    assert one.type != "reset", one.data
                    self.heard.append((int(one.last_event_id), one.data.encode()))
                if self._last is not None and self.position >= self._last:
                    break
            if self._random.random() < 0.5:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        finally:
            connection.close()


class CursorReader(Reader):
    """Asks the API for what comes after the last position, by pages of any length."""

    def __init__(self, api: str, token: str, random: Random, after: int = 0) -> None:
        super().__init__(f"cursor after {after}", after)
        self._api, self._token, self._random = urlsplit(api), token, random

    def read(self) -> None:
        """Ask for one page."""
        connection = HTTPConnection(self._api.hostname or "", self._api.port, timeout=10)
        try:
            query = f"after={self.position}&limit={self._random.randint(1, 50)}"
            connection.request("GET", f"/v1/events?{query}", headers={"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            if response.status != 200:
                raise HTTPException(f"answered {response.status}")
            items = json.loads(response.read())["items"]
        finally:
            connection.close()
        self.heard += [(int(one["sequence"]), json.dumps(one).encode()) for one in items]
        if not items:
            self._ended.wait(PAUSE_SECONDS)


class EntryReader(Reader):
    """Reads a Redis Stream from the last entry id that it has seen."""

    def __init__(self, redis_url: str, key: str) -> None:
        super().__init__(f"stream {key}")
        self._redis: Any = Redis.from_url(redis_url)
        self._key = key

    def read(self) -> None:
        """Wait for entries."""
        for _, entries in self._redis.xread({self._key: f"{self.position}-0"}, count=50, block=200) or ():
            self.heard += [(int(name.partition(b"-")[0]), fields[b"event"]) for name, fields in entries]

    def stands(self) -> list[tuple[int, bytes]]:
        """Return all that is in the stream now."""
        entries = self._redis.xrange(self._key)
        return [(int(name.partition(b"-")[0]), fields[b"event"]) for name, fields in entries]
