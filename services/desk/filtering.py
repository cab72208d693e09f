"""Filters: saved under names, tried on what was stored, and made of what people call sources by."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.desk.audit import note
from shared.db import Ledger, UnitOfWork
from shared.db.models import Event, SavedFilter
from shared.domain.filters import Filter, matches
from shared.errors import Invalid, NotFound
from shared.ids import new_id

TRIED = 500
"""Newest events that a filter is tried on."""
MOST_TRIED = 5_000
SHOWN = 10
SCANNED = 2_000
"""Events of the wanted types and places that are looked through for one page: where few match, the cursor moves on."""
STEP = 200
RESERVED = ("all", "try")
"""The feed of every event has the first name, and an address of the API the second."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Trial:
    """What a filter would have matched among the newest events."""

    matched: int
    of: int
    events: Sequence[Event]
    """The newest `SHOWN` of them."""


@dataclass(frozen=True)
class Wanted:
    """Events that a filter wants, in order of position, and the position up to which all were looked at."""

    events: Sequence[Event]
    reached: int


def check_places(uow: UnitOfWork, wanted: Filter) -> None:
    """Raise `Invalid` where a filter names a source or a column that is not there."""
    for number, one in enumerate(wanted.sources):
        if uow.sources.by_id(one) is None:
            raise Invalid(f"sources[{number}]: there is no source {one}")
    for number, one in enumerate(wanted.columns):
        if uow.sources.column(one) is None:
            raise Invalid(f"columns[{number}]: there is no column {one}")


def try_out(ledger: Ledger, wanted: Filter, last: int = TRIED) -> Trial:
    """Try a filter on the `last` newest events that have a position, each as the relay would have judged it.

    Raises `Invalid` for a filter of unknown sources.
    """
    with ledger.reading() as uow:
        check_places(uow, wanted)
        newest = uow.events.last_position()
        events = uow.events.after(max(0, newest - last), limit=last)
        found = list(_wanted(uow, wanted, events))
    return Trial(len(found), len(events), found[: -SHOWN - 1 : -1])


def data_of(event: Event) -> dict[str, Any]:
    """Return what an event tells."""
    told: dict[str, Any] = json.loads(event.data)
    return told


def after(uow: UnitOfWork, wanted: Filter, position: int, limit: int) -> Wanted:
    """Return up to `limit` events after a position that a filter wants; fewer where they are far between.

    Ask on from `reached`; where that is the last position, there are no more. Whoever is beyond it (the ledger was
    restored from a copy) comes back to it.
    """
    last = uow.events.last_position()  # before the events: what is stamped in between is for the next page
    if position > last:
        return Wanted([], last)
    step = STEP if wanted.reads_notices else limit
    found: list[Event] = []
    reached = position
    for _ in range(SCANNED // STEP):
        events = uow.events.after(reached, wanted=wanted, limit=step)
        found += _wanted(uow, wanted, events)
        ended = len(events) < step
        reached = max([reached, *(event.position or 0 for event in events)])
        if ended or len(found) >= limit:
            reached = max(reached, last) if ended else reached
            break
    if len(found) >= limit:
        reached = found[limit - 1].position or reached
    return Wanted(found[:limit], reached)


def _wanted(uow: UnitOfWork, wanted: Filter, events: Sequence[Event]) -> Iterator[Event]:
    facets = uow.facets.events(events, wanted)
    return (event for event, known in zip(events, facets, strict=True) if matches(wanted, known))


def is_name(text: str) -> bool:
    """Tell whether a filter may have this name."""
    return _NAME.fullmatch(text) is not None and text not in RESERVED


def save(ledger: Ledger, name: str, wanted: Filter) -> SavedFilter:
    """Keep a filter under a new name; raises `Invalid` where the name will not do, or is taken."""
    if not is_name(name):
        wrong = f"{name[:80]!r} is no name for a filter"
        right = "write up to 64 of a-z, 0-9, - and _ that begin with a letter or digit"
        raise Invalid(f"{wrong}: {right}; {' and '.join(RESERVED)} are taken")
    with ledger.begin() as uow:
        if uow.filters.by_name(name) is not None:
            raise Invalid(f"there is a filter {name!r} already; change it, or take another name")
        check_places(uow, wanted)
        now = uow.now()
        saved = SavedFilter(id=new_id("flt"), name=name, filter=wanted.to_json(), created_at=now, changed_at=now)
        uow.filters.save(saved)
        note(uow, "filter.created", saved.id, name=name, filter=saved.filter)
        uow.commit()
    return saved


def change(ledger: Ledger, name: str, wanted: Filter) -> SavedFilter:
    """Put another filter under a name; raises `NotFound`."""
    with ledger.begin() as uow:
        saved = uow.filters.by_name(name, held=True)
        if saved is None:
            raise unknown(name)
        check_places(uow, wanted)
        saved.filter, saved.changed_at = wanted.to_json(), uow.now()
        note(uow, "filter.changed", saved.id, name=name, filter=saved.filter)
        uow.commit()
    return saved


def remove(ledger: Ledger, name: str) -> None:
    """Forget a filter; raises `NotFound`. Subscriptions that were made of it keep what they want."""
    with ledger.begin() as uow:
        if (gone := uow.filters.remove(name)) is None:
            raise unknown(name)
        note(uow, "filter.removed", gone, name=name)
        uow.commit()


def named(uow: UnitOfWork, name: str) -> SavedFilter:
    """Return the filter of a name; raises `NotFound`."""
    saved = uow.filters.by_name(name) if is_name(name) else None
    if saved is None:
        raise unknown(name)
    return saved


def unknown(name: str) -> NotFound:
    """Return the error of a name that no filter has."""
    return NotFound(f"no filter {name[:80]!r}")
