"""A listing that was brought: what it shows, and how its links, its next page and its call become targets.

A call is another request by which a page's list must be asked for (`crawler.discover.Call`). It is a target of its own
that names the page as its parent: the page stays the column's identity and is looked at now and then, for it may name
another call; the call keeps the column's pace.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from crawler.discover import Call, Listing, Profile, read_listing
from crawler.discover.calls import page_of
from crawler.discover.coverage import covered_from
from crawler.latest import owners_of
from crawler.terms import Reach
from shared.db import UnitOfWork
from shared.db.calls import CALL_FAILS
from shared.db.claims import Claimed
from shared.db.frontier import SEEKING, Link
from shared.db.sources import Covered
from shared.domain.states import Outcome
from shared.domain.zones import CHINA
from shared.errors import Invalid
from shared.http import Response
from shared.urls import canonical, fragment_of, host_of

NOT_FOLLOWED = "the listing's page asks robots not to follow its links (nofollow), so none is"
MOST_HOSTS_TOLD = 5
ONE_LOOK_SECONDS = 3600.0
"""Pages of a listing that are read within this time of the first are one look: what is between them was not missed."""
NO_LINKS = "no links were found on the listing's page"
MOST_BODY = 8192
"""Characters that a call may send; the longest seen in the wild are a few hundred."""
_LATER = re.compile(r"\bstartrecord=(?!1\b)\d")
DOUBT = timedelta(hours=1)
"""A page is looked at again because of its call at most this often."""


@dataclass(frozen=True)
class Found:
    """What a listing showed, ready to become targets."""

    family: str | None = None
    links: tuple[Link, ...] = ()
    following: Link | None = None
    """The next page, by whichever request."""
    call: Link | None = None
    """The call by which the page's list must be asked for instead."""
    warning: str | None = None
    shown: tuple[tuple[date | None, bool], ...] = ()
    """The date of each item, and whether it is pinned, in the listing's order."""
    profile: dict[str, Any] | None = None
    """How it was read, where that was detected anew and is to be kept."""


def call_of(target: Claimed) -> Call | None:
    """Return the call that a target is, if it is one."""
    return Call(target.method, canonical(target.url), target.body) if target.method else None


def find(target: Claimed, response: Response, base: str, at: datetime, known: Mapping[str, Any] | None = None) -> Found:
    """Read the listing that `response` brought from `base` (its final URL) at `at`.

    What is `known` of how to read the column is believed as long as it yields anything.
    """
    call = call_of(target)
    if target.due_reason == CALL_FAILS:
        known = None
    read = partial(
        read_listing,
        response.body,
        base + (fragment_of(target.url) if call is None else ""),
        response.headers.get("content-type"),
        call=call,
        today=at.astimezone(CHINA).date(),  # what a date without its year is counted from
    )
    listing = read(profile=_profile(target, known))
    drifted = bool(known) and not (listing.items or listing.requests)
    if drifted:
        listing = read()
    shown = tuple((item.date, item.pinned) for item in listing.items)
    found = replace(_found(target, listing, base), shown=shown)
    if call is None and target.page == 1 and (drifted or not known) and (found.links or found.call):
        return replace(found, profile=kept(listing))
    return found


def kept(listing: Listing) -> dict[str, Any]:
    """Return of how a listing was read what is to be kept with its column.

    Not the pattern of its links: it is that of today's, and the month in tomorrow's is another.
    """
    return replace(Profile.of(listing), link_pattern=None).as_json()


def _profile(target: Claimed, known: Mapping[str, Any] | None) -> Profile | None:
    """Return a stored profile; None for one that this release does not understand: it is detected anew."""
    try:
        profile = Profile.from_json(known) if known else None
    except Invalid:
        return None
    # What follows a later page, or the answer to a call, is for that to tell.
    first = target.page == 1 and target.method is None
    return profile if profile is None or first else replace(profile, calls=())


def stands_in(listing: Listing) -> bool:
    """Tell whether a page's list is behind the call that it names; else the call, if any, goes on where the page ends.

    Beside an empty list a page may well show another, of what is new elsewhere.
    """
    if not listing.requests:
        return False
    call = listing.requests[0]
    asks_later = (page_of(call) or 1) > 1 or _LATER.search(f"{call.url}&{call.body}") is not None
    return not listing.items or not (asks_later or urlsplit(call.url).path.endswith(".json"))


def _found(target: Claimed, listing: Listing, base: str) -> Found:
    links = {link.url: link for item in listing.items if (link := _link(item.url, item.title, item.date))}
    links.pop(canonical(target.url), None)
    asked = allowed(listing.requests[0], base) if listing.requests else None
    warning = _warning(listing, asked, base)
    if target.method is None and asked and stands_in(listing):
        return Found(listing.family, (), None, asked, warning)
    page = _link(listing.next[0], None, None) if listing.next else None
    following = asked or page if target.method else page or asked
    return Found(listing.family, tuple(links.values()), following, None, warning)


