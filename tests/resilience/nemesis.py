"""A seeded nemesis of crawlers: what it does to processes, servers and sites, one blow after another.

Three crawlers share some hosts. They tell their names (in the contact that each sends), so that the one that is in the
middle of a request can be hit there. Hosts of `STEADY` are asked all the time; those of `CHANGING` change their robots
files.
"""

import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from typing import Any

from redis import Redis

from services.simulation.site import DisclosureSite
from tests.resilience import manners
from tests.servers.line import Line
from tests.servers.postgres import Postgres, end_sessions

STEADY = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
CHANGING = ("127.0.0.5", "127.0.0.6")
CRAWLERS = ("crawler-1", "crawler-2", "crawler-3")
REQUEST_SECONDS = 2.0
QUICKLY: dict[str, Any] = {
    "request_total_seconds": REQUEST_SECONDS,
    "target_lease_seconds": 4.0,
    "process_lease_seconds": 6.0,
    "crawl_threads": len(STEADY + CHANGING),
}
"""Settings besides those of any test's line: leases end, and requests time out, within a freeze."""
DRIP_SECONDS = 1.2
FREEZE_SECONDS = 3.0
NIGHT_SECONDS = 3.0
"""Between two days of a rest; what was under way in one night is known before the next."""


class Nemesis:
    """Strikes; after each blow every process runs again."""

    def __init__(self, site: DisclosureSite, line: Line, seed: int, server: Postgres | None) -> None:
        """Be ready. `server` is the line's PostgreSQL, of its own; None on SQLite."""
        self._site, self._line, self._server = site, line, server
        self._random = Random(f"nemesis/{seed}")
        self._forms = cycle(self._random.sample(manners.FORMS, len(manners.FORMS)))
        self._words = {host: cycle(manners.WORDS) for host in CHANGING}
        self._steady = list(STEADY)
        self.nights: list[float] = []
        """When robots files grew a day older, on the monotonic clock."""
        self.struck: list[str] = []

    def start(self) -> None:
        """Start three crawlers, a worker and a relay; one host cannot tell its robots' rules from the beginning."""
        self._site.set_robots(CHANGING[-1], status=503)
        for name in CRAWLERS:
            self._start(name)
        self._line.start("work")
        self._line.start("relay")

    def _start(self, crawler: str) -> None:
        self._line.start("crawl", crawler, contact=f"https://noticewire.example/{crawler}")

    def blows(self) -> Iterator[str]:
        """Yield names of blows for ever: every one of them once, in random order, then again."""
        known = ["freeze", "kill", "flush", "stir", "say", "say", "say", "change", "change", "change"]
        known += ["restart", "cut", "freeze_and_cut"] if self._server else []
        while True:
            yield from self._random.sample(known, len(known))

    def strike(self, blow: str) -> None:
        """Do one thing, and wait until it has been felt."""
        self.struck.append(blow)
        print(f"{time.monotonic():.1f} {blow}")
        act: Callable[[], None] = getattr(self, blow)
        act()

    # On processes and servers -----------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stop a crawler in the middle of a request for longer than the request may take."""
        crawler = self._caught()
        self._line.signal(crawler, signal.SIGSTOP)
        self._wait(FREEZE_SECONDS)
        self._line.signal(crawler, signal.SIGCONT)

    def kill(self) -> None:
        """Kill a crawler in the middle of a request, and start it again."""
        crawler = self._caught()
        self._line.kill(crawler)
        self._start(crawler)

    def flush(self) -> None:
        """Empty the queue's server."""
        with Redis.from_url(self._line.settings.redis_url or "") as redis:
            redis.flushall()

    def restart(self) -> None:
        """End the database as a crash would in the middle of a request, and start it again."""
        assert self._server is not None
        self._caught()
        self._server.kill()
        self._wait(self._random.uniform(0, 1))
        self._server.start()

    def cut(self) -> None:
        """End every session with the database in the middle of a request, and with them every turn."""
        self._caught()
        end_sessions(self._line.settings.database)

    def freeze_and_cut(self) -> None:
        """End the turn of a crawler that is frozen in the middle of a request, for less than it had written ahead."""
        crawler = self._caught()
        self._line.signal(crawler, signal.SIGSTOP)
        end_sessions(self._line.settings.database)
        self._wait(REQUEST_SECONDS / 3)
        self._line.signal(crawler, signal.SIGCONT)

    def _caught(self) -> str:
        """Let an answer come slowly, and return the crawler that is in the middle of it."""
        host, before = self._random.choice(self._steady), len(self._site.log())
        self._site.fault(host, "slow", times=1, drip_seconds=DRIP_SECONDS)
        found: list[str] = []

        def is_under_way() -> bool:
            met = [one for one in self._site.log(before) if one["fault"] == "slow" and one["ended"] is None]
            found.extend(name for name in CRAWLERS for one in met if name in one["user_agent"])
            return bool(found)

        self._line.wait_until(is_under_way, what=f"a request to {host} under way")
        return found[0]

    # On sites ---------------------------------------------------------------------------------------------------------

    def stir(self) -> None:
        """Publish and edit something."""
        host = self._random.choice(self._steady)
        self._site.edit(self._site.urls(host)[0])
        self._site.publish(host)

    def say(self) -> None:
        """Answer with the next form of Retry-After."""
        status, form = next(self._forms)
        self._answer(self._random.choice(self._steady), status, form)

    def say_for_ages(self, form: manners.Form) -> None:
        """Answer with a Retry-After beyond all measure, and wait until it has been written down."""
        host = self._steady.pop()
        self._answer(host, 503, form)

        def is_held() -> bool:
            with self._line.wiring.ledger.reading() as uow:
                known = uow.hosts.by_name(host)
                return bool(known and known.next_allowed_at and (known.next_allowed_at - uow.now()).seconds > 3600)

        self._line.wait_until(is_held, what=f"{host} to be left alone")

    def _answer(self, host: str, status: int, form: manners.Form) -> None:
        before = len(self._site.log())
        value = form(datetime.now(UTC))
        self._site.fault(host, "status", status=status, retry_after=value, times=1)
        self._line.wait_until(
            lambda: any(one["host"] == host and one["retry_after"] == value for one in self._site.log(before)),
            what=f"{host} asked, to answer {status} with {value!r}",
        )

    def change(self) -> None:
        """Let robots files say something else, and a day go by, and wait until one was asked for its word."""
        for host in CHANGING:
            word = next(self._words[host])
            self._site.calm(host)
            self._site.set_robots(host, word.body, word.status or 200)
            if not word.status:
                self._site.fault(host, "hang", path="/robots.txt", seconds=60)
        self._pass_days(lambda asked: bool(asked))

    def rest(self) -> None:
        """Let every site be well again, and days go by until that is known of all robots files."""
        self._site.calm()
        for host in CHANGING:
            self._site.set_robots(host, manners.OPEN)
        self._pass_days(lambda asked: {one["host"] for one in asked if one["status"] == 200} >= set(CHANGING))

    def _pass_days(self, enough: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Let days go by until changing hosts were asked for robots files (what came of it is `asked`) to be `enough`.

        One may not do: what was under way in the night is known as of the new day, whatever the site says by now.
        """
        before, over = len(self._site.log()), 0.0

        def are_asked() -> bool:
            nonlocal over
            if time.monotonic() > over:
                manners.a_day_goes_by(self._line.wiring.ledger)
                self.nights.append(time.monotonic())
                over = self.nights[-1] + NIGHT_SECONDS
            asked = [one for one in self._site.log(before) if one["is_robots"] and one["host"] in CHANGING]
            return enough([one for one in asked if one["ended"]])

        self._line.wait_until(are_asked, what="robots files asked for")

    def _wait(self, seconds: float) -> None:
        over = time.monotonic() + seconds
        self._line.wait_until(lambda: time.monotonic() > over)
