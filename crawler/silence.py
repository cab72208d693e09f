"""Whether a column is quiet for far longer than is its habit, and since when one could have told. Pure."""

from math import inf
from typing import Any

from crawler.schedule import Habit, Profile, moment_at

UNLIKELY = 1e-4
SILENT_HOURS = 72.0
"""A silence shorter than this is none, however busy the column was."""
HALVINGS = 30
"""So often the time in which a silence became one is halved: to within a second, were it an age."""


def is_silent(habit: Habit, hours: float) -> bool:
    """Tell whether a column is silent after a look at `hours` (as by `hours_at`)."""
    return hours >= _earliest(habit) and habit.chance_of_quiet < UNLIKELY


def evidence_of_silence(habit: Habit, hours: float) -> dict[str, Any]:
    """Return the numbers by which a column was found silent at `hours`."""
    assert habit.news_at is not None
    return {
        "quiet_days": round((hours - habit.news_at) / 24, 1),
        "news_at": moment_at(habit.news_at).isoformat(timespec="seconds"),
        "notices_a_day": round(24 * habit.notices / habit.hours, 3),
        "chance": float(f"{habit.chance_of_quiet:.2g}"),
        "chance_below": UNLIKELY,
    }


def silent_since(habit: Habit, hours: float, profile: Profile) -> float:
    """Return since when a column that is silent at `hours` was it; it could be read all that time."""
    not_yet, silent = min(_earliest(habit), hours), hours
    if _silent_at(not_yet, habit, hours, profile):
        return not_yet
    for _ in range(HALVINGS):
        middle = (not_yet + silent) / 2
        if _silent_at(middle, habit, hours, profile):
            silent = middle
        else:
            not_yet = middle
    return silent


def _silent_at(earlier: float, habit: Habit, hours: float, profile: Profile) -> bool:
    quiet = max(0.0, habit.quiet - profile.busy_hours(earlier, hours))
    return habit._replace(quiet=quiet).chance_of_quiet < UNLIKELY


def _earliest(habit: Habit) -> float:
    if habit.news_at is None:
        return inf
    # An archive, or a column of rare bursts, is no news on the day that it is first looked at.
    begun_at = habit.news_at if habit.begun_at is None else habit.begun_at
    return max(habit.news_at, begun_at) + SILENT_HOURS
