"""The story of a URL: everything the ledger knows of it, gathered into one record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.manners import wishes_of
from crawler.politeness import PRODUCT
from crawler.robots import Allowed, Disallowed, Policy, crawl_delay, remarks, verdict
from crawler.robots_visits import copy_of
from crawler.terms import Terms, day_of, quiet_seconds, terms_for
from services.cli.records import (
    COLUMN,
    DAY,
    DELIVERY,
    EVENT,
    FETCH,
    HOST,
    NOTICE,
    RECRAWL,
    REVISION,
    SOURCE,
    TARGET,
    moment,
    record,
)
from shared.db.shared_turns import SharedHosts
from shared.errors import Invalid, NotFound
from shared.ids import kind_of
from shared.urls import host_of, listing_url, origin_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.db import Ledger, UnitOfWork
    from shared.db.models import Column, Notice, Target

NEWEST = 20
RELATED = ("id", "url", "title", "signed_on")


@dataclass(frozen=True)
class Usual:
    """What the settings say of every host that an operator said nothing of."""

    terms: Terms = field(default_factory=Terms)
    robots: Policy = field(default_factory=Policy)
    shared: SharedHosts = field(default_factory=SharedHosts)


def story_of(ledger: Ledger, name: str, usual: Usual | None = None) -> dict[str, Any]:
    """Return what is known of a URL (or of the URL that an id stands for); raises `NotFound` if that is nothing.

    The keys are always the same; what is not known is None or empty. Lists of fetches and events begin with the newest.
    """
    usual = usual or Usual()
    with ledger.reading() as uow:
        url = _url_of(uow, name)
        target = uow.frontier.by_url(url)
        column = uow.sources.column(target.column_id) if target else uow.sources.column_by_url(url)
        source = uow.sources.by_id(column.source_id) if column else uow.sources.by_host(host_of(url))
        notice = uow.notices.by_url(url)
        host = uow.hosts.by_name(host_of(url))
        story: dict[str, Any] = {
            "url": url,
            "now": moment(uow.now()),
            "source": _maybe(source, SOURCE),
            "column": _maybe(column, COLUMN),
            "target": _maybe(target, TARGET),
            "part_of": _first_of(uow, target),
            "recrawl": _maybe(uow.recrawls.by_id(target.recrawl_id or "") if target else None, RECRAWL),
            "robots": _robots(uow, url, usual.robots),
            "host": _maybe(host, HOST),
            "budget": _budget(uow, url, usual),
            **_past(uow, target, notice),
            **_reading(uow, notice),
            "learned": [line._asdict() for line in uow.learned.lines(source.id)] if source else [],
        }
    if not any(story[key] for key in ("source", "host", "robots")):
        raise NotFound(f"nothing is known of {url}, nor of its host; watch its column with: noticewire source add URL")
    return story


def _url_of(uow: UnitOfWork, name: str) -> str:
    """Return the canonical URL that is meant."""
    kind = kind_of(name)
    if kind is None:
        return listing_url(name)
    found: Notice | Column | Target | None
    match kind:
        case "notice":
            found = uow.notices.by_id(name)
        case "column":
            found = uow.sources.column(name)
        case "target":
            found = uow.frontier.by_id(name)
        case "fetch":
            with_target = uow.fetches.with_target(name)
            found = with_target[1] if with_target else None
        case _:
            raise Invalid(f"{name} is the id of a {kind}, which has no URL of its own")
    if found is None:
        raise NotFound(f"no {kind} {name}")
    return found.url


def _reading(uow: UnitOfWork, notice: Notice | None) -> dict[str, Any]:
    """Return how the newest revision was read, and what it follows and repeats, or is followed and repeated by."""
    latest = uow.notices.latest_revision(notice.id) if notice else None
    document = latest.document if latest else {}
    page = document.get("page") or {}
    removed = document.get("removed") or []
    earlier = uow.notices.by_id(notice.follows_id or "") if notice else None
    followers = uow.notices.followers(notice.id) if notice else ()
    original = uow.notices.by_id(notice.republishes_id or "") if notice else None
    again = uow.sketches.republications(notice.id) if notice else ()
    how = {"page_status": page.get("status"), "page_rule": page.get("rule")}
    how |= {name: document.get(name) for name in ("container", "encoding", "kind", "published_at", "published_at_from")}
    how["cut_by_rule"] = dict(Counter(cut["rule"] for cut in removed))
    how["cut_as_learned"] = [cut["text"] for cut in removed if cut["rule"] == "learned"]
    return {
        "document": how if latest else None,
        "follows": _maybe(earlier, RELATED),
        "followed_by": [record(one, RELATED) for one in followers],
        "republishes": _maybe(original, RELATED),
        "republished_by": [record(one, RELATED) for one in again],
    }


def _maybe(row: object | None, fields: Sequence[str]) -> dict[str, Any] | None:
    return record(row, fields) if row is not None else None


def _first_of(uow: UnitOfWork, target: Target | None) -> str | None:
    """Return the URL of the notice that a further page belongs to."""
    first = uow.frontier.by_id(target.parent_id) if target and target.parent_id else None
    return first.url if first else None


def _budget(uow: UnitOfWork, url: str, usual: Usual) -> dict[str, Any]:
    """Return on what terms the URL's host is asked, and what was asked of it today."""
    own = uow.sources.by_host(host_of(url))
    terms = terms_for(usual.terms, wishes_of(own)) if own else usual.terms
    now = uow.now()
    today = day_of(terms, now)
    counted = uow.hosts.day(usual.shared.turn_of(host_of(url)), today)
    return {
        "day": today.isoformat(),
        "time_zone": terms.zone,
        "requests": counted.requests if counted else 0,
        "bytes": counted.bytes if counted else 0,
        "daily_requests": terms.requests,
        "daily_bytes": terms.bytes,
        "quiet_seconds": round(quiet_seconds(terms, now)),
    }


def _robots(uow: UnitOfWork, url: str, policy: Policy) -> dict[str, Any] | None:
    """Return the verdict of the stored robots file of the URL's origin, if there is one."""
    row = uow.hosts.robots(origin_of(url))
    if row is None:
        return None
    copy = copy_of(row)
    word = verdict(copy, PRODUCT, url, uow.now(), policy)
    words = {Allowed: "allowed", Disallowed: "disallowed"}
    return {
        "verdict": words.get(type(word), "to be fetched again"),
        "rule": word.rule if isinstance(word, Allowed | Disallowed) else word.reason,
        "origin": row.origin,
        "status": row.status,
        "fetched_at": moment(row.fetched_at),
        "failed_at": moment(row.failed_at),
        "error": row.error,
        "crawl_delay_seconds": crawl_delay(copy, PRODUCT),
        "remarks": list(remarks(copy, PRODUCT, policy)),
    }


def _past(uow: UnitOfWork, target: Target | None, notice: Notice | None) -> dict[str, Any]:
    """Return what happened so far: visits, revisions, days to tell of, events and their deliveries."""
    fetches = uow.fetches.of_target(target.id, NEWEST) if target else ()
    revisions = uow.notices.revisions(notice.id) if notice else ()
    events = uow.events.of_subject(notice.id, NEWEST) if notice else ()
    return {
        "fetches": [record(one, FETCH) for one in fetches],
        "notice": _maybe(notice, NOTICE),
        "revisions": [record(one, REVISION) for one in revisions],
        "days": [record(one, DAY) for one in uow.agenda.of_notice(notice.id, NEWEST)] if notice else [],
        "events": [record(one, EVENT) for one in events],
        "deliveries": [record(one, DELIVERY) for one in uow.deliveries.of_events([one.id for one in events], NEWEST)],
    }
