"""What was learned of a column: how often it publishes and at which hours. Pure, and small enough to be stored.

The rate is a Gamma–Poisson estimate: notices seen over the busy hours that they came in, after a prior. It remembers
the last `MEMORY` notices and not a span of time, so that a column of ten notices a day is known anew within
days, and one of a notice a month still has a history. A silence is kept apart from the time before it: the rate that is
planned by counts it, whether it is unusual is asked of what was before it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crawler.schedule.hours import BINS, WEEK_HOURS, Profile, bin_of, is_rest

MEMORY = 40.0
MOST_AT_ONCE = 10
"""So many notices of one look count: a burst tells little of the days to come."""
PRIOR_SEEN = 0.5
PRIOR_HOURS = 24.0
"""The prior: half a notice a day, worth half a notice."""
LISTED_COUNT = 12
LEAST_TELLING_HOURS = 24.0
"""Of a column's first listing: the newest so many dates count, if they reach back so many busy hours."""
LONGEST_TELLING_HOURS = 80.0
"""News after a longer pause tell no hour."""
TALLY_MEMORY = 2000.0


class Habit(NamedTuple):
    """A column's habit. `notices` came in `hours` busy hours; for `quiet` busy hours since there was none."""

    notices: float = 0.0
    hours: float = 0.0
    quiet: float = 0.0
    news_at: float | None = None
    """When the last were found, as by `hours_at`; later by as long as the column could not be read since."""
    looked_at: float | None = None
    """When it was last looked at."""
    begun_at: float | None = None
    """When it was first looked at: from then on the tally counts."""
    batches: float = 0.0
    """Looks that showed news, in the same hours: notices often come several at a time."""
    tally: tuple[float, ...] = (0.0,) * BINS
    """Notices by the hour that they came in, as far as it is known."""

    @property
    def rate(self) -> float:
        """Notices per busy hour (times 24: a day) to be expected."""
        return (self.notices + PRIOR_SEEN) / (self.hours + self.quiet + PRIOR_HOURS)

    @property
    def chance_of_quiet(self) -> float:
        """How likely so long a silence is by the habit before it: a Gamma–Poisson process that brings batches."""
        if self.hours <= 0:
            return 1.0
        return float((self.hours / (self.hours + self.quiet)) ** self.batches)


def observed(habit: Habit, new: int, now: float, profile: Profile, unread_since: float | None = None) -> Habit:
    """Return what is known of the column after a look at `now` (as by `hours_at`) that showed `new` links.

    Since `unread_since` it could not be read: that time is no silence of the column's, whose clock stood still in it.
    """
    since = now if habit.looked_at is None else min(habit.looked_at, now)
    if new <= 0:
        blind_from = now if unread_since is None else min(max(unread_since, since), now)
        news_at = None if habit.news_at is None else habit.news_at + (now - blind_from)
        quiet = habit.quiet + profile.busy_hours(since, blind_from)
        return habit._replace(quiet=quiet, looked_at=now, news_at=news_at)
    quiet = habit.quiet + profile.busy_hours(since, now)
    counted = min(new, MOST_AT_ONCE)
    notices, hours = habit.notices + counted, habit.hours + quiet
    fading = min(1.0, MEMORY / notices)
    tally = _tallied(habit.tally, counted, _parts(since, now, profile))
    batches = (habit.batches + 1) * fading
    return habit._replace(
        notices=notices * fading,
        hours=hours * fading,
        quiet=0.0,
        news_at=now,
        looked_at=now,
        batches=batches,
        tally=tally,
    )


def _parts(since: float, until: float, profile: Profile) -> dict[int, float]:
    """Return the busy hours of a pause by their bins; none of a long one, which does not tell when its news came."""
    parts: dict[int, float] = {}
    if until - since <= LONGEST_TELLING_HOURS:
        for hour in range(int(since), int(until) + 1):
            part = profile.busy_hours(max(since, hour), min(until, hour + 1))
            parts[bin_of(hour)] = parts.get(bin_of(hour), 0.0) + part
    return parts


def _tallied(tally: tuple[float, ...], counted: int, parts: Mapping[int, float]) -> tuple[float, ...]:
    """Spread the notices over the hours that they may have come in, by how busy those are."""
    whole = sum(parts.values())
    if whole <= 0:
        return tally
    fading = min(1.0, TALLY_MEMORY / (sum(tally) + counted))
    return tuple(fading * (old + counted * parts.get(n, 0.0) / whole) for n, old in enumerate(tally))


def first_seen(days: Sequence[float], now: float, profile: Profile) -> Habit:
    """Return what a column's first listing, read at `now`, tells by the dates that it gives: when those days began.

    Only the newest are asked, for old ones may have been put on top; all of one day tell nothing of a pace.
    """
    unknown = Habit(looked_at=now, begun_at=now)
    newest = sorted((day for day in days if day <= now), reverse=True)[:LISTED_COUNT]
    if len(newest) < 2:
        return unknown
    # The day itself is not known to the hour: its end is the fairest guess.
    hours = profile.busy_hours(min(newest[-1] + 24.0, now), now)
    if hours < LEAST_TELLING_HOURS:
        return unknown
    quiet = profile.busy_hours(min(newest[0] + 24.0, now), now)
    news_at, batches = min(newest[0] + 24.0, now), len(set(newest)) - 1.0
    return unknown._replace(
        notices=len(newest) - 1.0, hours=max(hours - quiet, 1.0), quiet=quiet, news_at=news_at, batches=batches
    )


def weekly_tally(habit: Habit) -> tuple[float, ...] | None:
    """Return the tally as if it had been taken over ordinary weeks, or None before a first whole week."""
    if habit.begun_at is None or habit.looked_at is None or habit.looked_at - habit.begun_at < WEEK_HOURS:
        return None
    days = range(int(habit.begun_at // 24), int(habit.looked_at // 24))
    resting = sum(map(is_rest, days))
    scale = 2 / 5 * (len(days) - resting) / resting
    return habit.tally[:24] + tuple(scale * one for one in habit.tally[24:])


def stored(habit: Habit) -> dict[str, Any]:
    """Return the habit as JSON, to three decimals."""
    plain = habit._asdict() | {"tally": list(habit.tally)}
    return {name: _rounded(value) for name, value in plain.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [round(one, 3) for one in value]
    return None if value is None else round(value, 3)


def restored(kept: Mapping[str, Any] | None) -> Habit:
    """Return the habit that was stored; one that knows nothing where none was."""
    return Habit(**{**kept, "tally": tuple(kept["tally"])}) if kept else Habit()
