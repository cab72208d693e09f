"""Hostile origins and the whole crawler: each visit ends, is written down, costs little memory and frees the host."""

import gzip
import json
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.capture import Capture
from crawler.guest import Guest
from crawler.loop import CrawlLoop
from crawler.schedule import Cadence
from services.desk.watching import Watch, watch
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.models import Target
from shared.db.turns import open_turns
from shared.domain.states import Outcome
from shared.http import Http, Limits
from tests.integration.asking import MANNERS
from tests.integration.scene import RecordingBell, rows
from tests.servers.hostile import Script, answer, chunked, dripping, flooding, serving

OK = b"HTTP/1.1 200 OK\r\n"
HTML = "Content-Type: text/html; charset=utf-8"
CADENCE = Cadence(listing=1800.0, detail_first=3600.0, detail_last=86400.0, gone_again=3600.0)
ZEROS = b"\0" * 30_000_000
NEST = gzip.compress(gzip.compress(ZEROS))
DTD = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "' + b"a" * 1000 + b'">'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
# fmt: off
HOSTILE: dict[str, Script | bytes] = {
    "a gzip bomb": answer(gzip.compress(ZEROS), "Content-Encoding: gzip", HTML),
    "a deflate bomb": answer(zlib.compress(ZEROS), "Content-Encoding: deflate", HTML),
    "gzip in gzip": answer(NEST, "Content-Encoding: gzip, gzip", HTML),
    "gzip in gzip, told once": answer(NEST, "Content-Encoding: gzip", HTML),
    "gzip in brotli": answer(NEST, "Content-Encoding: gzip, br", HTML),
    "zstd": answer(NEST, "Content-Encoding: zstd", HTML),
    "a coding told a thousand times": answer(b"x", "Content-Encoding: " + ", ".join(["gzip"] * 1000), HTML),
    "a dripped body": dripping(OK + b"Content-Length: 99999\r\n\r\n", b"x"),
    "dripped headers": dripping(OK, b"X: y\r\n"),
    "a dripped status": dripping(b"", b"H"),
    "150 headers": OK + b"X: y\r\n" * 150 + b"Content-Length: 0\r\n\r\n",
    "a huge header": OK + b"X: " + b"y" * 500_000 + b"\r\n\r\n",
    "headers without end": flooding(OK, b"X: " + b"y" * 60_000 + b"\r\n", 90),
    "a redirect to itself": answer(b"", "Location: ?", status="302 Found"),
    "1 GiB that is announced": answer(b"x", HTML, length=1 << 30),
    "1 GiB that is not": flooding(OK + b"\r\n", b"x" * 65_536, 16_384),
    "chunks without end": flooding(chunked(b""), b"4000\r\n" + b"x" * 0x4000 + b"\r\n", 65_536),
    "trailers without end": flooding(chunked(b"1\r\nx\r\n0\r\n"), b"X: " + b"y" * 60_000 + b"\r\n", 5_000),
    "a broken chunk": chunked(b"zz\r\nabc\r\n0\r\n\r\n"),
    "a chunk of 2^96": chunked(b"f" * 24 + b"\r\nabc"),
    "a length that is too long": answer(b"short", HTML, length=5_000),
    "a negative length": OK + b"Content-Length: -5\r\n\r\nabcde",
    "two lengths": OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "a length that is no number": OK + b"Content-Length: \xb2\r\n\r\nabcde",
    "HTTP/0.9": b"<html><body>old</body></html>",
    "garbage": b"\x00\xff" * 1000,
    "a status of no number": b"HTTP/1.1 OK 200\r\n\r\n",
    "status 999": answer(b"x", status="999 Odd"),
    "100 without end": flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 100_000),
    "102 without end": flooding(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 10_000),
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    "nothing at all": b"",
    "headers of no characters": OK + b"ETag: \0\r\nLast-Modified: \x80\r\nX-Robots-Tag: \0\r\n\r\nx",
    "an impossible Retry-After": answer(b"", "Retry-After: " + "9" * 5_000, status="503 x"),
    "billion laughs": answer(DTD + LAUGHS + b"]><rss><item><link>&l8;</link></item></rss>", "Content-Type: text/xml"),
    "an entity told often": answer(DTD + b"]><rss>" + b"&a;" * 100_000 + b"</rss>", "Content-Type: text/xml"),
    "an entity of a file": answer(
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><link>http://h/&x;</link></item></rss>',
        "Content-Type: text/xml",
    ),
    "a reference to half a character": answer(
        b"<rss><item><link>http://h.example/&#xD800;</link></item></rss>", "Content-Type: text/xml"
    ),
}
# fmt: on
CAPTURED = {"a negative length", "billion laughs", "headers of no characters"} | {
    "an entity told often",
    "an entity of a file",
    "a reference to half a character",
}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_origin_breaks_a_round_or_keeps_its_hosts_turn(ledger: Ledger, tmp_path: Path) -> None:
    turns = open_turns(ledger, tmp_path / "turns")
    guest = Guest(ledger, turns, Http(), replace(MANNERS, limits=Limits(total_seconds=1.0)))
    capture = Capture(ledger, FolderBlobs(tmp_path / "blobs"), RecordingBell(), CADENCE, pages=5)
    loop = CrawlLoop(ledger, turns, guest, capture, lease_seconds=30.0)
    paths = {f"/{number}/": name for number, name in enumerate(HOSTILE)}

    def reply(peer: Any) -> None:
        path = server.heads[-1].split()[1].decode().partition("?")[0]
        said = HOSTILE[paths[path]] if path in paths else answer(b"", status="404 Not Found")
        said(peer) if callable(said) else peer.sendall(said)

    with serving(reply) as server:
        for path in paths:
            watch(ledger, Watch(server.url(path), allow=["127.0.0.0/8"]))
        for _ in range(2 * len(HOSTILE)):
            with turns.take("127.0.0.1") as turn:
                assert turn is not None, "the host's turn is free"
                turn.hold_for(0.0)
            loop.round()  # raises for whatever is not of our errors
    told = {paths[urlsplit(one.url).path]: one for one in rows(ledger, Target, kind="listing") if one.page == 1}
    untold = {name for name, one in told.items() if one.last_outcome is None}
    assert untold <= {"a redirect to itself"}, "each visit was written down; a redirect is another round's"
    assert {name for name, one in told.items() if one.last_outcome == Outcome.CAPTURED} == CAPTURED
    assert all(one.leases == 0 for one in told.values())


