"""The access log: every connection and every exchange, with monotonic times that other processes can compare."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from services.simulation.moment import Moment, now, retry_after_seconds


@dataclass
class Connection:
    """One accepted connection; `closed` is None while it is open (monotonic seconds)."""

    number: int
    opened: float
    closed: float | None = None


@dataclass
class Robots:
    """What the robots file of a host answered last (status 0: nothing); the last good body is kept."""

    status: int
    body: str
    good_body: str | None = None


@dataclass
class Exchange:
    """One request and what became of it; `status` 0 means no answer, `ended` None means still going on.

    `started` is the accept for the first request of a connection: opening it is already contact. `ended` is taken just
    before the last bytes are handed to the kernel, so that it never lies after the client's own completion; but where
    the client left before that (`broken_off`), it is when that was noticed.
    """

    number: int
    host: str
    method: str
    path: str
    at: str
    started: float
    connection: Connection
    request_headers: dict[str, str]
    robots_before: Robots | None
    is_robots: bool = False
    status: int = 0
    ended: float | None = None
    broken_off: bool = False
    fault: str | None = None
    location: str | None = None
    retry_after: str | None = None
    retry_after_seconds: float | None = None
    bytes_sent: int = 0
    posted: str | None = None
    user_agent: str | None = field(init=False)
    if_none_match: str | None = field(init=False)
    if_modified_since: str | None = field(init=False)

    def __post_init__(self) -> None:
        """Take out the headers that are judged most often."""
        self.user_agent = self.request_headers.get("user-agent")
        self.if_none_match = self.request_headers.get("if-none-match")
        self.if_modified_since = self.request_headers.get("if-modified-since")


class AccessLog:
    """Append-only, in order of arrival, safe to read while it grows."""

    def __init__(self, clock: Callable[[], Moment] = now) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._numbers = itertools.count(1)
        self._connections = itertools.count(1)
        self._exchanges: list[Exchange] = []
        self._robots: dict[str, Robots] = {}

    def connected(self, opened: float) -> Connection:
        """A connection was accepted at `opened`."""
        with self._guard:
            return Connection(next(self._connections), opened)

    def disconnected(self, connection: Connection) -> None:
        """The connection is over."""
        connection.closed = self._clock().monotonic

    def began(
        self, host: str, request: tuple[str, str], headers: dict[str, str], connection: Connection, started: float
    ) -> Exchange:
        """A request (method, path) arrived at `started`."""
        with self._guard:
            exchange = Exchange(
                next(self._numbers),
                host,
                request[0],
                request[1],
                self._clock().iso,
                started,
                connection,
                headers,
                self._robots.get(host),
            )
            self._exchanges.append(exchange)
            return exchange

    def answering(self, exchange: Exchange, status: int, headers: dict[str, str]) -> None:
        """The head of an answer is about to be sent."""
        exchange.status = status
        exchange.location = headers.get("Location")
        exchange.retry_after = headers.get("Retry-After")
        if exchange.retry_after is not None:
            exchange.retry_after_seconds = retry_after_seconds(exchange.retry_after)

    def ended(self, exchange: Exchange, broken_off: bool = False) -> None:
        """The answer is about to be complete, or the client was noticed to have left before."""
        exchange.ended, exchange.broken_off = self._clock().monotonic, broken_off

    def served_robots(self, host: str, status: int, body: str) -> None:
        """The robots file of `host` answered so (0: not at all)."""
        with self._guard:
            before = self._robots.get(host)
            good = body if status == 200 else (before.good_body if before else None)
            self._robots[host] = Robots(status, body, good)

    def __len__(self) -> int:
        """How many exchanges there were so far."""
        with self._guard:
            return len(self._exchanges)

    def entries(self, after: int = 0) -> list[dict[str, Any]]:
        """The exchanges with a number above `after`, as JSON-able objects, in order of arrival."""
        with self._guard:
            chosen = self._exchanges[after:]
            return [_flat(exchange) for exchange in chosen]


def _flat(exchange: Exchange) -> dict[str, Any]:
    entry = asdict(exchange)
    connection = entry.pop("connection")
    robots = entry.pop("robots_before") or {"status": None, "body": None, "good_body": None}
    entry["connection"] = connection["number"]
    entry["connection_opened"] = connection["opened"]
    entry["connection_closed"] = connection["closed"]
    entry["robots_status"] = robots["status"]
    entry["robots_body"] = robots["body"]
    entry["robots_good_body"] = robots["good_body"]
    return entry
