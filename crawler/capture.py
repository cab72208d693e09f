"""Writing a visit down: bytes first, row second, bell last; a listing's links become targets with its row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import structlog

from crawler import listed
from crawler.backfill import record_page
from crawler.evidence import spoken, trail_of
from crawler.learn import Seen, learn
from crawler.listed import NOT_FOLLOWED, Found
from crawler.pace import Pace
from crawler.politeness import PRODUCT
from crawler.robots import NOARCHIVE, NOFOLLOW, wishes_of_page
from crawler.schedule import Cadence, History, Next, next_visit
from crawler.visit import Brought, Visit, fetch_row, validators_of
from shared.blobs import Blobs, digest_of
from shared.db import Ledger, UnitOfWork
from shared.db.frontier import MOVED_AWAY
from shared.domain.states import Outcome, TargetKind
from shared.errors import LeaseLost
from shared.ids import new_id
from shared.queue import Bell
from shared.urls import canonical

log = structlog.get_logger()

AWAY_SECONDS = 30 * 86_400.0
"""Pause between two looks at an address that its notice has left: it may come back."""
ASIDE = Next(86_400.0, "its list is asked for by a call")
_LISTINGS = (TargetKind.LISTING, TargetKind.BACKFILL)


@dataclass
class Capture:
    """Keeps what visits brought. `pages` is how many pages of a listing are followed."""

    ledger: Ledger
    blobs: Blobs
    bell: Bell
    cadence: Cadence
    pages: int
    random: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        """Begin without a timetable; the first listing asks for it."""
        self._pace = Pace(self.ledger, self.cadence.budget)

    def keep(self, visit: Visit) -> bool:
        """Write the visit down; False (nothing written) if somebody else holds the target by now.

        Raises `Unavailable` if the disk is full or the database down: then nothing is written, and the lease's end
        makes the target due again.
        """
        brought = self._brought(visit)
        try:
            fetch = self.ledger.together(partial(self._written, visit, brought))
        except LeaseLost:
            return self._discard(visit)
        if fetch["rung_at"] is not None:
            self.bell.ring(brought.fetch_id)
        log.info(
            "target_visited",
            target_id=visit.target.id,
            url=visit.target.url,
            fetch_id=brought.fetch_id,
            outcome=str(visit.judgment.outcome),
            rule=visit.judgment.rule,
            status=fetch["status"],
        )
        return True

    def _written(self, visit: Visit, brought: Brought, uow: UnitOfWork) -> Mapping[str, Any]:
        """Write the visit down and return the row of its fetch. Raises `LeaseLost` if the target is somebody else's."""
        now = uow.now()
        fetch = fetch_row(visit, brought, now)
        if not self._record(uow, visit, brought, now):
            raise LeaseLost(f"somebody else holds {visit.target.id} by now")
        uow.fetches.append(fetch)
        _record_beside(uow, visit, brought, fetch, now)
        return fetch

    def _brought(self, visit: Visit) -> Brought:
        """Keep the bytes, and read what is to be read of them: all that needs no transaction."""
        first = visit.target.kind == TargetKind.LISTING and visit.target.page == 1
        timetable = self._pace.timetable() if first else None
        if visit.judgment.outcome is not Outcome.CAPTURED:
            return Brought(new_id("fet"), timetable=timetable)
        wishes = _wishes(visit)
        digest = self._digest(visit, wishes)
        found = self._found(visit, wishes) if visit.target.kind in _LISTINGS else Found()
        return Brought(new_id("fet"), wishes, digest, found, timetable)

    def _record(self, uow: UnitOfWork, visit: Visit, brought: Brought, now: datetime) -> bool:
        """Write down what has become of the target, its column and its links; False if it is somebody else's now."""
        target, found, planned = visit.target, brought.found, None
        if target.kind == TargetKind.LISTING:
            # First of all: what is learned of a look goes by the targets that its links have become.
            self._record_listing(uow, visit, found, now)
        aside = brought.timetable is not None and _stands_aside(uow, visit, found)
        if brought.timetable is not None:
            # How the column fares is the call's to tell, and not its page's.
            planned = ASIDE if aside else _learn(uow, visit, brought, now)
        values = self._after(visit, brought, now, planned)
        if aside:
            values |= {"due_at": now + timedelta(seconds=ASIDE.seconds or 0), "due_reason": ASIDE.reason}
        if target.kind == TargetKind.BACKFILL:
            values |= record_page(uow, target, visit.judgment.outcome, found, values)
        return uow.claims.settle(target, values)

    def _discard(self, visit: Visit) -> bool:
        """Forget the visit to a target that somebody else holds by now, but for what it has cost."""
        log.warning("visit_discarded", target_id=visit.target.id, reason="its lease ended")
        if visit.receipt is not None:
            with self.ledger.begin() as uow:
                visit.receipt.enter(uow, uow.now())
                uow.commit()
        return False

    def _record_listing(self, uow: UnitOfWork, visit: Visit, found: Found, now: datetime) -> None:
        """Write down what a page of a listing showed, or that it could not be read."""
        judgment = visit.judgment
        if judgment.outcome is Outcome.CAPTURED:
            listed.record(uow, visit.target, found, now, self.pages)
        else:
            listed.record_unread(uow, visit.target, judgment.outcome, judgment.rule, now)

    def _digest(self, visit: Visit, wishes: frozenset[str]) -> str:
        """Keep the bytes, unless their page asks otherwise, and return their digest in any case."""
        assert visit.response is not None
        body = visit.response.body
        return digest_of(body) if NOARCHIVE in wishes else self.blobs.put(body)

    def _found(self, visit: Visit, wishes: frozenset[str]) -> Found:
        assert visit.response is not None
        if NOFOLLOW in wishes:
            return Found(warning=NOT_FOLLOWED)
        with self.ledger.reading() as uow:
            column = uow.sources.column(visit.target.column_id)
        base, known = visit.final_url or canonical(visit.target.url), column.profile if column else None
        return listed.within(listed.find(visit.target, visit.response, base, visit.started_at, known), visit.reach)

    def _after(self, visit: Visit, brought: Brought, now: datetime, planned: Next | None) -> dict[str, Any]:
        """Return the target's columns after the visit."""
        target, outcome = visit.target, visit.judgment.outcome
        failed = outcome in (Outcome.FAILED, Outcome.BLOCKED)
        was_gone = target.digest is None and target.last_outcome == Outcome.GONE
        changed = outcome is Outcome.CAPTURED or (outcome is Outcome.GONE and not was_gone)
        quiet = 0 if changed else target.quiet_visits + (0 if failed else 1)
        failures = target.failures + 1 if failed else 0
        history = History(TargetKind(target.kind), target.page, outcome, quiet, failures, visit.judgment.rule)
        after = next_visit(history, self.cadence, self.random.random(), planned)
        if target.moved_to_id is not None:
            after = Next(AWAY_SECONDS, MOVED_AWAY)
        values: dict[str, Any] = {
            "due_at": None if after.seconds is None else now + timedelta(seconds=after.seconds),
            "due_reason": after.reason,
            "fetch_count": target.fetch_count + 1,
            "quiet_visits": quiet,
            "failures": failures,
            "last_outcome": outcome,
            "last_rule": visit.judgment.rule,
            "last_fetch_at": visit.started_at,
        }
        if outcome is Outcome.CAPTURED:
            # A listing that showed nothing keeps no validators: it must be read again, not waved through as unchanged.
            useful = target.kind != TargetKind.LISTING or bool(brought.found.links or brought.found.call)
            values |= validators_of(visit.response if useful else None) | {"digest": brought.digest if useful else None}
        elif outcome is Outcome.GONE:
            values |= validators_of(None) | {"digest": None}
        return values


