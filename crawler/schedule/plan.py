"""The best weekly plan of looks for a column, by dynamic programming over the slots of the week. Pure.

A look at `t` after one at `s` finds what came between them, each notice having waited until `t`; so it costs the waits
that are to be expected, and its price. Both divided by the column's rate, a plan depends on one number alone, the
*patience*: price by rate, in hours squared (were every hour alike, the best pause would be the root of its double).
That makes plans few: they are made once for each step of patience and shared by all columns.
"""

from functools import lru_cache
from math import log, sqrt
from typing import NamedTuple

from crawler.schedule.hours import WEEK_HOURS, Profile

STEP = 1.2
"""Plans are made for powers of it: a fifth more patience is a tenth fewer looks."""
SLOTS = ((1.5, 12), (24.0, 4))
"""Below this patience an hour has so many slots; above, one. Busy columns need finer ones; slow ones gain nothing."""
LEAST_STEP, MOST_STEP = round(log(0.02) / log(STEP)), round(log(5e5) / log(STEP))


class Plan(NamedTuple):
    """After a look in slot n of the week, the next is `following[n]` slots later; `slots` of them make an hour."""

    slots: int
    following: tuple[int, ...]
    looks: float
    """Looks in a week."""


def step_of(patience: float) -> int:
    """Return the step nearest to a patience, which is above nought."""
    return min(max(round(log(patience) / log(STEP)), LEAST_STEP), MOST_STEP)


@lru_cache(maxsize=512)
def plan_for(step: int, profile: Profile, longest_hours: int) -> Plan:
    """Return the best plan for a step of patience, with no gap above `longest_hours` (at least one)."""
    patience = STEP**step
    slots = next((slots for below, slots in SLOTS if patience < below), 1)
    following = _following(patience, profile, slots, longest_hours * slots)
    return Plan(slots, following, _looks(following))


def _following(patience: float, profile: Profile, slots: int, longest: int) -> tuple[int, ...]:
    """Return, for each slot of the week, how many slots later to look again (Bellman's equation, backwards in time).

    Waits are counted in weighted hours, from the middle of the slot that a notice came in. Two weeks are planned from
    their end, after which every slot costs what it would were all alike; what is done in the first week hardly depends
    on that. The later the last look, the later the next (the cost of a gap has Monge's property): so the search for a
    slot need not go beyond what the slot after it found.
    """
    week = WEEK_HOURS * slots
    end = 2 * week
    mass = [weight / slots for weight in profile.week for _ in range(slots)]
    cost = [0.0] * end + [-after * _usual_cost(patience, longest / slots) / slots for after in range(longest + 1)]
    following = [1] * end + [longest]
    for start in range(end - 1, -1, -1):
        waits = came = 0.0
        best, at = float("inf"), 1
        for gap in range(1, min(longest, following[start + 1] + 1) + 1):
            fresh = mass[(start + gap - 1) % week]
            waits += came / slots + fresh / slots / 2
            came += fresh
            if (total := waits + patience + cost[start + gap]) < best:
                best, at = total, gap
        cost[start], following[start] = best, at
    return tuple(following[:week])


def _usual_cost(patience: float, longest_hours: float) -> float:
    """Return what an hour costs where every hour is alike: the looks in it, and the waits."""
    pause = min(sqrt(2 * patience), longest_hours)
    return patience / pause + pause / 2


def _looks(following: tuple[int, ...]) -> float:
    """Return the looks a week of one who goes by the plan, averaged over eight weeks after a first."""
    week = len(following)
    at = looks = 0
    while at < week:
        at += following[at % week]
    while at < 9 * week:
        at += following[at % week]
        looks += 1
    return looks / 8
