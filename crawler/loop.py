"""The crawl loop: one round = claim → permit → fetch → judge → capture. Its threads are the crawler's only concurrency.

Everything a round needs to know is a row, and everything it learns becomes one: a crawler may be killed between any
two lines, and the lease's end makes its target due again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread, current_thread

import structlog

from crawler.capture import Capture
from crawler.evidence import hop_of
from crawler.exhibit import Evidence
from crawler.guest import Guest, Word
from crawler.judge import Judgment, judge, judge_error, names_file
from crawler.learn import learn_unasked
from crawler.manners import Broken, Forbidden, NotYet, Reached, Redirected, Site, Step, receipt_of, site_of
from crawler.rota import Rota
from crawler.visit import Visit
from crawler.walk import FORBIDDEN
from shared.blobs import digest_of
from shared.db import Ledger, UnitOfWork
from shared.db.claims import Claimed
from shared.db.turns import Turn, Turns
from shared.domain.states import OF_NOTICE, Outcome, TargetKind
from shared.errors import Invalid, Unavailable
from shared.urls import canonical, host_of, origin_of

log = structlog.get_logger()

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 3.0
PAUSED_SECONDS = 300.0
MOST_LEASES = 5
"""Claims without a visit written down, after which a target counts as failed: something on it breaks the crawler."""
FORBIDDEN_AGAIN_SECONDS = 24 * 3600.0
"""A disallowed target is asked about again when the robots file may be another (it is cached for a day)."""


@dataclass(frozen=True)
class Claim:
    """A target under lease, what the operator says of its source, and what is to become of it now."""

    target: Claimed
    made_at: datetime
    site: Site
    step: Step
    word: Word


class CrawlLoop:
    """Rounds over the frontier, in as many threads as hosts may be asked at the same time."""

    def __init__(self, ledger: Ledger, turns: Turns, guest: Guest, capture: Capture, lease_seconds: float) -> None:
        """Wire the loop."""
        self._ledger = ledger
        self._turns = turns
        self._guest = guest
        self._capture = capture
        self._lease_seconds = lease_seconds
        self._rota = Rota(ledger)
        self.rounds = 0
        """Rounds ended without trouble, in all threads; health judges by its growth."""
        self._turned: dict[str, float] = {}
        """When each thread last began a round."""

    def run(self, threads: int, stop: Event) -> None:
        """Go round in `threads` threads until `stop` is set; returns when the visits under way have ended.

        Raises RuntimeError if a thread ended by itself: a crawler with fewer threads than it says is a slow death.
        """
        crew = [Thread(target=self._go_round, args=(stop,), name=f"crawl-{n}", daemon=True) for n in range(threads)]
        for thread in crew:
            thread.start()
        while not stop.wait(0.5):
            if not all(thread.is_alive() for thread in crew):
                stop.set()
                raise RuntimeError("a crawl thread has ended by itself")
        for thread in crew:
            thread.join()

    def standing_seconds(self) -> float:
        """Return for how long the slowest thread has been at its round, with or without trouble; 0 before the first."""
        now = self._ledger.clock.monotonic()
        return now - min(list(self._turned.values()), default=now)

    def _go_round(self, stop: Event) -> None:
        while not stop.is_set():
            self._turned[current_thread().name] = self._ledger.clock.monotonic()
            try:
                pause = 0.0 if self.round() else IDLE_SECONDS
                self.rounds += 1
            except Unavailable as error:
                log.error("round_failed", error=str(error))
                pause = TROUBLE_SECONDS
            except Exception:
                # The top of a round: one odd page must not end the crawler. Its target's lease ends by itself.
                log.exception("round_failed")
                pause = TROUBLE_SECONDS
            stop.wait(pause)

    def round(self) -> bool:
        """Visit the target that is due longest on a host whose turn is free; False if there was none."""
        while (host := self._rota.take()) is not None:
            claim = None
            try:
                with self._turns.take(host) as turn:
                    if turn is not None and turn.wait_seconds() <= 0 and (claim := self._claim(host)) is not None:
                        self._visit(turn, claim)
                        return True
            finally:
                self._rota.put_back(host, visited=claim is not None)
        return False

    def _claim(self, host: str) -> Claim | None:
        try:
            return self._ledger.together(partial(self._claimed, host))
        except Unavailable:
            raise
        except Exception:
            with self._ledger.begin() as uow:
                # It breaks the crawler, so that nothing was written: that its claims are counted sets it aside.
                uow.claims.claim_due(host, uow.now(), self._lease_seconds)
                uow.commit()
            raise

    def _claimed(self, host: str, uow: UnitOfWork) -> Claim | None:
        now = uow.now()
        target = uow.claims.claim_due(host, now, self._lease_seconds)
        return None if target is None else self._considered(uow, target, now)

    def _considered(self, uow: UnitOfWork, target: Claimed, now: datetime) -> Claim:
        """Return the claim with what is to become of its target; a request that may be made is counted."""
        step = step_of(target)
        standing = uow.hosts.standing(host_of(step.url), origin_of(step.url), now)
        owner = standing.owner
        source = owner if owner and owner.id == target.source_id else uow.sources.watched(target.source_id)
        site = site_of(source)
        word: Word
        if target.leases > MOST_LEASES:
            word = Broken(Invalid(f"{MOST_LEASES} visits in a row were begun and never written down"), False)
        elif owner is not None and owner.paused_at is not None:
            word = NotYet(PAUSED_SECONDS, "the source of its host is paused")
        else:
            word = self._guest.consider(uow, step, site, standing)
        return Claim(target, now, site, step, word)

    def _visit(self, turn: Turn, claim: Claim) -> None:
        target, clock = claim.target, self._ledger.clock
        began = clock.monotonic()
        reply = self._guest.proceed(turn, claim.step, claim.site, claim.word)
        if isinstance(reply, NotYet) and reply.by_robots and is_awaited(target):
            reply = Forbidden(reply.reason)
        if isinstance(reply, (NotYet, Redirected)) or (isinstance(reply, Forbidden) and not is_awaited(target)):
            self._put_off(claim, reply)
            return
        reached = reply if isinstance(reply, Reached) else None
        visit = Visit(
            target=target,
            judgment=judge_reply(reply, target),
            started_at=claim.made_at,
            duration_seconds=clock.monotonic() - began,
            tls_verified=claim.site.verify_tls,
            response=reached.response if reached else None,
            final_url=reached.url if reached else None,
            error=str(reply.error) if isinstance(reply, Broken) else None,
            reach=claim.site.reach,
            receipt=receipt_of(reply),
        )
        self._capture.keep(visit)

    def _put_off(self, claim: Claim, reply: NotYet | Redirected | Forbidden) -> None:
        """Give a target back that was not, or not yet, brought."""
        target = claim.target
        with self._ledger.begin() as uow:
            now = uow.now()
            match reply:
                case NotYet(seconds=seconds, reason=reason, by_robots=by_robots):
                    due_at = now + timedelta(seconds=max(0.0, seconds))
                    if uow.claims.release(target, due_at, reason[:60]) and by_robots:
                        learn_unasked(uow, target, Outcome.FAILED, reason, now)
                case Redirected():
                    hop = hop_of(target, reply, claim.step.method, claim.made_at)
                    uow.claims.release(target, now, "a redirect is followed", hop)
                    if reply.receipt is not None:
                        reply.receipt.enter(uow, now)
                case Forbidden(rule=rule):
                    values = {
                        "due_at": now + timedelta(seconds=FORBIDDEN_AGAIN_SECONDS),
                        "due_reason": "robots.txt forbids it",
                        "last_outcome": Outcome.BLOCKED,
                        "last_rule": f"robots: {rule}"[:60],
                    }
                    if target.kind == TargetKind.BACKFILL:
                        values |= {"due_at": None}
                        uow.backfills.end(target.backfill_id or "", f"{FORBIDDEN}: {rule}", now)
                    if uow.claims.settle(target, values):
                        learn_unasked(uow, target, Outcome.BLOCKED, f"robots: {rule}", now)
                    if target.recrawl_id:
                        uow.recrawls.finish_if_done(target.recrawl_id, now)
                    log.info("target_forbidden", target_id=target.id, rule=rule)
            uow.commit()


def step_of(target: Claimed) -> Step:
    """Return what is to be asked for next: validators belong to the target's own address alone."""
    feed = target.kind in (TargetKind.LISTING, TargetKind.BACKFILL)
    if target.hop_url:
        return Step(
            target.hop_url, target.hops, {}, target.hop_method or "GET", target.body, feed=feed, is_file=is_file(target)
        )
    address, method = canonical(target.url), target.method or "GET"
    return Step(address, 0, validators(target), method, target.body, feed=feed, is_file=is_file(target))


