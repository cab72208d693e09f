"""A source's list of all that is new: which columns are read through it, and whose the links are that it shows.

It is decided in the transaction of a look at the column's own list, by the sightings of both
(`crawler.schedule.latest`), and taken back at once where the common list turns out to be drifted, silent or not to be
had.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crawler.health import restored_shape
from crawler.schedule import Habit, hours_at, moment_at, restored
from crawler.schedule.latest import NEEDED_HOURS, NEWEST, Item, Word, folder_of, is_read_through, judge_latest, owner_of
from shared.db import UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Column

FIRST_LOOK = timedelta(minutes=1)
"""What a first look shows is no news; it is known to the second."""
KNOWN_TO_HOURS = 0.001
"""Habits are stored to so much: what was seen a moment after a look must not count as missed by it."""
LIST_FAILS = "the list that it was read through fails"


def read_through(uow: UnitOfWork, column: Column, habit: Habit, new: int, now: datetime) -> bool:
    """Decide by a look that showed `new` links whether the column is read through another list from now on."""
    known = is_read_through(column.latest)
    hours = hours_at(now)
    if habit.begun_at is None or hours - habit.begun_at < NEEDED_HOURS or not (new or known):
        return known
    if _through(uow, column):
        return False
    siblings = [one for one in uow.sources.columns(column.source_id) if one.id != column.id]
    words = {one.id: _word(uow, column, one, habit) for one in siblings if _may_stand(one, column, habit)}
    best = max(words, key=lambda key: (words[key].in_full, words[key].notices, key), default=None)
    if best is None or not (known or words[best].in_full):
        return _keep(uow, column, None) if known else False
    since = column.latest["since"] if known and column.latest else now.isoformat(timespec="seconds")
    return _keep(uow, column, words[best]._asdict() | {"list": best, "since": since})


def _keep(uow: UnitOfWork, column: Column, latest: dict[str, Any] | None) -> bool:
    uow.sources.record_latest(column.id, latest)
    return is_read_through(latest)


def _may_stand(one: Column, column: Column, habit: Habit) -> bool:
    """Tell whether a sibling's list is well, brings at least as much, and is no such column itself."""
    other = restored(one.habit)
    well = one.unread is None and restored_shape(one.shape).oddity is None and other.begun_at is not None
    return well and not is_read_through(one.latest) and (other.rate, one.id) > (habit.rate, column.id)


def _word(uow: UnitOfWork, column: Column, one: Column, habit: Habit) -> Word:
    other = restored(one.habit)
    begun = max(habit.begun_at or 0.0, other.begun_at or 0.0)
    rows = uow.sightings.newest(column.id, one.id, since=moment_at(begun) + FIRST_LOOK, limit=NEWEST)
    items = [Item(row.url, hours_at(row.seen_at), hours_at(row.shown_at) if row.shown_at else None) for row in rows]
    return judge_latest(items, folder_of(column.url), (other.looked_at or 0.0) - KNOWN_TO_HOURS)


def take_back(uow: UnitOfWork, column: Column, now: datetime) -> None:
    """Let every column that is read through this one's list be looked at by itself again, now."""
    for one, latest in _through(uow, column):
        uow.sources.record_latest(one.id, latest | {"rule": "list-fails"})
        uow.frontier.look_by(one.id, now, LIST_FAILS)


def owners_of(uow: UnitOfWork, column_id: str, links: Sequence[Link]) -> Mapping[str, str]:
    """Return, by their URLs, of the links of a list those that are of columns read through it, and of which."""
    column = uow.sources.column(column_id)
    folders = [(folder_of(one.url), one.id) for one, _ in _through(uow, column)] if column else []
    owners = {link.url: owner_of(link.url, folders) for link in links} if folders else {}
    return {url: owner for url, owner in owners.items() if owner}


def _through(uow: UnitOfWork, column: Column) -> list[tuple[Column, dict[str, Any]]]:
    """Return the columns that are read through this one's list, and what is kept of that."""
    found = [(one, one.latest) for one in uow.sources.with_latest(column.source_id) if one.latest]
    return [(one, latest) for one, latest in found if is_read_through(latest) and latest["list"] == column.id]