MEASURED = """
import json, resource, sys
from shared.errors import NoticewireError
from shared.http import AllowList, Http, KeptHttp, Limits, Request

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

allow, limits = AllowList.parse(["127.0.0.0/8"]), Limits(total_seconds=2.0)
told = {}
for name, url in json.loads(sys.argv[1]).items():
    for client in (Http(), KeptHttp(1)):
        before = peak()
        try:
            client.exchange(Request("GET", url), limits=limits, allow=allow)
            error = None
        except NoticewireError as raised:
            error = type(raised).__name__
        told[name] = max(told.get(name, 0), peak() - before)
print(json.dumps(told))
"""
DEAR = ("a gzip bomb", "a deflate bomb", "gzip in gzip, told once", "a huge header", "headers without end")
DEARER = ("1 GiB that is not", "chunks without end", "trailers without end", "100 without end")
MOST = 64 * 1024 * 1024
"""A page of 10 MiB, held twice while it is put together, and room for the interpreter."""


@pytest.mark.timeout(120)
def test_no_answer_costs_more_memory_than_its_limits_allow() -> None:
    names = [*DEAR, *DEARER]

    def reply(peer: Any) -> None:
        said = HOSTILE[names[int(server.heads[-1].split()[1][1:])]]
        said(peer) if callable(said) else peer.sendall(said)

    with serving(reply) as server:
        urls = {name: server.url(f"/{number}") for number, name in enumerate(names)}
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, json.dumps(urls)], capture_output=True, text=True, check=True
        )
    told: dict[str, int] = json.loads(done.stdout)
    assert set(told) == set(names)
    assert sum(told.values()) < MOST, told
