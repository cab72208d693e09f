"""Watching columns: a source and its column are added by the column's URL alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.terms import NO_WISHES, Terms, Wishes, terms_for
from services.desk.addresses import admissible
from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Column, Source
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.urls import canonical, host_of


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


def watch(ledger: Ledger, wish: Watch) -> tuple[Source, Column, bool]:
    """Watch the column at `wish.url`; return its source, the column, and whether it is new.

    The source is its host's; it is made with its first column. Raises `Invalid` for a URL that cannot be a listing
    and for a wrong allow-list, host or time.
    """
    url = canonical(wish.url)
    if wish.delay_seconds is not None and not 0 <= wish.delay_seconds <= 86_400:
        raise Invalid(f"the delay is {wish.delay_seconds} seconds; it must be between 0 and 86400")
    hosts = [name if name == "*" else host_of(f"http://{name.strip()}/") for name in wish.hosts]
    terms_for(Terms(), wish.wishes)
    with ledger.begin() as uow:
        now = uow.now()
        host = host_of(url)
        source = uow.sources.add({"id": new_id("src"), "name": wish.name or host, "host": host, "created_at": now})
        source.allow = sorted({*(source.allow or []), *wish.allow})
        if hosts:
            source.hosts = sorted({*(source.hosts or []), *hosts})
        for name, value in _told(wish.wishes).items():
            setattr(source, name, value)
        admissible(url, source.allow)
        if wish.verify_tls is not None:
            source.verify_tls = wish.verify_tls
        if wish.delay_seconds is not None:
            source.delay_seconds = wish.delay_seconds
        values = {"id": new_id("col"), "source_id": source.id, "url": url, "name": wish.name, "created_at": now}
        column, new = uow.sources.add_column(values)
        if new:
            uow.frontier.add_listing(source_id=source.id, column_id=column.id, link=Link(url, host), page=1, now=now)
        uow.commit()
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
        uow.commit()
    return source


def forget(ledger: Ledger, name: str) -> Source:
    """Remove a source with its columns, targets and notices; events that were recorded stay. Raises `NotFound`."""
    source = find_source(ledger, name)
    with ledger.begin() as uow:
        uow.sources.remove(source.id)
        uow.commit()
    return source
