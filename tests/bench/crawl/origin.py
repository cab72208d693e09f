"""The simulated hosts: one asyncio process that serves 127.x addresses, honours ETag, and counts what it was asked.

python -m tests.bench.crawl.origin HOSTS PORT
"""

import asyncio
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.request import urlopen

from tests.bench.crawl.pages import page

STATISTICS = "/statistics"
_READY_SECONDS = 30.0


def address_of(host: int) -> str:
    """Return the address of the n-th host, from 0."""
    return f"127.5.{host // 200}.{1 + host % 200}"


class Origin:
    """Where the hosts listen, and what they count."""

    def __init__(self, hosts: int, port: int) -> None:
        """Name what `serving` has started."""
        self.hosts = hosts
        self.port = port

    def counts(self) -> Mapping[str, int]:
        """Return and forget what was asked since last time: `full`, `unchanged` (304) and `conditional` requests."""
        with urlopen(f"http://{address_of(0)}:{self.port}{STATISTICS}", timeout=10) as answer:
            counted: dict[str, int] = json.load(answer)
        return Counter(counted)


@contextmanager
def serving(hosts: int) -> Iterator[Origin]:
    """Serve `hosts` hosts on a free port until the end of the `with`."""
    context = get_context("spawn")
    told, telling = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(hosts, telling), daemon=True)
    process.start()
    try:
        if not told.poll(_READY_SECONDS):
            sys.exit("the simulated hosts did not start")
        yield Origin(hosts, told.recv())
    finally:
        process.terminate()
        process.join()


def _serve(hosts: int, telling: Connection) -> None:
    asyncio.run(_listen(hosts, telling))


async def _listen(hosts: int, telling: Connection) -> None:
    counts: Counter[str] = Counter()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _converse(reader, writer, counts)

    first = await asyncio.start_server(answer, address_of(0), 0)
    port = first.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(answer, address_of(host), port) for host in range(1, hosts)]
    telling.send(port)
    await asyncio.gather(*(server.serve_forever() for server in [first, *others]))


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counter[str]) -> None:
    host = writer.get_extra_info("sockname")[0]
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            path = lines[0].split()[1]
            writer.write(_statistics(counts) if path == STATISTICS else _answer(host, path, headers, counts))
            await writer.drain()
            if headers.get("connection", "").lower() == "close":
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


def _answer(host: str, path: str, headers: Mapping[str, str], counts: Counter[str]) -> bytes:
    body = page(host, path)
    if body is None:
        return _message("404 Not Found", b"none")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if "if-none-match" in headers:
        counts["conditional"] += 1
    if headers.get("if-none-match") == etag:
        counts["unchanged"] += 1
        return _message("304 Not Modified", b"", etag)
    counts["full"] += 1
    return _message("200 OK", body, etag)


def _message(status: str, body: bytes, etag: str | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8"]
    lines += [f"ETag: {etag}"] if etag else []
    lines += [] if status.startswith("304") else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _statistics(counts: Counter[str]) -> bytes:
    told = _message("200 OK", json.dumps(counts).encode())
    counts.clear()
    return told
