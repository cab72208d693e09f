"""A plain HTTP client for the tests of the simulation: one request, one connection."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def text(self, charset: str = "utf-8") -> str:
        """The body, strictly decoded."""
        return self.body.decode(charset)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def ask(
    url: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None, timeout: float = 5
) -> Reply:
    """Make one request on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, {"Connection": "close"} | (headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def post(url: str, wish: dict[str, Any]) -> Reply:
    """POST a JSON object."""
    return ask(url, {"Content-Type": "application/json"}, "POST", json.dumps(wish).encode())


def until(fact: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait for a fact, at most `seconds`; whether it came true."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
