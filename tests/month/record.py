"""What a verdict is made from, the ledger beside the simulation's truth, and the verdict itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, inf
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import Event
from tests.month.clock import seconds_of
from tests.month.play import Play
from tests.month.story import Character

Told = dict[str, Any]


@dataclass
class Verdict:
    """Broken promises in words, and figures."""

    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    """Hours from publication to its event."""
    deaths: list[tuple[str, float, float, float]] = field(default_factory=list)
    """Column, notices a day, days until it was told (infinite: not yet), days within which it was owed."""

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        for name, count in sorted(self.counts.items()):
            yield f"{count:>8,} {name}"
        if self.delays:
            ordered = sorted(self.delays)
            p95 = ordered[ceil(0.95 * len(ordered)) - 1]
            yield f"publication to event: median {median(ordered):.1f} h, p95 {p95:.1f} h, of {len(ordered)}"
        for name, rate, days, bound in sorted(self.deaths, key=lambda each: -each[1]):
            told = "not told" if days == inf else f"told after {days:.1f} days"
            owed = "its habit allows no bound" if bound == inf else f"owed within {bound:.1f}"
            yield f"death of {name} ({rate:.2f} a day): {told}; {owed}"


class Record:
    """Both sides of a play that is over."""

    def __init__(self, play: Play, session: Session) -> None:
        """Take the truth and the events, whole."""
        self.verdict = Verdict()
        self.counts = self.verdict.counts
        self.session = session
        self.story, self.premises = play.story, play.premises
        self.truth: Told = play.premises.truth()
        self.log = play.premises.log()
        self.ends = play.clock.seconds
        self.acts = [(change["at_monotonic"], change["path"]) for change in self.truth["changes"]]
        """When something was done, and at which path."""
        self.characters = {self.url(one): one for one in self.story.characters}
        self._names = {(one.key, self._name(one)): one for one in self.story.characters}
        self._events: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in session.scalars(select(Event).order_by(Event.serial)):
            self._events[event.subject, event.type].append(event)
            self.counts[f"event {event.type}"] += 1

    def url(self, one: Character) -> str:
        """Return the address of a column's listing."""
        return self.premises.listing_url(one.key, one.column)

    def _name(self, one: Character) -> str:
        return self.premises.publishers[one.key].columns[one.column].name

    def column_of(self, told: Told) -> Character:
        """Return the column of a notice."""
        return self._names[told["key"], told["column"]]

    def published_by(self, one: Character) -> list[float]:
        """Return when a column published, the backlog aside."""
        mine = [told for told in self.truth["notices"] if self.column_of(told) is one]
        return sorted(since for told in mine if (since := begin_of(told)) > 0)

    def news_of(self, one: Character) -> list[float]:
        """Return when a column's listing showed a new link: a publication, or a notice's new address."""
        mine = [told for told in self.truth["notices"] if self.column_of(told) is one]
        moved = [float(move["left_at_monotonic"]) for told in mine for move in told["moves"]]
        return sorted([*self.published_by(one), *moved])

    def events(self, subject: str, kind: str) -> list[Event]:
        """Return the events of a kind about something, in order."""
        return self._events[subject, kind]


def begin_of(told: Told) -> float:
    """Return when a notice went up, in seconds; 0 for those that were up when the month began."""
    return float(told["revisions"][0]["served_from_monotonic"])


def at(moment: datetime | None) -> float:
    """Return the played seconds at a moment of the ledger; infinite for one that has not come."""
    return inf if moment is None else seconds_of(moment)
