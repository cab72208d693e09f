"""A guest's manners: one request in the host's turn, robots.txt first, and a pause after every answer.

A round makes at most one request. What comes next (the page after its robots file, the next hop of a redirect) is a
row, and another round's: so every request waits for the pause of its own host, however long that is, and asks that
host's robots file. `Guest.take_step` is what the crawl loop calls; `ask` is the only place that makes a request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import structlog

from crawler.account import Account, Bill, Wait
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
    is_abandoned,
    remarks,
    robots_url,
    verdict,
)
from crawler.terms import NO_WISHES, Reach, Terms, Wishes, terms_for
from shared.db import Ledger
from shared.db.models import RobotsFile, Source
from shared.db.shared_turns import SharedHosts
from shared.db.turns import Turn, Turns
from shared.errors import NoticewireError, Refused, TooLarge, Transient, Unavailable
from shared.http import AllowList, Exchange, Limits, Request, Response
from shared.retry_after import parse as parse_retry_after
from shared.urls import canonical, host_of, join, origin_of

log = structlog.get_logger()

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOVED_FOR_GOOD = frozenset({301, 308})
KEEPING_REDIRECTS = frozenset({307, 308})
FORM = "application/x-www-form-urlencoded"
BUSY_SECONDS = 1.0
MIB = 1024 * 1024


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
    from_address: str | None = None
    """Sent as `From` (RFC 9110, 10.1.2)."""
    terms: Terms = field(default_factory=Terms)
    shared: SharedHosts = field(default_factory=SharedHosts)
    feed_max_bytes: int | None = None
    """Of a listing that is a feed or a sitemap; None: as for any page."""
    file_max_bytes: int = 30 * MIB
    """Largest attached file, decoded."""


@dataclass(frozen=True)
class Site:
    """What the operator says of one source."""

    delay_seconds: float | None
    allow: AllowList
    verify_tls: bool
    reach: Reach | None = None
    """Where links and redirects may lead; None: anywhere."""
    wishes: Wishes = NO_WISHES
    host: str | None = None
    """Of a source that is watched: the host of which all this is true."""


@dataclass(frozen=True)
class Step:
    """What is to be asked for now: a target's own address, or what a redirect led to; a POST sends its `body`."""

    url: str
    hops: int
    headers: Mapping[str, str]
    method: str = "GET"
    body: str | None = None
    feed: bool = False
    """Whether it may be a feed or a sitemap, and then as long as these may be."""
    is_file: bool = False
    """Whether an attached file is expected, which may be larger than a page."""


@dataclass(frozen=True)
class Reached:
    """An answer that is no redirect, and the canonical URL that gave it."""

    response: Response
    url: str


@dataclass(frozen=True)
class Redirected:
    """The answer leads on to the canonical `url`; the next request is another round's.

    `method` is POST where the call is to be made again as it was (RFC 9110, 15.4.8 and 15.4.9).
    """

    url: str
    permanent: bool = False
    """Whether it says that the page has moved for good (301, 308)."""
    method: str = "GET"


@dataclass(frozen=True)
class Forbidden:
    """robots.txt does not let us ask; `rule` is its word."""

    rule: str


@dataclass(frozen=True)
class NotYet:
    """The page was not asked for, and may be in `seconds`; `reason` is shown."""

    seconds: float
    reason: str
    by_robots: bool = False
    """Whether it is because the robots file cannot be had, and so nobody knows until when."""


@dataclass(frozen=True)
class Broken:
    """The exchange ended in an error, on the way or (`redirected`) at an address that it was sent on to."""

    error: NoticewireError
    redirected: bool


Reply = Reached | Redirected | Forbidden | NotYet | Broken


