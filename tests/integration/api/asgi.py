"""A client that calls the application in process, as a server would, one request at a time."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        """The words of a problem, after checking that it is one."""
        assert self.headers["content-type"] == "application/problem+json", self
        body = self.json()
        assert body["status"] == self.status
        assert body["title"]
        if self.status == 422:
            assert all(one["where"] and one["detail"] for one in body["errors"]), body
            assert body["errors"], body
        return str(body["detail"])


class Client:
    """Asks with a token, unless told otherwise."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self.app = app
        self.token = token

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, wish: Any = None, **more: Any) -> Answer:
        body = [] if wish is None else [json.dumps(wish).encode()]
        return self.ask("POST", path, body=body, **more)

    def put(self, path: str, wish: Any) -> Answer:
        return self.ask("PUT", path, body=[json.dumps(wish).encode()])

    def delete(self, path: str, **more: Any) -> Answer:
        return self.ask("DELETE", path, **more)

    def ask(
        self, method: str, path: str, *, body: Sequence[bytes] = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        given = {"content-type": "application/json"} if body else {}
        given |= {"authorization": f"Bearer {self.token}"} if self.token else {}
        return asyncio.run(self._ask(method, path, list(body), given | dict(headers or {})))

    async def _ask(self, method: str, target: str, body: list[bytes], headers: dict[str, str]) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        parts = [*body, b""]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.Event().wait()  # whoever asked waits for the answer, and does not go away
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))
