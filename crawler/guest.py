"""A guest's manners: one request at a time in the host's turn, robots.txt first, and a pause after every answer.

Every hop of a redirect is a request of its own: it takes the turn of its own host, waits for that host's pause and
asks that host's robots file. `Guest.fetch` is what the crawl loop calls; `ask` is the only place that makes a request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from threading import Event
from typing import Any

import structlog

from crawler.politeness import Pause, pause_after, pause_after_failure
from crawler.robots import MAX_BYTES as ROBOTS_MAX_BYTES
from crawler.robots import (
    Answered,
    Disallowed,
    Failed,
    MustFetch,
    Policy,
    RobotsCopy,
    after_fetch,
    crawl_delay,
    robots_url,
    verdict,
)
from shared.db import Ledger
from shared.db.models import RobotsFile
from shared.db.turns import Turn, Turns
from shared.errors import NoticewireError, Refused, Transient, Unavailable
from shared.http import AllowList, Exchange, Limits, Request, Response
from shared.retry_after import parse as parse_retry_after
from shared.urls import canonical, host_of, join, origin_of

log = structlog.get_logger()

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PATIENCE_SECONDS = 30.0
"""Longest a thread waits for a host's pause; for longer ones the target goes back to the frontier."""


@dataclass(frozen=True)
class Manners:
    """How this crawler behaves everywhere."""

    user_agent: str
    limits: Limits
    delay_seconds: float
    jitter_seconds: float
    backoff_seconds: float
    backoff_cap_seconds: float
    robots: Policy


@dataclass(frozen=True)
class Site:
    """What the operator says of one source."""

    delay_seconds: float | None
    allow: AllowList
    verify_tls: bool


@dataclass(frozen=True)
class Reached:
    """The last answer of a chain of redirects, and the canonical URL that gave it."""

    response: Response
    url: str


@dataclass(frozen=True)
class Forbidden:
    """robots.txt does not let us ask; `rule` is its word."""

    rule: str


@dataclass(frozen=True)
class NotYet:
    """The host must be left alone for `seconds` more."""

    seconds: float


@dataclass(frozen=True)
class Broken:
    """The exchange ended in an error, on the way or (`redirected`) at an address that it was sent on to."""

    error: NoticewireError
    redirected: bool


Reply = Reached | Forbidden | NotYet | Broken


