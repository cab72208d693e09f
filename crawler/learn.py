"""Learning from a look at a column's listing: what it showed for the first time, and so when to look again."""

from collections.abc import Sequence
from datetime import date, datetime

from crawler.schedule import Habit, Next, Timetable, day_hours, first_seen, hours_at, observed, restored, stored
from shared.db import UnitOfWork
from shared.db.frontier import Link


def learn(
    uow: UnitOfWork, column_id: str, links: Sequence[Link] | None, now: datetime, timetable: Timetable
) -> Next | None:
    """Write down what a look at a column's first page tells of its habit, and return when to look next.

    `links` is what it showed, none if it had not changed, None if it could not be read: then nothing is learned. Counts
    once: it is undone with the visit's transaction if somebody else holds the target. None for a column just removed.
    """
    column = uow.sources.column(column_id)
    if column is None:
        return None
    habit = restored(column.habit)
    if links is not None:
        new = uow.sightings.add(column_id, [link.url for link in links], now)
        habit = _after_look(habit, links, new, hours_at(now), timetable)
        uow.sources.record_habit(column_id, stored(habit))
    return timetable.next_look(habit, column_id, now)


def _after_look(habit: Habit, links: Sequence[Link], new: int, hours: float, timetable: Timetable) -> Habit:
    if habit.looked_at is None:
        days = [day_hours(date.fromisoformat(link.date)) for link in links if link.date]
        return first_seen(days, hours, timetable.profile)
    return observed(habit, new, hours, timetable.profile)
