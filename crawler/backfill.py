"""Writing down a page of a backfill: its notices become targets, and the walker goes on to the next page or ends.

A backfill is a row; its walker is a target that asks for one page after the other, and whose URL is that of the page it
asks for next (with a fragment, so that it never is the page's own target). Whatever happens between two pages, the walk
goes on from there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import structlog

from crawler import walk
from crawler.listed import Found
from shared.db import UnitOfWork
from shared.db.backfills import walker_key
from shared.db.claims import Claimed
from shared.db.frontier import Link
from shared.db.models import Backfill
from shared.domain.states import Outcome

log = structlog.get_logger()

MOST_FAILURES = 8
"""Visits in a row that failed, each after a longer pause, after which a walk is given up."""


def record_page(
    uow: UnitOfWork, target: Claimed, outcome: Outcome, found: Found, after: Mapping[str, Any]
) -> dict[str, Any]:
    """Write down what a visit of a walker brought; return its columns, from those that any target has `after` it."""
    backfill = uow.backfills.by_id(target.backfill_id or "")
    now = uow.now()
    if backfill is None or backfill.finished_at is not None:
        return {**after, "due_at": None, "due_reason": "its backfill has ended"}
    if outcome is Outcome.CAPTURED and found.call and target.method is None:
        # The page only names the call that brings its list; the call's answer is the first page.
        return {**after, **_next(backfill, found.call, target.page, now)}
    if outcome is Outcome.CAPTURED:
        return {**after, **_read(uow, backfill, target, found, now)}
    if outcome is Outcome.GONE:
        return {**after, **_end(uow, backfill, walk.GONE if target.page > 1 else "the listing is gone", now)}
    if int(after["failures"]) >= MOST_FAILURES:
        return {**after, **_end(uow, backfill, walk.FAILED, now)}
    return dict(after)


def _read(uow: UnitOfWork, backfill: Backfill, target: Claimed, found: Found, now: datetime) -> dict[str, Any]:
    since = date.fromisoformat(backfill.since) if backfill.since else None
    links = tuple(link for link in found.links if not (backfill.since and link.date and link.date < backfill.since))
    new = uow.frontier.add_details(
        source_id=target.source_id, column_id=target.column_id, links=links, now=now, backfill_id=backfill.id
    )
    mark = walk.mark_of([link.url for link in found.links])
    following = found.following if found.following and found.following.host == target.host else None
    progress = walk.Walk(backfill.pages_read, backfill.pages, since, backfill.seen)
    ended = walk.ended_by(progress, found.shown, mark, goes_on=following is not None)
    days = walk.unpinned(found.shown)
    reached = min([*filter(None, [backfill.reached]), *(day.isoformat() for day in days[-1:])], default=None)
    uow.backfills.advance(backfill, mark, new=len(new), reached=reached)
    if ended is not None or following is None:
        return _end(uow, backfill, ended or walk.END, now)
    return _next(backfill, following, target.page + 1, now)


def _next(backfill: Backfill, link: Link, page: int, now: datetime) -> dict[str, Any]:
    """Return the walker's columns when it asks for `link` next."""
    return {
        "url": walker_key(link.url, backfill.id),
        "method": link.method,
        "body": link.body,
        "page": page,
        "due_at": now,
        "due_reason": "the next page of a backfill",
        **_FORGETFUL,
    }


# A walker's pages are each another's, and none is ever asked for conditionally.
_FORGETFUL = {"digest": None, "etag": None, "last_modified": None, "quiet_visits": 0}


def _end(uow: UnitOfWork, backfill: Backfill, rule: str, now: datetime) -> dict[str, Any]:
    uow.backfills.end(backfill.id, rule, now)
    log.info("backfill_ended", backfill_id=backfill.id, rule=rule, pages=backfill.pages_read)
    return {"due_at": None, "due_reason": f"its backfill has ended: {rule}"[:60], **_FORGETFUL}