class Guest:
    """Asks politely; safe to share between the crawl loop's threads."""

    def __init__(self, ledger: Ledger, turns: Turns, http: Exchange, manners: Manners, stop: Event) -> None:
        """Wire the guest; waiting ends early once `stop` is set."""
        self._ledger = ledger
        self._turns = turns
        self._http = http
        self._manners = manners
        self._stop = stop
        self._random = Random()  # noqa: S311 (jitter, not a secret)

    def fetch(self, turn: Turn, url: str, site: Site, headers: Mapping[str, str]) -> Reply:
        """Ask for `url` in `turn`, which is its host's; follow redirects politely.

        Raises `Unavailable` only for our own servers; what goes wrong outside is a value.
        """
        home, redirected = host_of(url), False
        for _ in range(MOST_REDIRECTS + 1):
            try:
                with self._turn_of(host_of(url), home, turn) as mine:
                    reply = self._one_hop(mine, url, site, headers) if mine else NotYet(1.0)
                following = _next_hop(reply)
            except Unavailable:
                raise
            except NoticewireError as error:
                return Broken(error, redirected)
            if following is None:
                return reply
            url, redirected = following, True
            # Validators belong to the address they came from.
            headers = {name: value for name, value in headers.items() if not name.lower().startswith("if-")}
        return Broken(Refused(f"more than {MOST_REDIRECTS} redirects"), redirected)

    def _one_hop(self, turn: Turn, url: str, site: Site, headers: Mapping[str, str]) -> Reply:
        if isinstance(waited := self._await(turn), NotYet):
            return waited
        copy = self._robots(url)
        word = verdict(copy, self._manners.user_agent, url, self._now(), self._manners.robots)
        if isinstance(word, MustFetch):
            copy = self._fetch_robots(turn, url, site, copy)
            if isinstance(waited := self._await(turn), NotYet):
                return waited
            word = verdict(copy, self._manners.user_agent, url, self._now(), self._manners.robots)
        if not word_allows(word):
            assert isinstance(word, Disallowed)
            return Forbidden(word.rule)
        return Reached(self.ask(turn, url, site, headers, crawl_delay(copy, self._manners.user_agent)), url)

    def ask(
        self,
        turn: Turn,
        url: str,
        site: Site,
        headers: Mapping[str, str],
        robots_delay: float | None,
        limits: Limits | None = None,
    ) -> Response:
        """Make one request in `turn`, and leave the host alone afterwards for as long as its answer earns."""
        manners, host = self._manners, host_of(url)
        usual = self._usual_pause(0.0, robots_delay, site)
        limits = limits or manners.limits
        # Written ahead: should this process be killed or cut off now, nobody asks before this request must be over.
        turn.hold_for(limits.total_seconds + usual.seconds)
        request = Request("GET", url, {"user-agent": manners.user_agent} | dict(headers), verify_tls=site.verify_tls)
        try:
            response = self._http.exchange(request, limits=limits, allow=site.allow)
        except Transient as error:
            self._leave(turn, host, usual, error=str(error))
            raise
        except NoticewireError:
            turn.hold_for(usual.seconds)
            raise
        usual = self._usual_pause(response.duration_seconds, robots_delay, site)
        if response.status in (408, 429) or response.status >= 500:
            retry_after = parse_retry_after(response.headers.get("retry-after"), self._ledger.clock.now())
            self._leave(turn, host, usual, error=f"answered {response.status}", retry_after=retry_after)
        else:
            self._leave(turn, host, usual, retry_after=_asked_on_redirect(response, self._ledger))
        return response

    def _usual_pause(self, duration: float, robots_delay: float | None, site: Site) -> Pause:
        configured = self._manners.delay_seconds if site.delay_seconds is None else site.delay_seconds
        jitter = self._random.uniform(0, self._manners.jitter_seconds)
        return pause_after(duration, robots_delay, configured, jitter)

    def _leave(
        self, turn: Turn, host: str, usual: Pause, *, error: str | None = None, retry_after: float | None = None
    ) -> None:
        """End the request: hold the host for its pause first, then write down how it answered."""
        # The usual pause at once, so that nothing below can make it late.
        turn.hold_for(max(usual.seconds, retry_after or 0.0))
        with self._ledger.begin() as uow:
            known = uow.hosts.by_name(host)
            failures = (known.failures if known else 0) + 1 if error else 0
            uow.hosts.record_answer(host, failures=failures, error=error, at=uow.now())
            uow.commit()
        if error:
            cap = self._manners.backoff_cap_seconds
            pause = pause_after_failure(usual, failures, self._random, retry_after, cap, self._manners.backoff_seconds)
            turn.hold_for(pause.seconds)
            log.warning("host_failed", host=host, error=error, failures=failures, pause_seconds=round(pause.seconds, 1))

    def _await(self, turn: Turn) -> NotYet | None:
        """Wait for the host's pause to end; NotYet if that is too far away."""
        seconds = turn.wait_seconds()
        if seconds > PATIENCE_SECONDS:
            return NotYet(seconds)
        while seconds > 0:
            if self._stop.wait(seconds):
                return NotYet(seconds)
            seconds = turn.wait_seconds()
        return None

    @contextmanager
    def _turn_of(self, host: str, home: str, turn: Turn) -> Iterator[Turn | None]:
        if host == home:
            yield turn
            return
        with self._turns.take(host) as other:
            yield other

    def _robots(self, url: str) -> RobotsCopy | None:
        with self._ledger.reading() as uow:
            row = uow.hosts.robots(origin_of(url))
        return copy_of(row) if row else None

    def _fetch_robots(self, turn: Turn, url: str, site: Site, previous: RobotsCopy | None) -> RobotsCopy:
        """Fetch the robots file of `url`'s origin and store what came of it; five redirects, across hosts."""
        origin, at = origin_of(url), robots_url(url)
        result: Answered | Failed
        try:
            result = self._robots_answer(turn, at, site)
        except Unavailable:
            raise  # our own database: nothing is known of the site
        except NoticewireError as error:
            result = Failed(str(error))
        with self._ledger.begin() as uow:
            copy = after_fetch(origin, previous, result, uow.now())
            uow.hosts.save_robots(row_of(copy))
            uow.commit()
        log.info("robots_fetched", origin=origin, status=copy.status, error=copy.error)
        return copy

    def _robots_answer(self, turn: Turn, url: str, site: Site) -> Answered | Failed:
        home = host_of(url)
        limits = replace(self._manners.limits, max_bytes=ROBOTS_MAX_BYTES + 1, cut=True)
        response: Response | None = None
        for _ in range(MOST_REDIRECTS + 1):
            with self._turn_of(host_of(url), home, turn) as mine:
                if mine is None or self._await(mine) is not None:
                    return Failed("its redirect leads to a host that is busy")
                response = self.ask(mine, url, site, {}, None, limits)
            location = response.headers.get("location")
            if response.status not in REDIRECTS or not location:
                return Answered(response.status, response.body)
            url = canonical(join(url, location))
        assert response is not None
        # RFC 9309, 2.3.1.2: after five redirects the file may be taken to be unavailable, that is, without rules.
        return Answered(response.status)

    def _now(self) -> datetime:
        with self._ledger.reading() as uow:
            return uow.now()


def _next_hop(reply: Reply) -> str | None:
    """Return the canonical URL that a redirect leads to, or None if the reply is none; `Invalid` for a broken one."""
    if not isinstance(reply, Reached) or reply.response.status not in REDIRECTS:
        return None
    location = reply.response.headers.get("location")
    return canonical(join(reply.url, location)) if location else None


def word_allows(word: object) -> bool:
    """Tell whether robots' verdict lets the request be made: nothing but an explicit yes does."""
    return not isinstance(word, (Disallowed, MustFetch))


def _asked_on_redirect(response: Response, ledger: Ledger) -> float | None:
    """Return the seconds that a redirect asks us to wait (RFC 9110, 10.2.3: Retry-After fits 3xx as well)."""
    if response.status not in REDIRECTS:
        return None
    return parse_retry_after(response.headers.get("retry-after"), ledger.clock.now())


def copy_of(row: RobotsFile) -> RobotsCopy:
    """Return the stored copy as the value that `crawler.robots` decides by."""
    return RobotsCopy(row.origin, row.status, row.body, row.fetched_at, row.failed_at, row.failures, row.error)


def row_of(copy: RobotsCopy) -> dict[str, Any]:
    """Return the columns under which a copy is stored."""
    return {
        "origin": copy.origin,
        "status": copy.status,
        "body": copy.body,
        "fetched_at": copy.fetched_at,
        "failed_at": copy.failed_at,
        "failures": copy.failures,
        "error": copy.error,
    }
