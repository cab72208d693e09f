"""When to look at a column's listing next: the best plan for its rate, at a price that keeps to the budget. Pure.

One price is paid for every look at any column: hours of waiting that a look must save. The budget is spent where it
saves most when the price is the same everywhere; it is found from the columns' rates alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from zlib import crc32

from crawler.schedule.habit import Habit, weekly_tally
from crawler.schedule.hours import PRIOR, WEEK_HOURS, Profile, bin_of, hours_at, is_rest, profile_of
from crawler.schedule.plan import Plan, plan_for, step_of

GUESS_FACTOR, HALVINGS = 64.0, 10
"""The price is looked for between a guess by and times this, halving the (logarithmic) distance so often."""
NEW_PROFILE_ABOVE = 0.06
"""Plans are made anew where this share of the notices comes at other hours than was planned for."""
EARLY_SLOTS = 0.01
"""A look that is this much early belongs to the slot that it was meant for."""
SUNDAY = 6
SELDOM_SPREAD = 0.1
"""Seldom looks are up to this share of the longest pause early, each column by its own phase."""


@dataclass(frozen=True)
class Budget:
    """What may be spent: looks a column and day, on the average of all; and how long none may go without one."""

    looks_a_day: float = 24.0
    longest_hours: int = 24


@dataclass(frozen=True)
class Next:
    """When a target is due again (None: not until something asks for it), and the reason that is shown."""

    seconds: float | None
    reason: str


class Timetable:
    """The plans of all columns, as they are known at one moment."""

    def __init__(
        self,
        habits: Iterable[Habit],
        budget: Budget,
        profile: Profile,
        seldom: int = 0,
    ) -> None:
        """Find the price at which looks by `profile` keep to the budget, `seldom` columns being looked at seldom."""
        known = list(habits)
        self.profile = profile
        self._budget = budget
        self._plans: dict[int, Plan] = {}
        self._price = self._price_for([habit.rate for habit in known] or [Habit().rate], seldom)

    @property
    def longest_hours(self) -> int:
        """The longest pause between two looks."""
        return self._budget.longest_hours

    def next_look(self, habit: Habit, column_id: str, at: datetime) -> Next:
        """Return when to look next after a look at `at`, at most the budget's longest pause later.

        A column has a fixed phase within its slots, so that those with equal plans do not come together.
        """
        plan = self._plan(habit.rate, self._price)
        phase = crc32(column_id.encode()) / 2**32 / plan.slots
        hours = hours_at(at)
        slot = int((hours - phase) * plan.slots + EARLY_SLOTS)
        gap = plan.following[_as_planned(slot, plan.slots)]
        until = (slot + gap) / plan.slots + phase - hours
        seconds = 3600.0 * min(max(until, 0.5 / plan.slots), self._budget.longest_hours)
        return Next(seconds, self._reason(habit.rate, gap == self._budget.longest_hours * plan.slots, int(hours)))

    def seldom_look(self, column_id: str, reason: str) -> Next:
        """Return when to look next at a column that is read through another list: almost the longest pause later."""
        phase = crc32(column_id.encode()) / 2**32
        return Next(3600.0 * self._budget.longest_hours * (1.0 - SELDOM_SPREAD * phase), reason)

    def _reason(self, rate: float, longest: bool, hour: int) -> str:
        pace = f"plan: {_figure(24 * rate)} a day"
        if longest:
            return f"{pace}, at least every {self._budget.longest_hours} h"
        # An hour in which more is published than in the average one is an office hour.
        return f"{pace}, {'office hours' if self.profile.weights[bin_of(hour)] > 1 else 'quiet hours'}"

    def _plan(self, rate: float, price: float) -> Plan:
        step = step_of(price / rate)
        if step not in self._plans:
            self._plans[step] = plan_for(step, self.profile, self._budget.longest_hours)
        return self._plans[step]

    def _price_for(self, rates: Sequence[float], seldom: int) -> float:
        """Return the price at which the plans for `rates` need what the budget has besides that of `seldom` looks."""
        saved = max(self._budget.looks_a_day - 24 / self._budget.longest_hours, 0.0)
        wanted = 7 * (self._budget.looks_a_day * len(rates) + saved * seldom)
        # Were every hour alike, a plan would look every sqrt(2 × price / rate) hours.
        guess = (WEEK_HOURS * sum(sqrt(rate / 2) for rate in rates) / wanted) ** 2
        low, high = guess / GUESS_FACTOR, guess * GUESS_FACTOR
        for _ in range(HALVINGS):
            middle = sqrt(low * high)
            if sum(self._plan(rate, middle).looks for rate in rates) > wanted:
                low = middle
            else:
                high = middle
        return high


def learned_profile(habits: Iterable[Habit], before: Profile | None = None) -> Profile:
    """Return the hours of the week that all columns together keep; a profile `before` that still fits is kept."""
    tallies = [tally for habit in habits if (tally := weekly_tally(habit)) is not None]
    learned = profile_of([sum(counts) for counts in zip(PRIOR, *tallies, strict=True)])
    return before if before and before.distance(learned) < NEW_PROFILE_ABOVE else learned


def _as_planned(slot: int, slots: int) -> int:
    """Return which slot of the ordinary week a slot is: a holiday's is a Sunday's."""
    day, rest = divmod(slot, 24 * slots)
    return (SUNDAY if is_rest(day) and day % 7 < 5 else day % 7) * 24 * slots + rest


def _figure(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
