"""When four policies look at the same random columns, and how long each notice waited for it.

`ours` is the schedule itself (crawler/schedule), learning as it goes; `bound` the same plans with the true rates and
hours. `entry-frequency` is miniflux's rule: the pause is a week by the entries of the last week, times a factor, five
minutes at least and a day at most.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crawler.schedule import Budget, Habit, Timetable, first_seen, learned_profile, observed
from crawler.schedule.habit import PRIOR_HOURS, PRIOR_SEEN
from crawler.schedule.hours import WEEK_HOURS, moment_at
from tests.bench.columns import BEGIN, END, TRUE_HOURS, Published

DAY = 24
LATE_HOURS = 0.005
"""A look comes this much after it is due: a crawler has other things to do."""
ON_A_LISTING = 20
EXACT = 1e9
GOLDEN_SHARE = 0.618


@dataclass
class Looks:
    """What a policy's looks came to: the waits of all notices that were found, in hours."""

    requests: int = 0
    waits: list[float] = field(default_factory=list)
    longest_gap: float = 0.0
    per_column_day: float = 0.0


@dataclass
class Watcher:
    """One column, as it is being watched."""

    column: Published
    due: float
    looked: float | None = None
    found: int = 0
    habit: Habit = field(default_factory=Habit)
    phase: float = 0.0


Rule = Callable[[Watcher, float, int], float]
"""Told of a look (when, how many notices it found), it returns the hours until the next."""


def watch(columns: Sequence[Published], plan: Callable[[list[Watcher]], Rule]) -> Looks:
    """Watch `columns` from beginning to end.

    Each day `plan` is asked for the rule of the day.
    """
    phases = [n * GOLDEN_SHARE % 1 for n in range(len(columns))]
    watchers = [Watcher(column, BEGIN + phase, phase=phase) for column, phase in zip(columns, phases, strict=True)]
    looks = Looks()
    for day in range(BEGIN, END, DAY):
        rule = plan(watchers)
        for watcher in watchers:
            while watcher.due < day + DAY:
                _look(watcher, looks, rule)
    looks.per_column_day = looks.requests / len(columns) / (END - BEGIN) * DAY
    return looks


def _look(watcher: Watcher, looks: Looks, rule: Rule) -> None:
    at, notices = watcher.due, watcher.column.notices
    upto = bisect_right(notices, at, watcher.found)
    looks.waits += [at - published for published in notices[watcher.found : upto]]
    new, watcher.found = upto - watcher.found, upto
    looks.requests += 1
    if watcher.looked is not None:
        looks.longest_gap = max(looks.longest_gap, at - watcher.looked)
    pause = rule(watcher, at, new)
    watcher.looked, watcher.due = at, at + pause + LATE_HOURS


def ours(columns: Sequence[Published], budget: Budget) -> Looks:
    """Look by the timetable, made anew each day from what was learned so far."""
    last: list[Timetable] = []

    def plan(watchers: list[Watcher]) -> Rule:
        before = last[-1].profile if last else None
        habits = [watcher.habit for watcher in watchers]
        table = Timetable(habits, budget, learned_profile(habits, before))
        last[:] = [table]

        def rule(watcher: Watcher, at: float, new: int) -> float:
            if watcher.looked is None:
                days = [published // DAY * DAY for published in watcher.column.earlier[-ON_A_LISTING:]]
                watcher.habit = first_seen(days, at, table.profile)
            else:
                watcher.habit = observed(watcher.habit, new, at, table.profile)
            return _pause(table, watcher.habit, watcher.column.name, at)

        return rule

    return watch(columns, plan)


def bound(columns: Sequence[Published], budget: Budget) -> Looks:
    """Look by the timetable of one who knows each column's true rate of the week, and the true hours."""

    def plan(watchers: list[Watcher]) -> Rule:
        known = {w.column.name: _certain(w.column.rate_at(w.due)) for w in watchers}
        table = Timetable(known.values(), budget, TRUE_HOURS)
        return lambda watcher, at, _: _pause(table, known[watcher.column.name], watcher.column.name, at)

    return watch(columns, plan)


def _certain(rate: float) -> Habit:
    return Habit(rate * EXACT - PRIOR_SEEN, EXACT - PRIOR_HOURS)


def _pause(table: Timetable, habit: Habit, name: str, at: float) -> float:
    seconds = table.next_look(habit, name, moment_at(at)).seconds
    assert seconds is not None
    return seconds / 3600


def fixed(columns: Sequence[Published], hours: float) -> Looks:
    """Look every so many hours."""
    return watch(columns, lambda _: lambda watcher, *_: _first_spread(watcher, hours) - LATE_HOURS)


def _first_spread(watcher: Watcher, pause: float) -> float:
    """Return the pause, or a part of the first, so that columns with equal pauses do not stay together."""
    return pause * watcher.phase + LATE_HOURS if watcher.looked is None else pause


def entry_frequency(columns: Sequence[Published], factor: float) -> Looks:
    """Look as often as entries came in the last week, times `factor`."""

    def rule(watcher: Watcher, at: float, _: int) -> float:
        column = watcher.column
        entries = watcher.found - bisect_left(column.notices, at - WEEK_HOURS, 0, watcher.found)
        entries += len(column.earlier) - bisect_left(column.earlier, at - WEEK_HOURS)
        return _first_spread(watcher, min(max(WEEK_HOURS / max(entries * factor, 1e-9), 1 / 12), DAY))

    return watch(columns, lambda _: rule)
