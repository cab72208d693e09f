"""One request to the API, and again where the API says so: what is limited or down now is asked for once more later."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

TRIES = 4
LONGEST_WAIT_SECONDS = 60.0
LATER = (0, 429, 502, 503, 504)


class Refused(Exception):
    """The API said no; `status` and `detail` say why, `errors` where (RFC 9457). Status 0: it could not be reached."""

    def __init__(self, status: int, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        """Keep the problem's words."""
        super().__init__(f"{status}: {detail}")
        self.status, self.detail, self.errors = status, detail, errors or []
        self.retry_seconds: float | None = None
        """After which time the API says that asking again may help."""


@dataclass(frozen=True)
class Api:
    """Where the API is, and with which token it is asked."""

    address: str
    token: str
    timeout_seconds: float = 60.0

    def ask(self, method: str, path: str, query: Mapping[str, Any] | None = None, wish: Any = None, **more: str) -> Any:
        """Return an answer's JSON (None where it is empty); raises `Refused`. `more` are headers."""
        for number in range(1, TRIES):
            try:
                return self._ask_once(method, path, query, wish, more)
            except Refused as error:
                if error.status not in LATER:
                    raise
                time.sleep(min(error.retry_seconds or 2.0**number, LONGEST_WAIT_SECONDS))
        return self._ask_once(method, path, query, wish, more)

    def _ask_once(
        self, method: str, path: str, query: Mapping[str, Any] | None, wish: Any, more: Mapping[str, str]
    ) -> Any:
        try:
            with self.open(method, path, query, wish, **more) as response:
                body = response.read()
        except (OSError, HTTPException) as error:
            raise Refused(0, f"{self.address} does not answer: {error}") from error
        return json.loads(body) if body else None

    def open(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, wish: Any = None, **more: str
    ) -> HTTPResponse:
        """Return the answer, unread; raises `Refused` for an error. No redirect is followed."""
        parts = urlsplit(self.address)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout_seconds)
        told = {name: value for name, value in (query or {}).items() if value not in (None, [], ())}
        target = parts.path.rstrip("/") + path + (f"?{urlencode(told, doseq=True)}" if told else "")
        body = None if wish is None else json.dumps(wish).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"} | _named(more)
        connection.request(method, target, body, headers | ({"Content-Type": "application/json"} if body else {}))
        response = connection.getresponse()
        if response.status < 300:
            return response
        with response:
            raise _refusal(response)


def _named(more: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in more.items()}


def _refusal(response: HTTPResponse) -> Refused:
    body, asked = response.read(), response.getheader("Retry-After", "")
    try:
        told = json.loads(body)
        refusal = Refused(response.status, str(told["detail"]), told.get("errors"))
    except (ValueError, KeyError, TypeError):
        refusal = Refused(response.status, body[:200].decode("utf-8", "replace"))
    refusal.retry_seconds = float(asked) if asked.isdigit() else None
    return refusal
