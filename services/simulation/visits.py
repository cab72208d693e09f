"""One visit to the site: log it, find the answer, let troubles have their way, and send it, timing every step."""

import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import urljoin

from services.simulation.answers import Answer, Desk, conditional, page
from services.simulation.log import AccessLog, Exchange
from services.simulation.places import Host, path_of
from services.simulation.serving import Handler, Server
from services.simulation.sockets import peer_left
from services.simulation.troubles import DELIVERIES, REPLACEMENTS, Trouble, Troubles

CHUNK = 1 << 14
NO_ANSWER = frozenset({"reset", "hang", "short", "bad_chunks", "endless"})


@dataclass(frozen=True)
class House:
    """What a host's handlers share."""

    host: Host
    desk: Desk
    troubles: Troubles
    log: AccessLog

    def reply(self, exchange: Exchange) -> tuple[Answer, Trouble | None]:
        """The answer to a request that was just logged, and the trouble that it met, if any."""
        path = path_of(exchange.path)
        exchange.is_robots = path in self.host.robots_paths
        answer = None
        if exchange.method == "POST":
            answer = self.desk.answer_call(self.host, path, exchange.posted or "")
        elif exchange.method in ("GET", "HEAD"):
            answer = self.desk.answer(self.host, path)
        answer = answer or page(405, "")
        trouble = self.troubles.take(self.host.name, path)
        if trouble is None:
            answer = conditional(answer, exchange.request_headers)
        elif trouble.kind in REPLACEMENTS:
            answer = REPLACEMENTS[trouble.kind](answer, trouble)
        exchange.fault = trouble.kind if trouble else None
        if exchange.is_robots:
            self._remember_robots(answer, trouble)
        return answer, trouble

    def _remember_robots(self, answer: Answer, trouble: Trouble | None) -> None:
        spoiled = trouble is not None and trouble.kind in NO_ANSWER
        target = urljoin(self.host.base_url + "/", answer.headers.get("Location", ""))
        if 300 <= answer.status < 400 and target.startswith(self.host.base_url + "/"):
            self.host.robots_paths.add(path_of(target))  # what it leads to is the robots file as well
        status, body = (0, "") if spoiled else (answer.status, answer.body.decode("utf-8", "replace"))
        self.log.served_robots(self.host.name, status, body)


class VisitHandler(Handler):
    """A connection to one host, and the `Wire` that deliveries act on."""

    server: Server

    def setup(self) -> None:
        """Log the connection."""
        super().setup()
        self.house: House = self.server.context
        self._opened = self.server.opened_at(self.request)
        self._began: float | None = None
        self._exchange: Exchange | None = None
        self._connection = self.house.log.connected(self._opened)
        self._last_sent = self._opened

    def finish(self) -> None:
        """Log the end of the connection."""
        super().finish()
        self.house.log.disconnected(self._connection)

    def parse_request(self) -> bool:
        """Note when the request began: the first one of a connection began when that was opened."""
        self._began = self._opened if self._began is None else time.monotonic()
        return super().parse_request()

    def do_GET(self) -> None:  # noqa: N802 - the name is the base class's
        """Answer and log one request."""
        assert self._began is not None  # set by parse_request, which precedes every method
        headers = {name.lower(): value for name, value in self.headers.items()}
        log = self.house.log
        exchange = log.began(self.house.host.name, (self.command, self.path), headers, self._connection, self._began)
        self._exchange = exchange
        exchange.posted = self.body().decode("utf-8", "replace") or None
        try:
            self._serve(exchange)
            exchange.ended = max(self._last_sent, self._began)
        except OSError:
            self.close_connection = True
            if exchange.is_robots:
                log.served_robots(self.house.host.name, 0, "")
            log.ended(exchange, broken_off=True)

    do_HEAD = do_GET  # noqa: N815
    do_POST = do_GET  # noqa: N815
    do_OPTIONS = do_GET  # noqa: N815

    def _serve(self, exchange: Exchange) -> None:
        answer, trouble = self.house.reply(exchange)
        if trouble is not None and trouble.kind in DELIVERIES:
            DELIVERIES[trouble.kind](self, answer, trouble)
        else:
            self.send(self.head(answer, len(answer.body)) + (b"" if self.command == "HEAD" else answer.body))

    # The wire -------------------------------------------------------------------------------------------------------

    def head(self, answer: Answer, length: int | None, extra: str = "") -> bytes:
        """See `Wire.head`."""
        assert self._exchange is not None
        self.house.log.answering(self._exchange, answer.status, answer.headers)
        reason = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else ""
        lines = [
            f"HTTP/1.1 {answer.status} {reason}",
            f"Date: {formatdate(usegmt=True)}",
            f"Server: {self.server_version}",
        ]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if length is not None and answer.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        lines.append(f"Connection: {'close' if self.close_connection else 'keep-alive'}")
        return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode("utf-8")

    def send(self, chunk: bytes) -> None:
        """See `Wire.send`; the time is taken before the last piece, see `Exchange`."""
        assert self._exchange is not None
        for start in range(0, len(chunk), CHUNK):
            self._last_sent = time.monotonic()
            self.connection.sendall(chunk[start : start + CHUNK])
        self._exchange.bytes_sent += len(chunk)

    def wait(self, seconds: float) -> None:
        """See `Wire.wait`."""
        if peer_left(self.connection, seconds):
            raise ConnectionAbortedError("the client has left")
        self._last_sent = time.monotonic()

    def reset(self) -> None:
        """See `Wire.reset`."""
        self.close()
        self.server.break_connection(self.request)
        self._last_sent = time.monotonic()

    def close(self) -> None:
        """See `Wire.close`."""
        self.close_connection = True
