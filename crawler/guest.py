"""A guest's manners: one request in the host's turn, robots.txt first, and a pause after every answer.

A round makes at most one request. What comes next (the page after its robots file, the next hop of a redirect) is a
row, and another round's: so every request waits for the pause of its own host, however long that is, and asks that
host's robots file. A step is first considered, in the very transaction that claims its target: a request that may be
made is counted there. Then it is taken; `_request` is the only place where anybody is asked.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import structlog

from crawler.account import Bill, Receipt, Wait, count
from crawler.manners import (
    Broken,
    Forbidden,
    Manners,
    NotYet,
    Reached,
    Redirected,
    Reply,
    Site,
    Step,
    receipt_of,
    wishes_of,
)
from crawler.politeness import Pause, pause_after, pause_after_failure
from crawler.redirects import KEEPING_REDIRECTS, MOST_REDIRECTS, MOVED_FOR_GOOD, next_hop
from crawler.robots import Disallowed, MustFetch, RobotsCopy, crawl_delay, robots_url, verdict
from crawler.robots_visits import RobotsVisits, copy_of
from crawler.terms import terms_for
from shared.db import Ledger, UnitOfWork
from shared.db.hosts import Standing
from shared.db.turns import Turn, Turns
from shared.errors import Misled, NoticewireError, Refused, TooLarge, Transient, Unavailable
from shared.http import Exchange, Limits, Request, Response
from shared.retry_after import parse as parse_retry_after
from shared.urls import host_of, origin_of

log = structlog.get_logger()

FORM = "application/x-www-form-urlencoded"
NOTED_EVERY = timedelta(minutes=1)
"""How often it is written down of a host without trouble that it answers."""


@dataclass(frozen=True)
class Case:
    """A request that is asked for, and all that says how it may be made."""

    step: Step
    site: Site
    """With what holds for the host that is asked, which need not be the source's own."""
    standing: Standing
    robots_delay: float | None
    limits: Limits


@dataclass(frozen=True)
class Permit:
    """A request that was counted: it may be made."""

    case: Case
    bill: Bill


Word = Permit | Wait | MustFetch | Forbidden | NotYet | Broken
"""What is to become of a step."""