class Guest:
    """Asks politely; safe to share between the crawl loop's threads."""

    def __init__(self, ledger: Ledger, turns: Turns, http: Exchange, manners: Manners) -> None:
        """Wire the guest."""
        self._ledger = ledger
        self._turns = turns
        self._http = http
        self._manners = manners
        self._random = Random()  # noqa: S311 (jitter, not a secret)

    def take_step(self, turn: Turn, step: Step, site: Site) -> Reply:
        """Make the one request that comes next for `step`, in `turn`, which is its host's: its robots file, or itself.

        Raises `Unavailable` only for our own servers; what goes wrong outside is a value.
        """
        try:
            return self._take_step(turn, step, site)
        except Unavailable:
            raise
        except NoticewireError as error:
            return Broken(error, redirected=step.hops > 0)

    def _take_step(self, turn: Turn, step: Step, site: Site) -> Reply:
        with self._ledger.reading() as uow:
            row = uow.hosts.robots(origin_of(step.url))
            now = uow.now()
        copy = copy_of(row) if row else None
        word = verdict(copy, self._manners.user_agent, step.url, now, self._manners.robots)
        if isinstance(word, MustFetch):
            return self._fetch_robots(turn, step.url, site, row)
        if isinstance(word, Disallowed):
            if word.again_seconds is None:
                return Forbidden(word.rule)
            return NotYet(word.again_seconds, word.rule, by_robots=True)
        robots_delay = crawl_delay(copy, self._manners.user_agent)
        response = self.ask(turn, step, site, robots_delay, self._limits_of(step))
        if isinstance(response, NotYet):
            return response
        following = _next_hop(step.url, response)
        if following is None:
            return Reached(response, step.url)
        if step.hops >= MOST_REDIRECTS:
            raise Refused(f"more than {MOST_REDIRECTS} redirects")
        if site.reach is not None and not site.reach.covers(host_of(following)):
            raise Refused(f"it was redirected to {host_of(following)}, which is none of its source's hosts")
        if step.method == "POST" and host_of(following) != host_of(step.url):
            raise Refused(f"the call is redirected to another host: {host_of(following)}")
        method = step.method if response.status in KEEPING_REDIRECTS else "GET"
        return Redirected(following, response.status in MOVED_FOR_GOOD, method)

    def _limits_of(self, step: Step) -> Limits | None:
        """Return what holds in the place of the usual limits, where more may come than a page."""
        if step.is_file:
            return replace(self._manners.limits, max_bytes=self._manners.file_max_bytes)
        return replace(self._manners.limits, max_feed_bytes=self._manners.feed_max_bytes) if step.feed else None

    def ask(
        self, turn: Turn, step: Step, site: Site, robots_delay: float | None, limits: Limits | None = None
    ) -> Response | NotYet:
        """Make one request in `turn`, and leave the host alone afterwards for as long as its answer earns."""
        url = step.url
        manners, host, site = self._manners, host_of(url), self._site_of(url, site)
        usual = self._usual_pause(0.0, robots_delay, site)
        terms = terms_for(manners.terms, site.wishes)
        limits = (limits or manners.limits).within(terms.bytes)
        account = Account(self._ledger, manners.shared.turn_of(host), terms)
        # Written ahead: should this process be killed or cut off now, nobody asks before this request must be over. So
        # its time counts from here: a process that is frozen before it asks, and has lost its turn, asks no more.
        written_at = self._ledger.clock.monotonic()
        bill = account.begin(turn, limits.total_seconds + usual.seconds, limits.most_bytes)
        if isinstance(bill, Wait):
            return NotYet(bill.seconds, bill.reason)
        headers, body = self._name() | dict(step.headers), None
        if step.method == "POST":
            headers["content-type"], body = FORM, (step.body or "").encode()
        request = Request(step.method, url, headers, body, site.verify_tls)
        since = self._ledger.clock.monotonic() - written_at
        limits = replace(limits, total_seconds=limits.total_seconds - since)
        try:
            response = self._http.exchange(request, limits=limits, allow=site.allow)
        except Transient as error:
            self._leave(turn, host, usual, error=str(error))
            raise
        except NoticewireError as error:
            if not isinstance(error, TooLarge):
                self._settle(bill)
            turn.hold_for(usual.seconds)
            raise
        if response.status == 200 and url == robots_url(url):
            # What the file asks for holds from its own fetch on.
            asked_now = crawl_delay(RobotsCopy(origin_of(url), 200, response.body), manners.user_agent)
            robots_delay = max(robots_delay or 0.0, asked_now or 0.0)
        usual = self._usual_pause(response.duration_seconds, robots_delay, site)
        troubled = response.status in (408, 429) or response.status >= 500
        # On 429, 503 and 3xx it is defined (RFC 9110, 10.2.3; RFC 6585, 4); on other troubles it is meant alike.
        asked = response.headers.get("retry-after") if troubled or 300 <= response.status < 400 else None
        self._leave(
            turn,
            host,
            usual,
            error=f"answered {response.status}" if troubled else None,
            retry_after=asked,
            paid=(bill, len(response.body)),
        )
        return response

    def _settle(self, bill: Bill) -> None:
        """Count no bytes for a request that was never sent."""
        with self._ledger.begin() as uow:
            bill.settle(uow, 0)
            uow.commit()

    def _name(self) -> dict[str, str]:
        named = {"user-agent": self._manners.user_agent}
        return named | {"from": self._manners.from_address} if self._manners.from_address else named

    def _usual_pause(self, duration: float, robots_delay: float | None, site: Site) -> Pause:
        configured = self._manners.delay_seconds if site.delay_seconds is None else site.delay_seconds
        jitter = self._random.uniform(0, self._manners.jitter_seconds)
        return pause_after(duration, robots_delay, configured, jitter)

    def _leave(
        self,
        turn: Turn,
        host: str,
        usual: Pause,
        *,
        error: str | None = None,
        retry_after: str | None = None,
        paid: tuple[Bill, int] | None = None,
    ) -> None:
        """End the request: write down how the host answered, then hold it for the pause that it earned.

        In one step, for until then the hold that was written ahead stands: killed before it, we come late, never early.
        """
        with self._ledger.begin() as uow:
            now = uow.now()
            known = uow.hosts.by_name(host)
            failures = (known.failures if known else 0) + 1 if error else 0
            uow.hosts.record_answer(host, failures=failures, error=error, at=now)
            if paid is not None:
                bill, came = paid
                bill.settle(uow, came)
            uow.commit()
        asked = parse_retry_after(retry_after, now)
        pause = usual if asked is None else replace(usual, seconds=max(asked, usual.seconds))
        if error:
            cap = self._manners.backoff_cap_seconds
            pause = pause_after_failure(usual, failures, self._random, asked, cap, self._manners.backoff_seconds)
            log.warning("host_failed", host=host, error=error, failures=failures, pause_seconds=round(pause.seconds, 1))
        turn.hold_for(pause.seconds)

    def _site_of(self, url: str, site: Site) -> Site:
        """Return `site` with what holds for this host: its own source's wishes, and its delay or a longer of `site`."""
        if site.host == host_of(url):
            own, wishes = site.delay_seconds, site.wishes
        else:
            with self._ledger.reading() as uow:
                owner = uow.sources.by_host(host_of(url))
            own = owner.delay_seconds if owner is not None else None
            wishes = site.wishes if owner is None else wishes_of(owner)
        usual = self._manners.delay_seconds if own is None else own
        return replace(site, delay_seconds=max(usual, site.delay_seconds or 0.0), wishes=wishes)

    @contextmanager
    def _turn_of(self, host: str, home: str, turn: Turn) -> Iterator[Turn | None]:
        if self._manners.shared.turn_of(host) == self._manners.shared.turn_of(home):
            yield turn
            return
        with self._turns.take(host) as other:
            yield other

    def _fetch_robots(self, turn: Turn, url: str, site: Site, row: RobotsFile | None) -> NotYet:
        """Ask for the robots file of `url`'s origin, or for the next hop of its redirects; store what came of it."""
        at, hops = (row.hop_url, row.hops) if row and row.hop_url else (robots_url(url), 0)
        previous = copy_of(row) if row else None
        with self._turn_of(host_of(at), host_of(url), turn) as mine:
            if mine is None:
                return NotYet(BUSY_SECONDS, "the host of its robots.txt is being asked by somebody else")
            reply = self._robots_reply(mine, at, site, crawl_delay(previous, self._manners.user_agent))
        if isinstance(reply, NotYet):
            return reply
        if isinstance(reply, Redirected) and hops < MOST_REDIRECTS:
            self._save_robots(origin_of(url), previous, {"hop_url": reply.url, "hops": hops + 1})
            return NotYet(0.0, "robots.txt was asked first")
        # RFC 9309, 2.3.1.2: after five redirects the file may be taken to be unavailable, that is, without rules.
        result = Answered(302) if isinstance(reply, Redirected) else reply
        with self._ledger.reading() as uow:
            copy = after_fetch(origin_of(url), previous, result, uow.now())
        self._save_robots(origin_of(url), copy, {"hop_url": None, "hops": 0})
        log.info("robots_fetched", origin=copy.origin, status=copy.status, error=copy.error)
        if is_abandoned(copy, self._manners.robots):
            log.error("robots_unreachable_too_long", origin=copy.origin, fetched_at=copy.fetched_at, error=copy.error)
        return NotYet(0.0, "robots.txt was asked first")

    def _robots_reply(
        self, turn: Turn, at: str, site: Site, robots_delay: float | None
    ) -> Answered | Failed | Redirected | NotYet:
        limits = replace(self._manners.limits, max_bytes=ROBOTS_MAX_BYTES + 1, cut=True)
        try:
            response = self.ask(turn, Step(at, 0, {}), site, robots_delay, limits)
            if isinstance(response, NotYet):
                return response
            following = _next_hop(at, response)
        except Unavailable:
            raise  # our own database: nothing is known of the site
        except NoticewireError as error:
            return Failed(str(error))
        return Redirected(following) if following else Answered(response.status, response.body)

    def _save_robots(self, origin: str, copy: RobotsCopy | None, hop: dict[str, Any]) -> None:
        """Store the copy, and tell an operator what is odd about any robots file of the host."""
        host = host_of(origin)
        with self._ledger.begin() as uow:
            uow.hosts.save_robots(row_of(copy or RobotsCopy(origin)) | hop)
            copies = [copy_of(row) for row in uow.hosts.robots_of(host)]
            told = [one for copy in copies for one in remarks(copy, self._manners.user_agent, self._manners.robots)]
            uow.hosts.set_remark(host, "; ".join(dict.fromkeys(told)) or None)
            uow.commit()


def _next_hop(url: str, response: Response) -> str | None:
    """Return the canonical URL that a redirect leads to, or None if it is none; `Invalid` for a broken one."""
    location = response.headers.get("location")
    if response.status not in REDIRECTS or not location:
        return None
    # A field arrives as Latin-1; a path in Chinese is sent in UTF-8 all the same (RFC 9110, 5.5, forbids neither).
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return canonical(join(url, location))


def wishes_of(source: Source) -> Wishes:
    """Return what the operator says of a source's budget and hours."""
    return Wishes(source.daily_requests, source.daily_bytes, source.quiet_hours, source.time_zone)


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
