"""How soon after its commit an event is told, by the stream and by a Redis Stream: idle, and to a thousand readers.

The real relay and API run as processes. An event is recorded as a worker does it: commit, then the chime.
"""

import asyncio
import random
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from redis import Redis
from redis.exceptions import RedisError

from services.queue_server import QueueServer
from services.wiring import Wiring
from shared.chime import RECORDED
from shared.domain.events import NOTICE_PUBLISHED, Fact
from shared.migrations import upgrade
from tests.bench.events.figures import Figure
from tests.bench.events.floors import wakes
from tests.servers.line import Line, quick_settings
from tests.servers.postgres import NoPostgres, Postgres

IDLE_EVENTS = 80
READERS = 1_000
RATE = 20
"""Events a second."""
SECONDS = 5
PADDING = "公" * 250
"""An event of about 2 kB, as a published notice's is."""
FRAME_BYTES = 2_000


def figures() -> Iterator[Figure]:
    """Measure on each kind of database."""
    with tempfile.TemporaryDirectory() as folder:
        queue = QueueServer(Path(folder) / "queue")
        queue.start()
        try:
            yield from _on("SQLite", f"sqlite:///{folder}/events.db", Path(folder) / "sqlite", queue.url)
            try:
                server = Postgres()
            except NoPostgres:
                return
            with closing(server):
                yield from _on("PostgreSQL", server.fresh(), Path(folder) / "postgresql", queue.url)
        finally:
            queue.stop()


def _on(name: str, database_url: str, data: Path, redis_url: str) -> Iterator[Figure]:
    data.mkdir()
    settings = quick_settings(data, database_url, redis_url, stream_key=f"noticewire:bench-{name}")
    with Line(settings) as line:
        upgrade(line.wiring.ledger)
        line.start("relay")
        line.start("api")
        address = f"http://127.0.0.1:{settings.api_port}/v1/events/stream"
        _wait_for(address)
        beside, floor = wakes(database_url, redis_url)
        for window, reader in (("the stream (SSE)", _sse(address, line.token)), ("Redis Streams", _xread(settings))):
            told = _idle(line.wiring, reader)
            yield Figure(f"{name}: {window}, idle, p50", median(told), "ms", beside, median(floor), "≤ 20 ms")
        told = asyncio.run(_crowd(line.wiring, settings.api_port, line.token))
        bare = asyncio.run(_bare_crowd())
        for part, place, bar in (("p50", 49, ""), ("p99", 98, "≤ 200 ms")):
            what = f"{name}: {READERS:,} readers at {RATE} events/s, {part}"
            ours, other = (quantiles(one, n=100)[place] for one in (told, bare))
            yield Figure(what, ours, "ms", "a bare server", other, bar)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(address.replace("/v1/events/stream", "/healthz"), timeout=1).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the API did not start")


def record(wiring: Wiring, number: int) -> float:
    """Record an event and strike the chime, as a worker does; return when it was committed."""
    fact = Fact(NOTICE_PUBLISHED, f"ntc_{random.random()}", f"revision/{number}", {"text": PADDING})
    row: dict[str, Any] = {"id": fact.id, "type": fact.type, "subject": fact.subject, "cause": fact.cause}
    row |= {"partition_key": fact.subject, "source_id": "src_1", "column_id": None}
    with wiring.ledger.begin() as uow:
        uow.events.append([row | {"occurred_at": uow.now(), "data": fact.data_text()}])
        uow.commit()
    committed = time.perf_counter()
    wiring.chime.strike(RECORDED)
    return committed


Listen = Callable[[Callable[[], None]], None]
"""Calls what it is given at each event, until the process ends."""