def _record_beside(uow: UnitOfWork, visit: Visit, brought: Brought, fetch: Mapping[str, Any], now: datetime) -> None:
    """Write down what goes with a fetch: what was said on the wire, what it cost, and whose wish it was."""
    if NOARCHIVE in brought.wishes and fetch["rung_at"] is not None and visit.response is not None:
        uow.fetches.hand_over(fetch["id"], visit.response.body)
    if visit.response is not None:
        uow.evidence.keep(spoken(fetch["id"], visit.response, trail_of(visit.target)))
    if visit.receipt is not None:
        visit.receipt.enter(uow, now)
    if visit.target.recrawl_id:
        uow.recrawls.finish_if_done(visit.target.recrawl_id, now)


def _wishes(visit: Visit) -> frozenset[str]:
    """Return what a captured page asks of robots."""
    assert visit.response is not None
    return wishes_of_page(visit.response.headers, visit.response.body, PRODUCT)


def _learn(uow: UnitOfWork, visit: Visit, brought: Brought, now: datetime) -> Next | None:
    """Learn from a visit to a column's first page; return when the timetable wants the next."""
    judgment, status = visit.judgment, visit.response.status if visit.response else None
    fetch = {"id": brought.fetch_id, "status": status, "rule": judgment.rule, "digest": brought.digest}
    column_id, links, due_at = visit.target.column_id, brought.found.links, visit.target.due_at
    assert brought.timetable is not None
    return learn(
        uow, Seen(column_id, judgment.outcome, judgment.rule, links, status, fetch, due_at), now, brought.timetable
    )


def _stands_aside(uow: UnitOfWork, visit: Visit, found: Found) -> bool:
    """Tell whether a listing's page, which was read or had not changed, leaves showing the list to its call."""
    target, outcome = visit.target, visit.judgment.outcome
    if target.method or target.page > 1 or found.links:
        return False
    return bool(found.call) or (outcome is Outcome.UNCHANGED and uow.calls.stand_in_for(target.id))
