"""Writing a visit down: bytes first, row second, bell last; a listing's links become targets with its row."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any

import structlog

from crawler.discover import Listing, read_listing
from crawler.discover.coverage import covered_from
from crawler.evidence import spoken
from crawler.judge import Judgment
from crawler.learn import Seen, learn
from crawler.pace import Pace
from crawler.politeness import PRODUCT
from crawler.robots import NOARCHIVE, NOFOLLOW, wishes_of_page
from crawler.schedule import Cadence, History, Next, Timetable, next_visit
from crawler.terms import Reach
from shared.blobs import Blobs, digest_of
from shared.db import Ledger, UnitOfWork
from shared.db.frontier import MOVED_AWAY, Link
from shared.db.models import Fetch, Target
from shared.db.sources import Covered
from shared.domain.states import OF_NOTICE, Outcome, TargetKind
from shared.errors import Invalid
from shared.http import Response
from shared.ids import new_id
from shared.queue import Bell
from shared.urls import canonical, host_of

log = structlog.get_logger()

CHINA = timezone(timedelta(hours=8))
ONE_LOOK_SECONDS = 3600.0
"""Pages of a listing that are read within this time of the first are one look: what is between them was not missed."""
AWAY_SECONDS = 30 * 86_400.0
"""Pause between two looks at an address that its notice has left: it may come back."""
NO_LINKS = "no links were found on the listing's page"
NOT_FOLLOWED = "the listing's page asks robots not to follow its links (nofollow), so none is"
MOST_HOSTS_TOLD = 5


@dataclass(frozen=True)
class Visit:
    """One visit to a target, judged: all that is to be written down."""

    target: Target
    judgment: Judgment
    started_at: datetime
    duration_seconds: float
    tls_verified: bool
    response: Response | None = None
    final_url: str | None = None
    error: str | None = None
    reach: Reach | None = None
    """Where its links may lead; None: anywhere."""


@dataclass(frozen=True)
class Found:
    """What a listing showed, ready to become targets."""

    family: str | None = None
    links: tuple[Link, ...] = ()
    next_page: Link | None = None
    warning: str | None = None


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
        captured = visit.judgment.outcome is Outcome.CAPTURED
        listing = visit.target.kind == TargetKind.LISTING
        wishes = _wishes(visit) if captured else frozenset()
        digest = self._digest(visit, wishes) if captured else None
        found = _found(visit, wishes) if captured and listing else Found()
        timetable = self._pace.timetable() if listing and visit.target.page == 1 else None
        with self.ledger.begin() as uow:
            now = uow.now()
            fetch = _fetch_row(visit, digest, now)
            fetch.asked_of_robots = ",".join(sorted(wishes)) or None
            if captured and listing:
                _record_listing(uow, visit, found, now, self.pages)
            planned = _learn(uow, visit, found, now, timetable) if timetable else None
            if not uow.frontier.settle(visit.target, self._after(visit, digest, found, now, planned)):
                log.warning("visit_discarded", target_id=visit.target.id, reason="its lease ended")
                return False
            uow.fetches.append(fetch)
            if NOARCHIVE in wishes and fetch.rung_at is not None and visit.response is not None:
                uow.fetches.hand_over(fetch.id, visit.response.body)
            if visit.response is not None:
                uow.evidence.keep(spoken(fetch, visit.response))
            if listing and visit.judgment.outcome is Outcome.UNCHANGED and visit.target.page == 1:
                uow.sources.record_look(visit.target.column_id, now)
            if visit.target.recrawl_id:
                uow.recrawls.finish_if_done(visit.target.recrawl_id, now)
            uow.commit()
        if fetch.rung_at is not None:
            self.bell.ring(fetch.id)
        log.info(
            "target_visited",
            target_id=visit.target.id,
            url=visit.target.url,
            fetch_id=fetch.id,
            outcome=str(visit.judgment.outcome),
            rule=visit.judgment.rule,
            status=fetch.status,
        )
        return True

    def _digest(self, visit: Visit, wishes: frozenset[str]) -> str:
        """Keep the bytes, unless their page asks otherwise, and return their digest in any case."""
        assert visit.response is not None
        body = visit.response.body
        return digest_of(body) if NOARCHIVE in wishes else self.blobs.put(body)

    def _after(
        self, visit: Visit, digest: str | None, found: Found, now: datetime, planned: Next | None
    ) -> dict[str, Any]:
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
            useful = target.kind != TargetKind.LISTING or bool(found.links)
            values |= _validators(visit.response if useful else None) | {"digest": digest if useful else None}
        elif outcome is Outcome.GONE:
            values |= _validators(None) | {"digest": None}
        return values


def _validators(response: Response | None) -> dict[str, str | None]:
    """Return the validators to send back verbatim next time (RFC 9110, 8.8)."""
    headers = response.headers if response else {}
    return {"etag": _printable(headers.get("etag")), "last_modified": _printable(headers.get("last-modified"))}


def _printable(value: str | None) -> str | None:
    """Return a header's value, or None if it holds control characters: the ledger takes no NUL, nor may we send one."""
    return value if value is not None and value.isprintable() else None


