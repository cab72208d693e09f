"""Signed POSTs over TLS to a hundred hosts, one after the other, beside what requests does with its own pool of ten."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from shared.clock import SystemClock
from shared.http import AllowList, KeptHttp, Limits, Request
from tests.bench.events.figures import Figure
from tests.bench.events.receivers import hosts, make_certificate, receiving
from worker.deliver.sign import new_secret, signed_headers

HOSTS = 100
ROUNDS = 20
BODY = b'{"specversion":"1.0","data":"' + b"x" * 2000 + b'"}'
LIMITS = Limits(total_seconds=15, max_bytes=1024, cut=True)
ALLOW = AllowList.parse(["127.0.0.0/8"])
KEYS = [new_secret()]


def figures() -> Iterator[Figure]:
    """Measure three ways to post to the same receivers."""
    addresses = hosts(HOSTS)
    with tempfile.TemporaryDirectory() as folder:
        authority = make_certificate(Path(folder), addresses)
        with receiving(authority) as port:
            urls = [f"https://{address}:{port}/hook" for address in addresses]
            default, wide = _session(authority, 10), _session(authority, 2 * HOSTS)
            kept = KeptHttp(2 * HOSTS, ca_file=str(authority))
            ours = _rate(urls, lambda url, headers: _ours(kept, url, headers))
            plain = _rate(urls, lambda url, headers: _theirs(default, url, headers))
            pooled = _rate(urls, lambda url, headers: _theirs(wide, url, headers))
            kept.close()
    what = f"signed POSTs over TLS to {HOSTS} hosts by turns"
    yield Figure(what, ours, "/s", "a default requests.Session", plain, "≥ 4 × that")
    yield Figure(what, ours, "/s", f"a requests.Session with a pool of {2 * HOSTS}", pooled)


def _session(authority: Path, pool: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(authority)
    session.mount("https://", HTTPAdapter(pool_connections=pool, pool_maxsize=pool))
    return session


def _ours(http: KeptHttp, url: str, headers: dict[str, str]) -> None:
    assert http.exchange(Request("POST", url, headers, BODY), limits=LIMITS, allow=ALLOW).status == 204


def _theirs(session: requests.Session, url: str, headers: dict[str, str]) -> None:
    assert session.post(url, data=BODY, headers=headers, timeout=15, allow_redirects=False).status_code == 204


def _rate(urls: list[str], post: Callable[[str, dict[str, str]], None]) -> float:
    clock = SystemClock()
    began = time.perf_counter()
    for number in range(ROUNDS):
        for url in urls:
            post(url, signed_headers(KEYS, f"event-{number}", BODY, clock.now()))
    return ROUNDS * len(urls) / (time.perf_counter() - began)