def allowed(call: Call, base: str) -> Link | None:
    """Return the call as a link if it may be made: at the host of `base`, and with a body of bounded length."""
    link = _link(call.url, None, None)
    if link is None or link.host != host_of(base) or call.method not in ("GET", "POST"):
        return None
    body = call.body if call.method == "POST" else None
    return Link(link.url, link.host, method=call.method, body=body) if len(body or "") <= MOST_BODY else None


def _warning(listing: Listing, asked: Link | None, base: str) -> str | None:
    if listing.requests and asked is None:
        call = listing.requests[0]
        return f"a call that would bring its list is not made, for it is not at {host_of(base)}: {call.url[:200]}"
    if asked and stands_in(listing):
        return None
    if listing.warnings:
        return "; ".join(listing.warnings)
    return None if listing.items else NO_LINKS


def within(found: Found, reach: Reach | None) -> Found:
    """Return `found` without what leads to hosts that are none of the source's, and with a warning that names them."""
    if reach is None:
        return found
    beyond = [link for link in found.links if not reach.covers(link.host)]
    following = found.following if found.following and reach.covers(found.following.host) else None
    links = tuple(link for link in found.links if link not in beyond)
    warning = "; ".join(filter(None, [found.warning, _told_of(beyond)])) or None
    return replace(found, links=links, following=following, warning=warning)


def _told_of(beyond: list[Link]) -> str | None:
    """Say which links are not followed, for an operator to allow their hosts."""
    hosts = sorted({link.host for link in beyond})
    if not hosts:
        return None
    named = ", ".join(hosts[:MOST_HOSTS_TOLD]) + (" …" if len(hosts) > MOST_HOSTS_TOLD else "")
    return f"{len(beyond)} links lead to hosts that are none of the source's and are not followed: {named}"


def _link(url: str, title: str | None, day: date | None) -> Link | None:
    try:
        address = canonical(url)
        return Link(address, host_of(address), title, day.isoformat() if day else None)
    except Invalid:
        return None


def record(uow: UnitOfWork, target: Claimed, found: Found, now: datetime, pages: int) -> None:
    """Turn a listing's links into targets; the next page is promised while this one shows something new.

    Or while the notice is sought that is gone from beyond what was read, and may have a line there all the same.
    """
    scope = {"source_id": target.source_id, "column_id": target.column_id}
    owners = owners_of(uow, target.column_id, found.links)
    new = uow.frontier.add_details(**scope, links=found.links, now=now, owners=owners)
    reached = Covered(covered_from([link.date for link in found.links]), to_end=found.following is None)
    if target.page == 1:
        _record_first(uow, target, found, now, reached)
    else:
        one_look = now - timedelta(seconds=ONE_LOOK_SECONDS)
        uow.sources.record_further_page(target.column_id, target.page, reached, after=one_look)
        uow.sightings.add(target.column_id, [link.url for link in found.links], now)
    following = found.following
    seeking = target.due_reason == SEEKING
    if (new or seeking) and following and target.page < pages and following.key != target.url:
        parent = (target.parent_id or target.id) if following.method else None
        why = {"reason": SEEKING} if seeking else {}
        uow.frontier.add_listing(**scope, link=following, page=target.page + 1, now=now, parent_id=parent, **why)


def _record_first(uow: UnitOfWork, target: Claimed, found: Found, now: datetime, reached: Covered) -> None:
    if found.profile is not None:
        uow.sources.record_profile(target.column_id, found.profile)
    if found.call:
        # How the column reads is the call's to tell.
        uow.calls.name(target, found.call, now)
        return
    if found.links:
        uow.sources.record_listing(target.column_id, found.family, found.warning, now, covered=reached)
        if target.method is None:
            uow.calls.drop(target.id)
        return
    # It was not read: were it taken for a listing, every notice would count as no longer listed.
    warning = found.warning or NO_LINKS
    if target.method is None:
        uow.sources.record_look(target.column_id, now, warning)
    else:
        doubt(uow, target, f"brought no links ({warning})", now)


def record_unread(uow: UnitOfWork, target: Claimed, outcome: Outcome, rule: str, now: datetime) -> None:
    """Note what it means for the column that a listing's first page was not read anew."""
    if target.page > 1:
        return
    if outcome is Outcome.UNCHANGED:
        if target.method or not uow.calls.stand_in_for(target.id):
            uow.sources.record_look(target.column_id, now)
    elif target.method:
        doubt(uow, target, f"failed ({rule})", now)


def doubt(uow: UnitOfWork, target: Claimed, what: str, now: datetime) -> None:
    """Say of a column that its call does not bring its list, and look whether the page names another by now."""
    called = f"{target.method} {canonical(target.url)[:200]}"
    uow.sources.record_look(target.column_id, now, f"the call that brings its list {what}: {called}")
    if target.parent_id:
        uow.calls.doubt(target.parent_id, now - DOUBT, now)