def _idle(wiring: Wiring, listen: Listen) -> list[float]:
    """Return how many milliseconds passed between each commit and its being told, one event at a time."""
    heard = threading.Event()
    moment = [0.0]

    def hear() -> None:
        moment[0] = time.perf_counter()
        heard.set()

    threading.Thread(target=listen, args=(hear,), daemon=True).start()
    told = []
    for number in range(IDLE_EVENTS + 5):
        time.sleep(random.uniform(0.02, 0.15))
        heard.clear()
        committed = record(wiring, number)
        if heard.wait(10) and number >= 5:  # the first ones connect, and fill pools
            told.append((moment[0] - committed) * 1000)
    return told


def _sse(address: str, token: str) -> Listen:
    def listen(hear: Callable[[], None]) -> None:
        request = Request(address, headers={"Authorization": f"Bearer {token}"})
        with suppress(OSError), urlopen(request) as answer:
            for line in answer:
                if line.startswith(b"data:"):
                    hear()

    return listen


def _xread(settings: Any) -> Listen:
    def listen(hear: Callable[[], None]) -> None:
        last: Any = "$"
        with suppress(RedisError), Redis.from_url(settings.redis_url) as redis:
            while True:
                for _, entries in redis.xread({settings.stream_key: last}, block=60_000) or []:
                    last = entries[-1][0]
                    hear()

    return listen


class _Reader(asyncio.Protocol):
    """A reader that notes when each event arrives."""

    def __init__(self, request: bytes, told: list[tuple[int, float]]) -> None:
        self._request, self._told = request, told
        self._seen = 0
        self.joined = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.joined = True
        for _ in range(data.count(b"event: org.")):
            self._told.append((self._seen, now))
            self._seen += 1


async def _gather(port: int, request: bytes, tell: Callable[[list[float]], Any]) -> list[float]:
    """Connect all readers, have `tell` tell all events, and return how late each reader heard of each."""
    told: list[tuple[int, float]] = []
    began: list[float] = []
    loop = asyncio.get_running_loop()
    readers: list[tuple[asyncio.Transport, _Reader]] = []
    for start in range(0, READERS, 50):
        made = [
            loop.create_connection(lambda: _Reader(request, told), "127.0.0.1", port)
            for _ in range(start, min(start + 50, READERS))
        ]
        readers += await asyncio.gather(*made)
    while not all(reader.joined for _, reader in readers):
        await asyncio.sleep(0.05)
    await tell(began)
    deadline = loop.time() + 30
    while len(told) < READERS * RATE * SECONDS and loop.time() < deadline:
        await asyncio.sleep(0.1)
    for transport, _ in readers:
        transport.close()
    if len(told) < READERS * RATE * SECONDS:
        raise SystemExit(f"only {len(told)} of {READERS * RATE * SECONDS} receipts")
    return [(heard - began[number]) * 1000 for number, heard in told]


async def _crowd(wiring: Wiring, port: int, token: str) -> list[float]:
    request = f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def tell(began: list[float]) -> None:
        for number in range(RATE * SECONDS):
            began.append(await asyncio.to_thread(record, wiring, 1000 + number))
            await asyncio.sleep(1 / RATE)

    return await _gather(port, request, tell)


async def _bare_crowd() -> list[float]:
    """Return the same for a process that does nothing but write the bytes of an event to each connection."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BARE, str(RATE * SECONDS), str(1 / RATE)), stdin=PIPE, stdout=PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    orders, answers = server.stdin, server.stdout

    async def tell(began: list[float]) -> None:
        orders.write(b"go\n")
        began.extend([float(await answers.readline()) for _ in range(RATE * SECONDS)])

    try:
        return await _gather(int(await answers.readline()), b"GET", tell)
    finally:
        server.kill()
        await server.wait()


BARE = f"""
import asyncio, sys, time
frame = b"event: org.x" + b"x" * {FRAME_BYTES}
async def main():
    writers = []
    async def serve(_, writer):
        writers.append(writer)
        writer.write(b": hello")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for _ in range(int(sys.argv[1])):
        print(time.perf_counter(), flush=True)
        for writer in writers:
            writer.write(frame)
        await asyncio.sleep(float(sys.argv[2]))
    await asyncio.sleep(60)
asyncio.run(main())
"""
