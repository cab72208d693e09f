"""Learning from a look at a column's listing: its habit, so when to look again, and whether something is wrong with it.

It is written in the transaction of the visit: there the look is known and counts once, for it is undone with the visit
if somebody else holds the target. The events that tell of an episode are the worker's (`worker/alarm.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crawler.health import Look, judge_health, reading_of, reshaped, restored_shape, stored_shape
from crawler.schedule import Habit, Next, Timetable, day_hours, first_seen, hours_at, observed, restored, stored
from shared.db import UnitOfWork
from shared.db.frontier import Link
from shared.domain.states import Outcome


@dataclass(frozen=True)
class Seen:
    """What a visit to a column's first page brought."""

    column_id: str
    outcome: Outcome
    rule: str
    failures: int
    """Failures in a row, this visit included."""
    links: Sequence[Link] = ()
    """Those on a captured page."""


def learn(uow: UnitOfWork, seen: Seen, now: datetime, timetable: Timetable) -> Next | None:
    """Write down what the visit tells of its column; return when to look next, or None for a column just removed."""
    column = uow.sources.column(seen.column_id)
    if column is None:
        return None
    habit, shape = restored(column.habit), restored_shape(column.shape)
    captured = seen.outcome is Outcome.CAPTURED
    if seen.links or seen.outcome is Outcome.UNCHANGED:
        new = uow.sightings.add(column.id, [link.url for link in seen.links], now)
        habit = _after_look(habit, seen.links, new, hours_at(now), timetable)
        uow.sources.record_habit(column.id, stored(habit))
    if captured or seen.outcome is Outcome.UNCHANGED:
        dated = sum(link.date is not None for link in seen.links)
        shape = reshaped(shape, reading_of([link.url for link in seen.links], dated) if captured else None)
        uow.sources.record_shape(column.id, stored_shape(shape))
    verdict = judge_health(Look(seen.outcome, seen.rule, seen.failures, habit, shape, hours_at(now)))
    there = uow.episodes.open_kinds(column.id)
    for kind, evidence in verdict.found.items():
        if kind not in there:
            uow.episodes.begin(column, kind, evidence, now)
    if there & set(verdict.gone):
        uow.episodes.end(column.id, verdict.gone, now)
    return timetable.next_look(habit, column.id, now)


def _after_look(habit: Habit, links: Sequence[Link], new: int, hours: float, timetable: Timetable) -> Habit:
    if habit.looked_at is None:
        days = [day_hours(date.fromisoformat(link.date)) for link in links if link.date]
        return first_seen(days, hours, timetable.profile)
    return observed(habit, new, hours, timetable.profile)
