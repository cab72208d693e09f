"""A stream that is cut a thousand times at random bytes, read by the standard: nothing is lost, nothing doubled."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.api.app import create_app
from services.api.tail import Rhythm
from shared.domain.states import Scope
from shared.envelope import envelope
from tests.integration.api.world import World, open_world
from tests.standards.sse import Dispatched, EventSource

CUTS = 1000
PUBLISHED = 60
LONGEST = 1500
"""Bytes that a connection lives at most: an event has about 600."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


class Connection:
    """One request for the stream, in process, which breaks off after so many bytes of the answer's body."""

    def __init__(self, world: World, token: str, source: EventSource, limit: int) -> None:
        self._app, self._source, self._left = world.app, source, limit
        self.told: list[Dispatched] = []
        self.status = 0
        headers = {"authorization": f"Bearer {token}"}
        if source.last_event_id:
            headers["last-event-id"] = source.last_event_id
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/events/stream",
            "raw_path": b"/v1/events/stream",
            "root_path": "",
            "query_string": b"after=0",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        self._cut = asyncio.Event()

    async def read(self) -> None:
        self._source.connect()
        await self._app(self._scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        await self._cut.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        body = message.get("body", b"")[: self._left]
        self._left -= len(body)
        self.told += self._source.feed(body)
        if not self._left or body.startswith(b":"):  # a quiet stream is cut too, for the test is to end
            self._cut.set()


@pytest.mark.timeout(120)
def test_a_thousand_cuts_at_random_bytes_lose_nothing_and_double_nothing(world: World) -> None:
    token, random, heard = world.token(Scope.READ)[1], Random(11), list[Dispatched]()
    world.app = create_app(world.wiring, Rhythm(look_seconds=0.01, comment_seconds=0.005))

    async def cut_and_come_again() -> None:
        watching = asyncio.create_task(world.app.state.tail.run())
        source, published = EventSource(), 0
        for _ in range(CUTS):
            if published < PUBLISHED and random.random() < 0.1:
                published += 1
                await asyncio.to_thread(world.publish, f"n{published}")
            connection = Connection(world, token, source, random.randint(1, LONGEST))
            await connection.read()
            assert connection.status == 200
            heard.extend(connection.told)
        watching.cancel()

    asyncio.run(cut_and_come_again())
    with world.ledger.reading() as uow:
        wanted = [(str(event.position), json.loads(envelope(event))) for event in uow.events.after(0, limit=500)]
    assert len(wanted) == PUBLISHED
    assert [(one.last_event_id, json.loads(one.data)) for one in heard] == wanted
