"""Random columns for the benchmark of the schedule: what they publish, hour by hour, and nothing of who asks.

Office hours (not those that the schedule expects beforehand), rates from 0.02 to 10 notices a day that drift from week
to week, bursts that several columns of a host share, silent spells of weeks, and the holiday of October.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, log
from random import Random

from crawler.schedule.hours import WEEK_HOURS, bin_of, hours_at, profile_of

BEGIN = int(hours_at(datetime(2026, 8, 16, 16, tzinfo=UTC)))  # a Monday's midnight in Beijing
WEEKS = 10
END = BEGIN + WEEKS * WEEK_HOURS
EARLIER_WEEKS = 26
COLUMNS_A_HOST = 10
SLOWEST, BUSIEST = 0.02, 10.0

_WORKING = (0.0,) * 8 + (0.4, 3, 4, 3.2, 0.6, 0.3, 1.8, 3.4, 4.2, 3.6, 0.8, 0.3, 0.2, 0.1, 0.1, 0.0)
_RESTING = (0.0,) * 9 + (0.3, 0.4, 0.3, 0.1, 0.1, 0.3, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0)
TRUE_HOURS = profile_of([5 * one for one in _WORKING] + [2 * one for one in _RESTING])


@dataclass(frozen=True)
class Published:
    """What one column published: hours (as by `hours_at`) in order, and its true rate a busy hour in each week."""

    name: str
    earlier: tuple[float, ...]
    """Before the benchmark begins; the newest are on the listing when it is first read."""
    notices: tuple[float, ...]
    rates: tuple[float, ...]

    def rate_at(self, hours: float) -> float:
        """Return the true rate at a moment of the benchmark, spells of silence and bursts aside."""
        return self.rates[min(max(int(hours - BEGIN) // WEEK_HOURS, 0), WEEKS - 1)]


def random_columns(hosts: int, seed: int) -> list[Published]:
    """Return `COLUMNS_A_HOST` columns for each of so many hosts; the same ones for the same seed."""
    rng = Random(seed)
    return [column for host in range(hosts) for column in _host(host, rng)]


def _host(host: int, rng: Random) -> Iterator[Published]:
    bursts = list(_moments(rng, lambda hour: TRUE_HOURS.weights[bin_of(hour)] / (14 * 24), BEGIN, END))
    for number in range(COLUMNS_A_HOST):
        rates = _rates(rng)
        silent = _silence(rng)

        def rate(hour: int, rates: list[float] = rates, silent: range = silent) -> float:
            week = (hour - BEGIN) // WEEK_HOURS
            return 0.0 if hour in silent else rates[max(week, 0)] * TRUE_HOURS.weights[bin_of(hour)]

        earlier = _moments(rng, rate, BEGIN - EARLIER_WEEKS * WEEK_HOURS, BEGIN)
        notices = [*_moments(rng, rate, BEGIN, END), *_shares(rng, rates, bursts)]
        yield Published(f"h{host}-{number}", tuple(earlier), tuple(sorted(notices)), tuple(rates))


def _rates(rng: Random) -> list[float]:
    """Return a rate for each week, drifting by about a fifth from one to the next."""
    rate = exp(rng.uniform(log(SLOWEST), log(BUSIEST))) / 24
    drifted = []
    for _ in range(WEEKS):
        drifted.append(rate)
        rate = min(max(rate * exp(rng.gauss(0, 0.2)), SLOWEST / 24), BUSIEST / 24)
    return drifted


def _silence(rng: Random) -> range:
    if rng.random() > 0.2:
        return range(0)
    start = rng.randrange(BEGIN, END)
    return range(start, start + rng.randrange(1, 5) * WEEK_HOURS)


def _shares(rng: Random, rates: list[float], bursts: list[float]) -> Iterator[float]:
    """Yield what a column has of its host's bursts: half of them, a few notices within two hours."""
    for burst in bursts:
        if rng.random() < 0.5:
            most = max(1, round(3 * min(24 * rates[0], 3)))
            for _ in range(rng.randint(1, most)):
                yield min(burst + rng.uniform(0, 2), END - 1e-6)


def _moments(rng: Random, rate: Callable[[int], float], start: int, end: int) -> Iterator[float]:
    """Yield moments in order, `rate(hour)` of them in each hour on the average (Poisson)."""
    for hour in range(start, end):
        expected, at = rate(hour), 0.0
        while expected > 0:
            at += rng.expovariate(expected)
            if at >= 1:
                break
            yield hour + at
