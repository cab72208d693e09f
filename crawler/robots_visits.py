"""Asking for an origin's robots file, in its host's turn like any other page, and keeping what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog

from crawler.manners import Manners, NotYet, Redirected, Site, Step
from crawler.redirects import MOST_REDIRECTS, next_hop
from crawler.robots import MAX_BYTES as ROBOTS_MAX_BYTES
from crawler.robots import Answered, Failed, RobotsCopy, after_fetch, crawl_delay, is_abandoned, remarks, robots_url
from shared.db import Ledger
from shared.db.hosts import RobotsRow
from shared.db.models import RobotsFile
from shared.db.turns import Turn, Turns
from shared.errors import NoticewireError, Unavailable
from shared.http import Limits, Response
from shared.urls import host_of, origin_of

log = structlog.get_logger()

BUSY_SECONDS = 1.0
Ask = Callable[[Turn, Step, Site, float | None, Limits], Response | NotYet]
"""Makes one request in a host's turn; the number is the robots file's Crawl-delay, as far as it is known."""


class RobotsVisits:
    """Visits to robots files; safe to share between threads."""

    def __init__(self, ledger: Ledger, turns: Turns, manners: Manners, ask: Ask) -> None:
        """Ask by `ask`."""
        self._ledger = ledger
        self._turns = turns
        self._manners = manners
        self._ask = ask

    def visit(self, turn: Turn, url: str, site: Site) -> NotYet:
        """Ask for the robots file of `url`'s origin, or for the next hop of its redirects; store what came of it.

        `turn` is that of the host of `url`, which is the file's unless a redirect has led elsewhere.
        """
        origin = origin_of(url)
        with self._ledger.reading() as uow:
            row = uow.hosts.robots(origin)
        at, hops = (row.hop_url, row.hops) if row and row.hop_url else (robots_url(url), 0)
        previous = copy_of(row) if row else None
        with self._turn_of(host_of(at), host_of(url), turn) as mine:
            if mine is None:
                return NotYet(BUSY_SECONDS, "the host of its robots.txt is being asked by somebody else")
            reply = self._reply(mine, at, site, crawl_delay(previous, self._manners.user_agent))
        if isinstance(reply, NotYet):
            return reply
        if isinstance(reply, Redirected) and hops < MOST_REDIRECTS:
            self._save(origin, previous, {"hop_url": reply.url, "hops": hops + 1})
            return NotYet(0.0, "robots.txt was asked first")
        # RFC 9309, 2.3.1.2: after five redirects the file may be taken to be unavailable, that is, without rules.
        result = Answered(302) if isinstance(reply, Redirected) else reply
        with self._ledger.reading() as uow:
            copy = after_fetch(origin, previous, result, uow.now())
        self._save(origin, copy, {"hop_url": None, "hops": 0})
        log.info("robots_fetched", origin=copy.origin, status=copy.status, error=copy.error)
        if is_abandoned(copy, self._manners.robots):
            log.error("robots_unreachable_too_long", origin=copy.origin, fetched_at=copy.fetched_at, error=copy.error)
        return NotYet(0.0, "robots.txt was asked first")

    @contextmanager
    def _turn_of(self, host: str, home: str, turn: Turn) -> Iterator[Turn | None]:
        if self._manners.shared.turn_of(host) == self._manners.shared.turn_of(home):
            yield turn
            return
        with self._turns.take(host) as other:
            yield other

    def _reply(
        self, turn: Turn, at: str, site: Site, robots_delay: float | None
    ) -> Answered | Failed | Redirected | NotYet:
        limits = replace(self._manners.limits, max_bytes=ROBOTS_MAX_BYTES + 1, cut=True)
        try:
            response = self._ask(turn, Step(at, 0, {}), site, robots_delay, limits)
            if isinstance(response, NotYet):
                return response
            following = next_hop(at, response)
        except Unavailable:
            raise  # our own database: nothing is known of the site
        except NoticewireError as error:
            return Failed(str(error))
        return Redirected(following) if following else Answered(response.status, response.body)

    def _save(self, origin: str, copy: RobotsCopy | None, hop: dict[str, Any]) -> None:
        """Store the copy, and tell an operator what is odd about any robots file of the host."""
        host = host_of(origin)
        with self._ledger.begin() as uow:
            uow.hosts.save_robots(row_of(copy or RobotsCopy(origin)) | hop)
            copies = [copy_of(row) for row in uow.hosts.robots_of(host)]
            told = [one for copy in copies for one in remarks(copy, self._manners.user_agent, self._manners.robots)]
            uow.hosts.set_remark(host, "; ".join(dict.fromkeys(told)) or None)
            uow.commit()


def copy_of(row: RobotsFile | RobotsRow) -> RobotsCopy:
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
