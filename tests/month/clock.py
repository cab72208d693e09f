"""Time that is played: it stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

from services.simulation.moment import Moment

BEGIN = datetime(2026, 9, 13, 16, tzinfo=UTC)
"""A Monday's midnight in Beijing, two and a half weeks before the holidays of October."""


class PlayedClock:
    """The crawler's and the worker's clock (`shared.clock.Clock`), and the simulation's."""

    def __init__(self) -> None:
        """Stand at the beginning."""
        self.seconds = 0.0

    def now(self) -> datetime:
        """See `Clock.now`."""
        return BEGIN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """See `Clock.monotonic`: seconds since the beginning."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`: nobody waits, time passes."""
        self.seconds += max(0.0, seconds)

    def moment(self) -> Moment:
        """The same for the simulation."""
        return Moment(self.now(), self.seconds)


def seconds_of(at: datetime) -> float:
    """Return the played seconds at a moment."""
    return (at - BEGIN).total_seconds()
