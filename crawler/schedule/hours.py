"""The hours of the week by which offices publish: working days and rest days, hour by hour, in Beijing's time. Pure.

Time is counted in hours since a Monday midnight, so that an hour of the week is the remainder by 168. What offices do
in an hour is told by its *weight*, one being the average over an ordinary week; so 168 weighted hours, "busy hours",
make an ordinary week, and a night or a holiday has few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate

WEEK_HOURS = 168
BINS = 48
"""The 24 hours of a working day, then the 24 of a rest day."""

_MONDAY = datetime(1970, 1, 4, 16, tzinfo=UTC)  # midnight in Beijing, which has no summer time
_FIRST_DAY = date(1970, 1, 5)

# The first day of the lunar year, which the Spring Festival begins with; the fixed holidays follow by rule. Days that
# are worked in exchange are announced each year anew and count as the rest days that they were: little is lost.
_LUNAR_NEW_YEARS = (
    *((2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13)),
    *((2030, 2, 3), (2031, 1, 23), (2032, 2, 11), (2033, 1, 31), (2034, 2, 19), (2035, 2, 8)),
)
_HOLIDAYS = ((1, 1, 1), (5, 1, 5), (10, 1, 7))  # month, first day, days
_SPRING_FESTIVAL_DAYS = range(-1, 7)


def _holidays() -> frozenset[int]:
    days = [date(*first) + timedelta(days=n) for first in _LUNAR_NEW_YEARS for n in _SPRING_FESTIVAL_DAYS]
    for year in range(2024, 2100):
        days += [date(year, month, first + n) for month, first, count in _HOLIDAYS for n in range(count)]
    return frozenset((day - _FIRST_DAY).days for day in days)


HOLIDAYS = _holidays()
"""Holidays as numbers of days since the first Monday."""


def hours_at(at: datetime) -> float:
    """Return the hours from the Monday midnight that time is counted from to `at`, in Beijing."""
    return (at - _MONDAY).total_seconds() / 3600.0


def moment_at(hours: float) -> datetime:
    """Return the moment that is `hours` after that Monday midnight."""
    return _MONDAY + timedelta(hours=hours)


def day_hours(day: date) -> float:
    """Return the hours from that Monday midnight to the midnight that `day` begins with, in Beijing."""
    return (day - _FIRST_DAY).days * 24.0


def is_rest(day: int) -> bool:
    """Tell whether the `day`-th day since that Monday is a weekend's or a holiday."""
    return day % 7 >= 5 or day in HOLIDAYS


def bin_of(hour: int) -> int:
    """Return which of the `BINS` the `hour`-th hour since that Monday falls into."""
    return hour % 24 + (24 if is_rest(hour // 24) else 0)


@dataclass(frozen=True)
class Profile:
    """How busy offices are: a weight for each of the `BINS`, averaging one over an ordinary week."""

    weights: tuple[float, ...]

    @cached_property
    def week(self) -> tuple[float, ...]:
        """The weights of an ordinary week's 168 hours, from Monday midnight."""
        return self.weights[:24] * 5 + self.weights[24:] * 2

    @cached_property
    def _sums(self) -> tuple[float, ...]:
        return (0.0, *accumulate(self.week))

    @cached_property
    def _lacking(self) -> tuple[float, ...]:
        # What a working day has more than a rest day, up to each hour: a holiday lacks it.
        return (0.0, *accumulate(work - rest for work, rest in zip(self.weights[:24], self.weights[24:], strict=True)))

    def busy_hours(self, since: float, until: float) -> float:
        """Return the weighted hours from `since` to `until`, both counted as by `hours_at`."""
        whole = self._until(until) - self._until(since)
        for day in range(int(since // 24), int(until // 24) + 1):
            if day in HOLIDAYS and day % 7 < 5:
                whole -= _between(self._lacking, until - 24 * day) - _between(self._lacking, since - 24 * day)
        return max(whole, 0.0)

    def distance(self, other: "Profile") -> float:
        """Return which share of an ordinary week's notices comes at another hour by `other`; from 0 to 1."""
        return sum(abs(one - two) for one, two in zip(self.week, other.week, strict=True)) / WEEK_HOURS / 2

    def _until(self, hours: float) -> float:
        weeks, hour = divmod(hours, WEEK_HOURS)
        return weeks * self._sums[-1] + _between(self._sums, hour)


def _between(sums: Sequence[float], hour: float) -> float:
    """Return the running sum at `hour`, which may lie between two of its steps or outside of them."""
    if hour <= 0:
        return 0.0
    step = int(hour)
    if step >= len(sums) - 1:
        return sums[-1]
    return sums[step] + (sums[step + 1] - sums[step]) * (hour - step)


def profile_of(tally: Sequence[float]) -> Profile:
    """Return the profile by which `tally` (notices in each of the `BINS`, over equally long) came.

    Five of an ordinary week's seven days are working days. No hour is taken to be quite dead, so that something is
    expected of each; to two digits, so that a notice more does not change every plan.
    """
    days = (5, 2)
    each = [max(count, 1e-9) / days[n // 24] for n, count in enumerate(tally)]
    scale = WEEK_HOURS / sum(5 * work + 2 * rest for work, rest in zip(each[:24], each[24:], strict=True))
    rounded = [max(0.01, round(scale * one, 2)) for one in each]
    left = WEEK_HOURS / sum(5 * work + 2 * rest for work, rest in zip(rounded[:24], rounded[24:], strict=True))
    return Profile(tuple(one * left for one in rounded))


# What is expected before anything was learned: office hours with a break at noon, little in the evening and on rest
# days. It counts as much as this many notices.
PRIOR_NOTICES = 150.0
_WORKING = (0.05,) * 7 + (0.2, 1.5, 4, 4.5, 3.5, 1, 0.8, 2.5, 4.5, 5, 4, 1.5, 0.6, 0.4, 0.3, 0.2, 0.1)
_RESTING = (0.02,) * 7 + (0.05, 0.2) + (0.5,) * 9 + (0.3, 0.2, 0.15, 0.1, 0.1, 0.05)


def _prior() -> tuple[float, ...]:
    raw = [5 * one for one in _WORKING] + [2 * one for one in _RESTING]
    return tuple(PRIOR_NOTICES * one / sum(raw) for one in raw)


PRIOR = _prior()
"""The tally that everything learned is added to."""
OFFICE_HOURS = profile_of(PRIOR)
"""The hours of any office, before anything was learned."""