def is_file(target: Claimed) -> bool:
    """Tell whether a file is expected at the target, which may be larger than a page."""
    return target.kind == TargetKind.ATTACHMENT or (target.kind == TargetKind.DETAIL and names_file(target.url))


def validators(target: Claimed) -> dict[str, str]:
    """Return the headers of a conditional GET (RFC 9110, 13.1): none for a manual re-crawl, a POST, or after a gone."""
    if target.recrawl_id is not None or target.digest is None or target.method == "POST":
        return {}
    if target.etag:
        return {"if-none-match": target.etag}
    return {"if-modified-since": target.last_modified} if target.last_modified else {}


def is_awaited(target: Claimed) -> bool:
    """Tell whether a notice waits for this page or file: then even that it may not be asked for is written down."""
    return target.kind in OF_NOTICE and target.fetch_count == 0


def judge_reply(reply: Reached | Broken | Forbidden, target: Claimed) -> Judgment:
    """Judge the end of a visit by what is remembered of its target."""
    if isinstance(reply, Forbidden):
        return Judgment(Outcome.BLOCKED, f"robots: {reply.rule}"[:60])
    if isinstance(reply, Broken):
        return judge_error(reply.error, redirected=reply.redirected)
    response = reply.response
    evidence = Evidence(
        status=response.status,
        headers=response.headers,
        body=response.body,
        digest=digest_of(response.body),
        last_digest=target.digest,
        last_outcome=Outcome.CAPTURED if target.digest else None,
        url=canonical(target.url),
        final_url=reply.url,
        kind=TargetKind(target.kind),
        called=target.method is not None,
    )
    return judge(evidence)
