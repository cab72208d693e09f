"""How many requests may begin for each subscription now: fair shares of threads, and limits by minute. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

UNASKED_RATE = 1
"""Requests a minute to an endpoint that has not said that it wants them (CloudEvents web hooks, section 4)."""
BURSTS_PER_MINUTE = 600
"""A limit by minute is spent in bursts of a tenth of a second's worth, so that it costs no round for each request."""


@dataclass(frozen=True)
class Want:
    """A subscription that waits, how much for, and how many at a time it may have."""

    name: str
    count: int
    most: int


def shares(waiting: Sequence[Want], under_way: Mapping[str, int], threads: int) -> dict[str, int]:
    """Return how many requests to begin for each of those that wait, in turns of one in their order.

    No subscription gets more than half of the threads, those under way included: an endpoint that hangs must leave
    some to the others, also to those that come while it hangs.
    """
    half, free = max(1, threads // 2), threads - sum(under_way.values())
    turns = []
    for order, one in enumerate(waiting):
        taken = under_way.get(one.name, 0)
        turns += [(turn, order, one.name) for turn in range(taken, min(half, one.most, taken + one.count))]
    return dict(Counter(name for _, _, name in sorted(turns)[: max(0, free)]))


def rate_of(*, consented: bool, allowed: int | None, wanted: int | None) -> int | None:
    """Return the requests a minute that a subscription may have, None if any number: the strictest word counts."""
    said = [rate for rate in (None if consented else UNASKED_RATE, allowed, wanted) if rate is not None]
    return min(said, default=None)


def burst(rate: int | None) -> int | None:
    """Return how many requests may begin at once under a limit of `rate` a minute, None if any number."""
    return None if rate is None else max(1, rate // BURSTS_PER_MINUTE)


def next_request_at(rate: int | None, begun: int, now: datetime) -> datetime | None:
    """Return when the next request may begin after `begun` ones now; None where there is no limit."""
    return None if rate is None or not begun else now + timedelta(seconds=60.0 * begun / rate)
