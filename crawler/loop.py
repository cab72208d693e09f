"""The crawl loop: one round = claim → permit → fetch → judge → capture. Its threads are the crawler's only concurrency.

Everything a round needs to know is a row, and everything it learns becomes one: a crawler may be killed between any
two lines, and the lease's end makes its target due again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog

from crawler.capture import Capture, Visit
from crawler.guest import Broken, Forbidden, Guest, NotYet, Reached, Site
from crawler.judge import Evidence, Judgment, judge, judge_error
from shared.blobs import digest_of
from shared.db import Ledger
from shared.db.models import Source, Target
from shared.db.turns import Turn, Turns
from shared.domain.states import Outcome
from shared.errors import Invalid, Unavailable
from shared.http import AllowList

log = structlog.get_logger()

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 3.0
HOSTS_LOOKED_AT = 200
FORBIDDEN_AGAIN_SECONDS = 24 * 3600.0
"""A disallowed target is asked about again when the robots file may be another (it is cached for a day)."""


@dataclass(frozen=True)
class Claim:
    """A target under lease, and what the operator says of its source."""

    target: Target
    site: Site


class CrawlLoop:
    """Rounds over the frontier, in as many threads as hosts may be asked at the same time."""

    def __init__(self, ledger: Ledger, turns: Turns, guest: Guest, capture: Capture, lease_seconds: float) -> None:
        """Wire the loop."""
        self._ledger = ledger
        self._turns = turns
        self._guest = guest
        self._capture = capture
        self._lease_seconds = lease_seconds
        self.rounds = 0
        """Rounds ended without trouble, in all threads; health judges by its growth."""

    def run(self, threads: int, stop: Event) -> None:
        """Go round in `threads` threads until `stop` is set; returns when the visits under way have ended."""
        crew = [Thread(target=self._go_round, args=(stop,), name=f"crawl-{n}", daemon=True) for n in range(threads)]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()

    def _go_round(self, stop: Event) -> None:
        while not stop.is_set():
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
        with self._ledger.reading() as uow:
            hosts = uow.frontier.due_hosts(uow.now(), HOSTS_LOOKED_AT)
        for host in hosts:
            with self._turns.take(host) as turn:
                if turn is None or turn.wait_seconds() > 0:
                    continue
                claim = self._claim(host)
                if claim is not None:
                    self._visit(turn, claim)
                    return True
        return False

    def _claim(self, host: str) -> Claim | None:
        with self._ledger.begin() as uow:
            target = uow.frontier.claim_due(host, uow.now(), self._lease_seconds)
            source = uow.sources.by_id(target.source_id) if target else None
            uow.commit()
        return Claim(target, site_of(source)) if target and source else None

    def _visit(self, turn: Turn, claim: Claim) -> None:
        target, clock = claim.target, self._ledger.clock
        with self._ledger.reading() as uow:
            started_at = uow.now()
        began = clock.monotonic()
        reply = self._guest.fetch(turn, target.url, claim.site, validators(target))
        if isinstance(reply, (NotYet, Forbidden)):
            self._put_off(target, reply)
            return
        reached = reply if isinstance(reply, Reached) else None
        visit = Visit(
            target=target,
            judgment=judge_reply(reply, target),
            started_at=started_at,
            duration_seconds=clock.monotonic() - began,
            tls_verified=claim.site.verify_tls,
            response=reached.response if reached else None,
            final_url=reached.url if reached else None,
            error=str(reply.error) if isinstance(reply, Broken) else None,
        )
        self._capture.keep(visit)

    def _put_off(self, target: Target, reply: NotYet | Forbidden) -> None:
        """Give a target back that must not, or cannot yet, be asked for."""
        with self._ledger.begin() as uow:
            now: datetime = uow.now()
            match reply:
                case NotYet(seconds=seconds):
                    uow.frontier.release(target, now + timedelta(seconds=seconds), "the host asked for a pause")
                case Forbidden(rule=rule):
                    again = now + timedelta(seconds=FORBIDDEN_AGAIN_SECONDS)
                    values = {
                        "due_at": again,
                        "due_reason": "robots.txt forbids it",
                        "last_outcome": Outcome.BLOCKED,
                        "last_rule": f"robots: {rule}"[:60],
                    }
                    uow.frontier.settle(target, values)
                    if target.recrawl_id:
                        uow.recrawls.finish_if_done(target.recrawl_id, now)
                    log.info("target_forbidden", target_id=target.id, rule=rule)
            uow.commit()


def site_of(source: Source) -> Site:
    """Return what the operator says of a source, as the guest needs it."""
    try:
        allow = AllowList.parse(source.allow)
    except Invalid:
        allow = AllowList.parse(())
    return Site(source.delay_seconds, allow, source.verify_tls)


def validators(target: Target) -> dict[str, str]:
    """Return the headers of a conditional GET (RFC 9110, 13.1): none for a manual re-crawl or a page that was gone."""
    if target.recrawl_id is not None or target.digest is None:
        return {}
    if target.etag:
        return {"if-none-match": target.etag}
    return {"if-modified-since": target.last_modified} if target.last_modified else {}


def judge_reply(reply: Reached | Broken, target: Target) -> Judgment:
    """Judge the end of a visit by what is remembered of its target."""
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
    )
    return judge(evidence)