def _fetch_row(visit: Visit, digest: str | None, now: datetime) -> Fetch:
    outcome, response, target = visit.judgment.outcome, visit.response, visit.target
    return Fetch(
        id=new_id("fet"),
        target_id=target.id,
        number=target.fetch_count + 1,
        url=target.url,
        final_url=visit.final_url,
        moved_for_good=target.hop_permanent if target.hop_url else None,
        outcome=outcome,
        rule=visit.judgment.rule,
        status=response.status if response else None,
        content_type=_printable(response.headers.get("content-type")) if response else None,
        digest=digest,
        size=len(response.body) if response else None,
        tls_verified=visit.tls_verified,
        error=visit.error,
        recrawl_id=target.recrawl_id,
        started_at=visit.started_at,
        duration_seconds=visit.duration_seconds,
        rung_at=now if _for_worker(target, outcome) else None,
    )


def _for_worker(target: Target, outcome: Outcome) -> bool:
    if target.kind in OF_NOTICE:
        # Its notice waits for the first visit, whatever that brings; later ones tell something only by a text.
        return outcome is Outcome.CAPTURED or target.fetch_count == 0
    return target.kind == TargetKind.DETAIL and outcome in (Outcome.CAPTURED, Outcome.GONE)


def _wishes(visit: Visit) -> frozenset[str]:
    """Return what a captured page asks of robots."""
    assert visit.response is not None
    return wishes_of_page(visit.response.headers, visit.response.body, PRODUCT)


def _found(visit: Visit, wishes: frozenset[str]) -> Found:
    """Read a captured listing: its links, its next page, and what is odd about it."""
    assert visit.response is not None
    if NOFOLLOW in wishes:
        return Found(warning=NOT_FOLLOWED)
    base = visit.final_url or visit.target.url
    today = visit.started_at.astimezone(CHINA).date()  # what a date without its year is counted from
    listing = read_listing(visit.response.body, base, visit.response.headers.get("content-type"), today=today)
    links = {link.url: link for item in listing.items if (link := _link(item.url, item.title, item.date))}
    links.pop(visit.target.url, None)
    beyond = [link for link in links.values() if not _within(visit.reach, link)]
    next_page = _link(listing.next[0], None, None) if listing.next else None
    return Found(
        family=listing.family,
        links=tuple(link for link in links.values() if link not in beyond),
        next_page=next_page if next_page and _within(visit.reach, next_page) else None,
        warning="; ".join(filter(None, [_warning(listing), _told_of(beyond)])) or None,
    )


def _within(reach: Reach | None, link: Link) -> bool:
    return reach is None or reach.covers(link.host)


def _told_of(beyond: list[Link]) -> str | None:
    """Say which links are not followed, for an operator to allow their hosts."""
    hosts = sorted({link.host for link in beyond})
    if not hosts:
        return None
    named = ", ".join(hosts[:MOST_HOSTS_TOLD]) + (" …" if len(hosts) > MOST_HOSTS_TOLD else "")
    return f"{len(beyond)} links lead to hosts that are none of the source's and are not followed: {named}"


def _warning(listing: Listing) -> str | None:
    if listing.warnings:
        return "; ".join(listing.warnings)
    return None if listing.items else NO_LINKS


def _link(url: str, title: str | None, day: date | None) -> Link | None:
    try:
        address = canonical(url)
        return Link(address, host_of(address), title, day.isoformat() if day else None)
    except Invalid:
        return None


def _learn(uow: UnitOfWork, visit: Visit, found: Found, now: datetime, timetable: Timetable) -> Next | None:
    """Learn from a visit to a column's first page; return when the timetable wants the next."""
    failed = visit.judgment.outcome in (Outcome.FAILED, Outcome.BLOCKED)
    failures = visit.target.failures + 1 if failed else 0
    seen = Seen(visit.target.column_id, visit.judgment.outcome, visit.judgment.rule, failures, found.links)
    return learn(uow, seen, now, timetable)


def _record_listing(uow: UnitOfWork, visit: Visit, found: Found, now: datetime, pages: int) -> None:
    """Turn a listing's links into targets; the next page is promised while this one shows something new."""
    target = visit.target
    scope = {"source_id": target.source_id, "column_id": target.column_id}
    new = uow.frontier.add_details(**scope, links=found.links, now=now)
    reached = Covered(covered_from([link.date for link in found.links]), to_end=found.next_page is None)
    if target.page > 1:
        one_look = now - timedelta(seconds=ONE_LOOK_SECONDS)
        uow.sources.record_further_page(target.column_id, target.page, reached, after=one_look)
        uow.sightings.add(target.column_id, [link.url for link in found.links], now)
    if target.page == 1 and found.links:
        uow.sources.record_listing(target.column_id, found.family, found.warning, now, covered=reached)
    elif target.page == 1:
        # It was not read: were it taken for a listing, every notice would count as no longer listed.
        uow.sources.record_look(target.column_id, now, found.warning or NO_LINKS)
    if new and found.next_page and target.page < pages and found.next_page.url != target.url:
        uow.frontier.add_listing(**scope, link=found.next_page, page=target.page + 1, now=now)
