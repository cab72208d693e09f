"""Watching columns: a source and its column are added by the column's URL alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.manners import Site
from crawler.terms import NO_WISHES, Reach, Terms, Wishes, terms_for
from services.desk.addresses import admissible
from services.desk.audit import note
from shared.db import Ledger, UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Column, Source
from shared.errors import Invalid, NotFound
from shared.http import AllowList
from shared.ids import new_id
from shared.urls import host_of, listing_url


@dataclass(frozen=True)
class Found:
    """What a look at a column's listing brought before it was watched."""

    family: str | None
    warning: str | None
    profile: dict[str, Any] | None = None


@dataclass(frozen=True)
class Watch:
    """What is to be watched, and what the operator says of its source; None leaves it as it is."""

    url: str
    name: str | None = None
    delay_seconds: float | None = None
    allow: Sequence[str] = ()
    verify_tls: bool | None = None
    hosts: Sequence[str] = ()
    """Beside its own site: where its links and redirects may lead, `*` for anywhere."""
    wishes: Wishes = NO_WISHES
    """Budget and quiet hours of its host."""
    found: Found | None = None
    source_name: str | None = None
    profile: dict[str, Any] | None = None
    unverified: dict[str, Any] | None = None
    """Why nobody knows that a new column answers; nothing of one that is watched already."""
    paused: bool = False
    """Whether the source is not to be crawled yet."""


def admitted(ledger: Ledger, wish: Watch) -> tuple[str, Site]:
    """Return the canonical URL of `wish` and how its site is to be asked, with what is known of its source.

    Raises `Invalid` as `watch` does; nothing is written.
    """
    url, host, hosts = check(wish)
    with ledger.reading() as uow:
        source = uow.sources.by_host(host)
    allow = sorted({*(source.allow if source else ()), *wish.allow})
    admissible(url, allow)
    delay, verify = wish.delay_seconds, wish.verify_tls
    if source is not None:
        delay = source.delay_seconds if delay is None else delay
        verify = source.verify_tls if verify is None else verify
        hosts = [*(source.hosts or ()), *hosts]
    return url, Site(delay, AllowList.parse(allow), verify is not False, Reach(host, hosts), wish.wishes)


def check(wish: Watch) -> tuple[str, str, list[str]]:
    """Return the canonical URL of `wish`, its host, and other hosts that its links may lead to; or raise `Invalid`."""
    url = listing_url(wish.url)
    if wish.delay_seconds is not None and not 0 <= wish.delay_seconds <= 86_400:
        raise Invalid(f"the delay is {wish.delay_seconds} seconds; it must be between 0 and 86400")
    hosts = [name if name == "*" else host_of(f"http://{name.strip()}/") for name in wish.hosts]
    terms_for(Terms(), wish.wishes)
    return url, host_of(url), hosts


def watch(ledger: Ledger, wish: Watch) -> tuple[Source, Column, bool]:
    """Watch the column at `wish.url`; return its source, the column, and whether it is new.

    The source is its host's; it is made with its first column. Raises `Invalid` for a URL that cannot be a listing
    and for a wrong allow-list, host or time.
    """
    with ledger.begin() as uow:
        source, column, new = add(uow, wish)
        note(uow, "source.added", source.id, column=column.id, url=column.url, new=new)
        uow.commit()
    return source, column, new


def add(uow: UnitOfWork, wish: Watch) -> tuple[Source, Column, bool]:
    """Do what `watch` does; the caller commits."""
    url, host, hosts = check(wish)
    now = uow.now()
    source = uow.sources.add(
        {"id": new_id("src"), "name": wish.source_name or wish.name or host, "host": host, "created_at": now}
    )
    source.allow = sorted({*(source.allow or []), *wish.allow})
    admissible(url, source.allow)
    if hosts:
        source.hosts = sorted({*(source.hosts or []), *hosts})
    for name, value in _told(wish.wishes).items():
        setattr(source, name, value)
    if wish.verify_tls is not None:
        source.verify_tls = wish.verify_tls
    if wish.delay_seconds is not None:
        source.delay_seconds = wish.delay_seconds
    if wish.paused and source.paused_at is None:
        source.paused_at = now
    values = {"id": new_id("col"), "source_id": source.id, "url": url, "name": wish.name, "created_at": now}
    column, new = uow.sources.add_column(values)
    if new:
        _furnish(column, wish)
        uow.frontier.add_listing(source_id=source.id, column_id=column.id, link=Link(url, host), page=1, now=now)
    if wish.profile is not None:
        column.profile = wish.profile
    return source, column, new


def _told(wishes: Wishes) -> dict[str, object]:
    """Return the columns that the operator said something about."""
    columns = {
        "daily_requests": wishes.requests,
        "daily_bytes": wishes.bytes,
        "quiet_hours": wishes.quiet_hours,
        "time_zone": wishes.zone,
    }
    return {name: value for name, value in columns.items() if value is not None}


def _furnish(column: Column, wish: Watch) -> None:
    """Tell of a new column what is known of it already."""
    column.unverified = wish.unverified
    if wish.found is not None:
        column.family, column.warning, column.profile = wish.found.family, wish.found.warning, wish.found.profile


def find_source(ledger: Ledger, name: str) -> Source:
    """Return the source by its id, its host, or the URL of one of its pages; raises `NotFound`."""
    with ledger.reading() as uow:
        found = uow.sources.by_id(name) or uow.sources.by_host(name.lower())
        if found is None and "://" in name:
            found = uow.sources.by_host(host_of(name))
    if found is None:
        raise NotFound(f"no source {name!r}; list them with: noticewire source list")
    return found


def pause(ledger: Ledger, name: str) -> Source:
    """Stop claiming targets of a source; requests under way end as usual. Raises `NotFound`."""
    return _set_paused(ledger, name, paused=True)


def resume(ledger: Ledger, name: str) -> Source:
    """Claim targets of a source again; raises `NotFound`."""
    return _set_paused(ledger, name, paused=False)


def _set_paused(ledger: Ledger, name: str, *, paused: bool) -> Source:
    source = find_source(ledger, name)
    with ledger.begin() as uow:
        source.paused_at = uow.now() if paused else None
        uow.sources.set_paused(source.id, source.paused_at)
        note(uow, "source.paused" if paused else "source.resumed", source.id)
        uow.commit()
    return source


def forget(ledger: Ledger, name: str) -> Source:
    """Remove a source with its columns, targets and notices; events that were recorded stay. Raises `NotFound`."""
    source = find_source(ledger, name)
    with ledger.begin() as uow:
        uow.sources.remove(source.id)
        note(uow, "source.removed", source.id, name=source.name, host=source.host)
        uow.commit()
    return source
