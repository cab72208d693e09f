"""Wall and monotonic time as the witness sees them; its own clock, because it shares none with what it watches."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Moment:
    """One instant on both clocks: `wall` aware in UTC, `monotonic` in seconds of CLOCK_MONOTONIC (one per boot)."""

    wall: datetime
    monotonic: float

    @property
    def iso(self) -> str:
        """The wall time in ISO 8601 with microseconds."""
        return self.wall.isoformat(timespec="microseconds")


Clock = Callable[[], Moment]
"""Whatever tells the time: `now`, or a time that is played."""


def now() -> Moment:
    """Read both clocks."""
    return Moment(datetime.now(UTC), time.monotonic())


def retry_after_seconds(value: str) -> float | None:
    """Seconds asked for by a Retry-After: a number, or one of the three HTTP dates (RFC 9110 §5.6.7); else None."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now().wall).total_seconds())
