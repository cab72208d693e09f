"""Blows on the wall clocks of our processes: wrong by an hour or by more than a year, and then right again.

The database server's clock and the monotonic ones stay right. On SQLite there is no server: what is written down while
the clock is wrong is wrong for as long, and is due accordingly late; so this is struck on PostgreSQL.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tests.resilience.blow import Blow, Fact, parts
from tests.resilience.recovery import all_at_work

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

HOUR, DAY = 3600.0, 86_400.0


def set_wrong(lab: "Lab", seconds: float) -> Iterator[float | Fact]:
    """Set all clocks wrong for a few seconds."""
    lab.rig.set_clocks(seconds)
    yield lab.random.uniform(3, 6)
    lab.rig.set_clocks(0.0)


def _row(name: str, seconds: float) -> Blow:
    return Blow(name, "clocks", partial(set_wrong, seconds=seconds), parts("clocks"), all_at_work, only="postgresql")


BLOWS = (
    _row("clocks an hour fast", HOUR),
    _row("clocks an hour slow", -HOUR),
    _row("clocks 400 days fast", 400 * DAY),
)
"""Rows of the table."""
