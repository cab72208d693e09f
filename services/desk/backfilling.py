"""Backfills: a person's wish that a column's older pages be read, within bounds; politeness still applies."""

from dataclasses import dataclass
from datetime import date

from services.desk.audit import note
from shared.db import Ledger, UnitOfWork
from shared.db.models import Backfill, Column
from shared.errors import Invalid, NotFound
from shared.ids import kind_of, new_id
from shared.settings import Settings
from shared.urls import listing_url, origin_of


@dataclass(frozen=True)
class Bounds:
    """How far a backfill is to go: at most so many pages, or to a day; without either as far as may be."""

    pages: int | None = None
    since: str | None = None


@dataclass(frozen=True)
class Estimate:
    """What a backfill's pages will take at most, at the host's pause; what they show comes on top."""

    pages: int
    pause_seconds: float

    @property
    def seconds(self) -> float:
        """Of all pages together."""
        return self.pages * self.pause_seconds

    def __str__(self) -> str:
        """Say it as people do."""
        minutes = self.seconds / 60
        long = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
        whole = f"{self.seconds:.0f} s" if minutes < 2 else long
        return f"at most {self.pages} pages × {self.pause_seconds:g} s = {whole}"


def backfill(ledger: Ledger, settings: Settings, column: str, bounds: Bounds, *, by: str) -> tuple[Backfill, bool]:
    """Walk through the older pages of a column, named by its id or URL; return the backfill and whether it is new.

    While one of the same column is open, that one is returned, so that pressing twice does no harm. Raises `NotFound`
    for an unknown column and `Invalid` for bounds that are none.
    """
    pages = _pages(settings, bounds)
    since = _day(bounds.since)
    with ledger.begin() as uow:
        found, now = column_of(uow, column), uow.now()
        row = {"id": new_id("bfl"), "column_id": found.id, "pages": pages, "since": since}
        made, new = uow.backfills.open_or_add(row | {"requested_by": by, "created_at": now})
        if new:
            uow.backfills.send_walker(made, found, now)
            note(uow, "backfill.requested", made.id, column=found.id, pages=pages, since=since)
            uow.commit()
    return made, new


def column_of(uow: UnitOfWork, name: str) -> Column:
    """Return the column of that id or URL; raises `NotFound`."""
    found = uow.sources.column(name) if kind_of(name) == "column" else None
    if found is None and "://" in name:
        found = uow.sources.column_by_url(listing_url(name))
    if found is None:
        raise NotFound(f"no column {name!r}; name it by its id or URL: noticewire source list --json")
    return found


def estimate(ledger: Ledger, settings: Settings, backfill: Backfill) -> Estimate:
    """Return how long the pages that are left take at most, at the pause that holds for the column's host."""
    from crawler.politeness import PRODUCT
    from crawler.robots import crawl_delay
    from crawler.robots_visits import copy_of

    with ledger.reading() as uow:
        column = uow.sources.column(backfill.column_id)
        source = uow.sources.by_id(column.source_id) if column else None
        robots = uow.hosts.robots(origin_of(column.url)) if column else None
    asked = crawl_delay(copy_of(robots), PRODUCT) if robots else None
    own = source.delay_seconds if source else None
    pause = max(settings.host_delay_seconds if own is None else own, asked or 0.0)
    return Estimate(max(0, backfill.pages - backfill.pages_read), pause + settings.host_delay_jitter_seconds / 2)


def _pages(settings: Settings, bounds: Bounds) -> int:
    most = settings.backfill_pages
    if bounds.pages is not None and not 1 <= bounds.pages <= most:
        raise Invalid(f"{bounds.pages} pages; between 1 and {most} can be read (NOTICEWIRE_BACKFILL_PAGES)")
    return bounds.pages or most


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text is not None else None
    except ValueError as error:
        raise Invalid(f"{text!r} is no day; write it as 2026-03-31") from error
