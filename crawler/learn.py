"""Learning from a look at a column's listing: its habit, so when to look again, and whether something is wrong with it.

It is written in the transaction of the visit: there the look is known and counts once, for it is undone with the visit
if somebody else holds the target. The events that tell of an episode are the worker's (`worker/alarm.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from crawler.health import (
    Look,
    Reading,
    Shape,
    Unread,
    judge_health,
    missed_by,
    reading_of,
    reshaped,
    restored_shape,
    restored_unread,
    shows_list,
    stored_shape,
    stored_unread,
    unread_after,
)
from crawler.latest import read_through, take_back
from crawler.schedule import (
    OFFICE_HOURS,
    Habit,
    Next,
    Profile,
    Timetable,
    day_hours,
    first_seen,
    hours_at,
    moment_at,
    observed,
    restored,
    stored,
)
from crawler.silence import silent_since
from shared.db import UnitOfWork
from shared.db.claims import Claimed
from shared.db.frontier import Link
from shared.db.models import Column, Target
from shared.domain.states import Ailment, Outcome, TargetKind

THROUGH = "read through another list of its source"


@dataclass(frozen=True)
class Seen:
    """What a visit to a column's first page brought."""

    column_id: str
    outcome: Outcome
    rule: str
    links: Sequence[Link] = ()
    """Those on a captured page."""
    status: int | None = None
    """Of the answer, if there was one."""
    fetch: Mapping[str, Any] | None = None
    """The visit as evidence, in the words of events; None where nothing was asked for."""
    due_at: datetime | None = None
    """When the look was due; None: now."""


class _Known(NamedTuple):
    """What is known of a column after a look."""

    habit: Habit
    shape: Shape
    unread: Unread | None = None
    reading: Reading | None = None
    silent_from: datetime | None = None
    """The earliest look that could have told of a silence was due then, at the latest; None: this is it."""


def learn(uow: UnitOfWork, seen: Seen, now: datetime, timetable: Timetable) -> Next | None:
    """Write down what the visit tells of its column; return when to look next, or None for a column just removed."""
    column = uow.sources.column(seen.column_id)
    if column is None:
        return None
    habit, shape, unread = restored(column.habit), restored_shape(column.shape), restored_unread(column.unread)
    through, reading, before = False, None, (habit, unread)
    if shows_list(seen.outcome, len(seen.links), shape):
        new = uow.sightings.add(column.id, [link.url for link in seen.links], now)
        habit = _after_look(habit, seen.links, new, hours_at(now), timetable.profile, unread)
        uow.sources.record_habit(column.id, stored(habit))
        through = read_through(uow, column, habit, new, now)
        unread = None
    else:
        unread = unread_after(unread, hours_at(now))
    if seen.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED):
        dated = sum(link.date is not None for link in seen.links)
        if seen.outcome is Outcome.CAPTURED:
            reading = reading_of([link.url for link in seen.links], dated)
        shape = reshaped(shape, reading)
        uow.sources.record_shape(column.id, stored_shape(shape))
    known = _Known(habit, shape, unread, reading, _due(seen, *before, timetable))
    _diagnose(uow, column, seen, known, now, timetable.profile)
    return timetable.seldom_look(column.id, THROUGH) if through else timetable.next_look(habit, column.id, now)


def learn_unasked(uow: UnitOfWork, target: Claimed | Target, outcome: Outcome, rule: str, now: datetime) -> None:
    """Write down that a column's first page may not be asked for: `blocked` by robots.txt, or `failed` without one."""
    column = uow.sources.column(target.column_id)
    if column is None or target.kind != TargetKind.LISTING or target.page > 1:
        return
    unread = unread_after(restored_unread(column.unread), hours_at(now))
    known = _Known(restored(column.habit), restored_shape(column.shape), unread)
    _diagnose(uow, column, Seen(column.id, outcome, rule), known, now, OFFICE_HOURS)


def _diagnose(
    uow: UnitOfWork,
    column: Column,
    seen: Seen,
    known: _Known,
    now: datetime,
    profile: Profile,
) -> None:
    """Begin and end the column's episodes by what is `known` after a look, and remember since when it is unread."""
    habit, shape, unread = known.habit, known.shape, known.unread
    if (kept := stored_unread(unread)) != column.unread:
        uow.sources.record_unread(column.id, kept)
    hours = hours_at(now)
    missed = missed_by(unread, habit, hours, profile)
    look = Look(seen.outcome, seen.rule, habit, shape, hours, unread, missed, seen.status, known.reading)
    verdict = judge_health(look)
    there = uow.episodes.open_kinds(column.id)
    for kind, evidence in verdict.found.items():
        if kind not in there:
            began_at = _silent_at(known, now, profile) if kind is Ailment.SILENT else now
            uow.episodes.begin(column, kind, evidence | {"fetch": seen.fetch}, began_at)
    if verdict.found:
        take_back(uow, column, now)
    if there & set(verdict.gone):
        uow.episodes.end(column.id, verdict.gone, now, seen.fetch)


def _due(seen: Seen, before: Habit, unread: Unread | None, timetable: Timetable) -> datetime | None:
    """Return when the look was due by what was known `before`; None where it came in time, or could not have."""
    if seen.due_at is None or before.looked_at is None or unread is not None:
        return None
    # A redirect or a person's wish makes a target due anew, but no look is planned later than this.
    return min(seen.due_at, moment_at(before.looked_at) + timedelta(hours=timetable.longest_hours))


def _silent_at(known: _Known, now: datetime, profile: Profile) -> datetime:
    """Return when a silence was to be told: at the first look that was due after it had become one."""
    if known.silent_from is None:
        return now
    return min(now, max(known.silent_from, moment_at(silent_since(known.habit, hours_at(now), profile))))


def _after_look(
    habit: Habit, links: Sequence[Link], new: int, hours: float, profile: Profile, unread: Unread | None
) -> Habit:
    if habit.looked_at is None:
        days = [day_hours(date.fromisoformat(link.date)) for link in links if link.date]
        return first_seen(days, hours, profile)
    return observed(habit, new, hours, profile, unread.since if unread else None)