class Guest:
    """Asks politely; safe to share between the crawl loop's threads."""

    def __init__(self, ledger: Ledger, turns: Turns, http: Exchange, manners: Manners) -> None:
        """Wire the guest."""
        self._ledger = ledger
        self._http = http
        self._manners = manners
        self._robots = RobotsVisits(ledger, turns, manners, self.ask)
        self._random = Random()  # noqa: S311 (jitter, not a secret)

    def take_step(self, turn: Turn, step: Step, site: Site) -> Reply:
        """Make the one request that comes next for `step`, in `turn`, which is its host's: its robots file, or itself.

        Raises `Unavailable` only for our own servers; what goes wrong outside is a value.
        """
        with self._ledger.begin() as uow:
            word = self.consider(uow, step, site)
            uow.commit()
        reply = self.proceed(turn, step, site, word)
        self._enter(receipt_of(reply))
        return reply

    def consider(self, uow: UnitOfWork, step: Step, site: Site, standing: Standing | None = None) -> Word:
        """Say what is to become of `step`; a request that may be made is counted, and may begin after the commit."""
        try:
            standing = standing or uow.hosts.standing(host_of(step.url), origin_of(step.url), uow.now())
            return self._consider(uow, step, site, standing)
        except Unavailable:
            raise
        except NoticewireError as error:
            return Broken(error, redirected=step.hops > 0)

    def _consider(self, uow: UnitOfWork, step: Step, site: Site, standing: Standing) -> Word:
        now, agent = standing.at, self._manners.user_agent
        copy = copy_of(standing.robots) if standing.robots else None
        word = verdict(copy, agent, step.url, now, self._manners.robots)
        if isinstance(word, MustFetch):
            return word
        if isinstance(word, Disallowed):
            again = word.again_seconds
            return Forbidden(word.rule) if again is None else NotYet(again, word.rule, by_robots=True)
        site = self._site_of(step.url, site, standing)
        return self._permit(uow, Case(step, site, standing, crawl_delay(copy, agent), self._limits_of(step)))

    def _permit(self, uow: UnitOfWork, case: Case) -> Permit | Wait:
        """Count the request, unless it is too much for its host's day, or the wrong time."""
        terms = terms_for(self._manners.terms, case.site.wishes)
        limits = case.limits.within(terms.bytes)
        name = self._manners.shared.turn_of(host_of(case.step.url))
        bill = count(uow, name, terms, limits.most_bytes, case.standing.at)
        return bill if isinstance(bill, Wait) else Permit(replace(case, limits=limits), bill)

    def _site_of(self, url: str, site: Site, standing: Standing) -> Site:
        """Return `site` with what holds for this host: its own source's wishes, and its delay or a longer of `site`."""
        owner = standing.owner
        if site.host == host_of(url):
            own, wishes = site.delay_seconds, site.wishes
        elif owner is None:
            own, wishes = None, site.wishes
        else:
            own, wishes = owner.delay_seconds, wishes_of(owner)
        usual = self._manners.delay_seconds if own is None else own
        return replace(site, delay_seconds=max(usual, site.delay_seconds or 0.0), wishes=wishes)

    def _limits_of(self, step: Step) -> Limits:
        """Return how much may come: more than of a page where a file or a feed is expected."""
        if step.is_file:
            return replace(self._manners.limits, max_bytes=self._manners.file_max_bytes)
        usual = self._manners.limits
        return replace(usual, max_feed_bytes=self._manners.feed_max_bytes) if step.feed else usual

    def proceed(self, turn: Turn, step: Step, site: Site, word: Word) -> Reply:
        """Do what was said of `step`; its receipt, if the reply has one, is the caller's to enter."""
        try:
            match word:
                case MustFetch():
                    return self._robots.visit(turn, step.url, site)
                case Wait():
                    return _stand_back(turn, word)
                case Permit():
                    return self._take(turn, word)
            return word
        except Unavailable:
            raise
        except NoticewireError as error:
            return Broken(error, redirected=step.hops > 0)

    def _take(self, turn: Turn, permit: Permit) -> Reply:
        step, site = permit.case.step, permit.case.site
        answer = self._request(turn, permit)
        if isinstance(answer, NotYet):
            return answer
        response, receipt = answer
        try:
            following = next_hop(step.url, response)
            if following is None:
                return Reached(response, step.url, receipt)
            _check_hop(step, site, following)
        except NoticewireError as error:
            return Broken(error, redirected=step.hops > 0, receipt=receipt)
        method = step.method if response.status in KEEPING_REDIRECTS else "GET"
        return Redirected(following, response.status in MOVED_FOR_GOOD, method, receipt, response)

    def ask(
        self, turn: Turn, step: Step, site: Site, robots_delay: float | None, limits: Limits | None = None
    ) -> Response | NotYet:
        """Make one request in `turn`, whatever a robots file says, and write down what it cost."""
        with self._ledger.begin() as uow:
            standing = uow.hosts.standing(host_of(step.url), origin_of(step.url), uow.now())
            mine = self._site_of(step.url, site, standing)
            word = self._permit(uow, Case(step, mine, standing, robots_delay, limits or self._limits_of(step)))
            uow.commit()
        answer = _stand_back(turn, word) if isinstance(word, Wait) else self._request(turn, word)
        if isinstance(answer, NotYet):
            return answer
        response, receipt = answer
        self._enter(receipt)
        return response

    def _request(self, turn: Turn, permit: Permit) -> tuple[Response, Receipt | None] | NotYet:
        """Make the request, and leave the host alone afterwards for as long as its answer earns."""
        case = permit.case
        usual = self._usual_pause(0.0, case.robots_delay, case.site)
        # Written ahead: should this process be killed or cut off now, nobody asks before this request must be over. So
        # its time counts from here: a process that is frozen before it asks, and has lost its turn, asks no more.
        written_at = self._ledger.clock.monotonic()
        if not turn.begin(case.limits.total_seconds + usual.seconds):
            self._enter(Receipt(permit.bill, 0, None))
            return NotYet(turn.wait_seconds(), "the host's pause is not over")
        request, since = self._written(case), self._ledger.clock.monotonic() - written_at
        limits = replace(case.limits, total_seconds=case.limits.total_seconds - since)
        try:
            response = self._http.exchange(request, limits=limits, allow=case.site.allow)
        except NoticewireError as error:
            if isinstance(error, Transient) and not isinstance(error, Misled):
                self._leave_in_trouble(turn, permit, str(error))
                raise
            if not isinstance(error, TooLarge):  # else it was never sent
                self._enter(Receipt(permit.bill, 0, None))
            turn.hold_for(usual.seconds)
            raise
        return response, self._leave(turn, permit, response)

    def _written(self, case: Case) -> Request:
        step, headers, body = case.step, self._name() | dict(case.step.headers), None
        if step.method == "POST":
            headers["content-type"], body = FORM, (step.body or "").encode()
        return Request(step.method, step.url, headers, body, case.site.verify_tls)

    def _name(self) -> dict[str, str]:
        named = {"user-agent": self._manners.user_agent}
        return named | {"from": self._manners.from_address} if self._manners.from_address else named

    def _usual_pause(self, duration: float, robots_delay: float | None, site: Site) -> Pause:
        configured = self._manners.delay_seconds if site.delay_seconds is None else site.delay_seconds
        jitter = self._random.uniform(0, self._manners.jitter_seconds)
        return pause_after(duration, robots_delay, configured, jitter)

    def _leave(self, turn: Turn, permit: Permit, response: Response) -> Receipt | None:
        """End an answered request, and return what is still to be written of it: of trouble everything is by now."""
        if response.status in (408, 429) or response.status >= 500:
            self._leave_in_trouble(turn, permit, f"answered {response.status}", response)
            return None
        url, robots_delay = permit.case.step.url, permit.case.robots_delay
        if response.status == 200 and url == robots_url(url):
            # What the file asks for holds from its own fetch on.
            asked_now = crawl_delay(RobotsCopy(origin_of(url), 200, response.body), self._manners.user_agent)
            robots_delay = max(robots_delay or 0.0, asked_now or 0.0)
        usual = self._usual_pause(response.duration_seconds, robots_delay, permit.case.site)
        asked = response.headers.get("retry-after") if 300 <= response.status < 400 else None
        turn.hold_for(max(usual.seconds, self._seconds_asked(asked) if asked else 0.0))
        return Receipt(permit.bill, len(response.body), self._recovered(permit.case))

    def _leave_in_trouble(self, turn: Turn, permit: Permit, error: str, response: Response | None = None) -> None:
        """Write down how the host failed, then hold it for the pause that this has earned.

        In this order, for until then the hold that was written ahead stands: killed before it, we come late, never
        early.
        """
        case = permit.case
        host, failures = host_of(case.step.url), case.standing.failures + 1
        with self._ledger.begin() as uow:
            now = uow.now()
            uow.hosts.record_answer(host, failures=failures, error=error, at=now)
            if response is not None:
                permit.bill.settle(uow, len(response.body))
            uow.commit()
        usual = self._usual_pause(response.duration_seconds if response else 0.0, case.robots_delay, case.site)
        # On 429, 503 and 3xx it is defined (RFC 9110, 10.2.3; RFC 6585, 4); on other troubles it is meant alike.
        asked = parse_retry_after(response.headers.get("retry-after"), now) if response else None
        cap = self._manners.backoff_cap_seconds
        pause = pause_after_failure(usual, failures, self._random, asked, cap, self._manners.backoff_seconds)
        log.warning("host_failed", host=host, error=error, failures=failures, pause_seconds=round(pause.seconds, 1))
        turn.hold_for(pause.seconds)

    def _seconds_asked(self, retry_after: str) -> float:
        with self._ledger.reading() as uow:
            return parse_retry_after(retry_after, uow.now()) or 0.0

    def _recovered(self, case: Case) -> str | None:
        """Return the host where it failed last time, or nothing was written of its answers for a while."""
        standing, noted_at = case.standing, case.standing.last_ok_at
        fresh = noted_at is not None and abs(standing.at - noted_at) < NOTED_EVERY
        return None if fresh and not standing.failures else host_of(case.step.url)

    def _enter(self, receipt: Receipt | None) -> None:
        if receipt is not None:
            with self._ledger.begin() as uow:
                receipt.enter(uow, uow.now())
                uow.commit()


def _stand_back(turn: Turn, wait: Wait) -> NotYet:
    """Leave a host alone that may not be asked now; a longer hold stands."""
    turn.hold_for(max(wait.hold_seconds, turn.wait_seconds()))
    return NotYet(wait.seconds, wait.reason)


def _check_hop(step: Step, site: Site, following: str) -> None:
    """Raise Refused where a redirect is not followed."""
    host = host_of(following)
    if step.hops >= MOST_REDIRECTS:
        raise Refused(f"more than {MOST_REDIRECTS} redirects")
    if site.reach is not None and not site.reach.covers(host):
        raise Refused(f"it was redirected to {host}, which is none of its source's hosts")
    if step.method == "POST" and host != host_of(step.url):
        raise Refused(f"the call is redirected to another host: {host}")
