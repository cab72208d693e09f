"""A WebSub subscriber on loopback: answers the hub's question as it is told to, and keeps what it is sent."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Received:
    """One request: a question's parameters, or a distribution's headers and body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Callback:
    """The subscriber; `answers` are statuses of the next requests, 200 when there are none left."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.accepted: list[Received] = []
        """Those of what was received to which it said yes."""
        self.answers: list[int] = []
        self.echo = True
        """Whether it repeats the challenge: it did mean to subscribe."""
        self.answering = threading.Event()
        """Cleared, it hangs."""
        self.answering.set()
        callback = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                callback.answering.wait(30)
                self._keep()
                told = self._received.query
                self._answer(told.get("hub.challenge", "") if callback.echo else "what challenge?")

            def do_POST(self) -> None:
                self._keep()
                self._answer("")

            def _keep(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._received = Received(self.command, parts.path, query, headers, body)
                callback.received.append(self._received)

            def _answer(self, text: str) -> None:
                body = text.encode()
                status = callback.answers.pop(0) if callback.answers else 200
                if status < 300:
                    callback.accepted.append(self._received)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback?mine=1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def questions(self) -> list[dict[str, str]]:
        """What it was asked."""
        return [one.query for one in self.received if one.method == "GET"]

    @property
    def distributed(self) -> list[Received]:
        """What it was sent."""
        return [one for one in self.received if one.method == "POST"]

    def __enter__(self) -> "Callback":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
