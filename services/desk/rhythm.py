"""How often a column publishes, guessed from the dates that its listing shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from crawler.walk import unpinned

_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.0}


class Dated(Protocol):
    """An item of a listing, as far as its date goes."""

    @property
    def date(self) -> date | None:
        """When it was published, where that is told."""
        ...

    @property
    def pinned(self) -> bool:
        """Whether it is held at the top by hand."""
        ...


@dataclass(frozen=True)
class Rhythm:
    """So many dates, so many days from the first to the last; the rate is None where they tell nothing."""

    dates: int
    days: int
    per_week: float | None

    def __str__(self) -> str:
        """Say it as people do."""
        if self.per_week is None:
            return f"unknown: {self.dates} dates over {self.days} days tell too little"
        per_day = self.per_week / 7
        unit = next((name for name, days in _DAYS.items() if per_day * days >= 1), "year")
        return f"about {per_day * _DAYS[unit]:.2g} a {unit}, by {self.dates} dates over {self.days} days"


def rhythm_of(items: Iterable[Dated]) -> Rhythm:
    """Return the rhythm of a listing's items, in the order in which it shows them; pinned ones do not count."""
    days = unpinned([(item.date, item.pinned) for item in items])
    span = (max(days) - min(days)).days if days else 0
    return Rhythm(len(days), span, (len(days) - 1) / span * 7 if len(days) > 2 and span else None)
