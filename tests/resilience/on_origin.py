"""Blows by the sites: what they answer instead of a page, how they spoil it, what their robots files say; recrawls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from services.desk.recrawling import Limits, recrawl
from tests.resilience import manners
from tests.resilience.blow import Blow, Fact, Strike, parts
from tests.resilience.recovery import all_at_work
from tests.resilience.rig import CHANGING, STEADY

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

WISHES = 1000
LONG = manners.OPEN + "# filler\n" * 70_000
"""A robots file of more than 500 KiB."""
ROBOTS: dict[str, dict[str, Any]] = {
    "opens": {"body": manners.OPEN},
    "forbids": {"body": manners.CLOSED},
    "asks for a pause": {"body": manners.SLOWLY},
    "answers 503": {"status": 503},
    "answers 429": {"status": 429},
    "answers 404": {"status": 404},
    "answers 403": {"status": 403},
    "redirects on and on": {"status": 301, "location": "/robots.txt"},
    "is too long": {"body": LONG},
    "is a page": {"body": "<html><body><h1>Disallow nothing</h1></body></html>"},
}
HOSTILE: dict[str, dict[str, Any]] = {
    "bomb": {},
    "slow": {"drip_seconds": 8.0},
    "drip_headers": {"drip_seconds": 8.0},
    "many_headers": {},
    "redirect_loop": {"times": 7},
    "endless": {},
    "short": {},
    "bad_chunks": {},
    "reset": {},
    "hang": {},
    "block": {},
    "maintenance": {},
}
NAMES = {
    "bomb": "gzip bomb",
    "slow": "body dripped",
    "drip_headers": "headers dripped",
    "many_headers": "150 headers",
    "redirect_loop": "redirects in a loop",
    "endless": "1 GiB",
    "short": "wrong length",
    "bad_chunks": "broken chunks",
    "reset": "connection reset",
    "hang": "no answer",
    "block": "a challenge with 200",
    "maintenance": "maintenance with 200",
}


def spoil(lab: "Lab", kind: str) -> Iterator[float | Fact]:
    """Let one answer of a host be hostile, and wait until it was met."""
    host, before = lab.random.choice(STEADY), lab.rig.site.exchanges()
    options = {"times": 1, "seconds": 20.0} | HOSTILE[kind]
    lab.rig.site.fault(host, kind, **options)
    yield lambda: any(one["fault"] == kind and one["host"] == host for one in lab.rig.site.log(before))


def send_away(lab: "Lab") -> Iterator[float | Fact]:
    """Answer with some form of Retry-After."""
    status, form = lab.random.choice(manners.FORMS)
    host, before, value = lab.random.choice(STEADY), lab.rig.site.exchanges(), form(datetime.now(UTC))
    lab.rig.site.fault(host, "status", status=status, retry_after=value, times=1, seconds=20.0)
    yield lambda: any(one["host"] == host and one["retry_after"] == value for one in lab.rig.site.log(before))


def change_robots(lab: "Lab", word: str) -> Iterator[float | Fact]:
    """Let a robots file say something else, and a day go by, and wait until it was asked for."""
    host = lab.random.choice(CHANGING)
    lab.rig.site.calm(host)
    lab.rig.site.set_robots(host, **ROBOTS[word])
    yield from _asked_for_robots(lab, host)


def hang_robots(lab: "Lab") -> Iterator[float | Fact]:
    """Let a robots file be asked for in vain."""
    host = lab.random.choice(CHANGING)
    lab.rig.site.fault(host, "hang", path="/robots.txt", seconds=30)
    yield from _asked_for_robots(lab, host)
    lab.rig.site.calm(host)


def _asked_for_robots(lab: "Lab", host: str) -> Iterator[float | Fact]:
    before = lab.rig.site.exchanges()

    def is_asked() -> bool:
        lab.life.pass_day(lab)
        return any(one["is_robots"] and one["host"] == host for one in lab.rig.site.log(before))

    yield is_asked


def wish(lab: "Lab") -> Iterator[float | Fact]:
    """Wish for a thousand re-crawls, a hundred in each breath."""
    ledger, limits = lab.rig.line.wiring.ledger, Limits(at_once=10_000, per_day=10_000_000)
    urls = [url for host in STEADY for url in lab.rig.site.urls(host)]
    with ledger.reading() as uow:
        known = [url for url in urls if uow.notices.by_url(url)]
    for number in range(WISHES if known else 0):
        recrawl(ledger, known[number % len(known)], by="lab", limits=limits)
        if number % 20 == 19:
            yield 0.0


def _spoiling(kind: str) -> Strike:
    return partial(spoil, kind=kind)


BLOWS = (
    Blow("sent away with Retry-After", "origin", send_away, often=12),
    *(Blow(f"site: {NAMES[kind]}", "origin", _spoiling(kind), often=3) for kind in HOSTILE),
    *(
        Blow(f"robots.txt {word}", "origin", partial(change_robots, word=word), parts("robots"), often=1)
        for word in ROBOTS
    ),
    Blow("robots.txt hangs", "origin", hang_robots, parts("robots")),
    Blow("1,000 re-crawls at once", "origin", wish, parts("wishes"), all_at_work, within_seconds=60.0),
)
"""Rows of the table."""
