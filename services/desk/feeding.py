"""Feeds: which events stand in which document, so that newest and archives together are complete (RFC 5005, 4).

An archive holds what a filter wants of `SPAN` positions in a row, and never changes while its events are kept and its
filter stays. The newest document holds everything after them, and as many of the last ones as make it worth reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.db import UnitOfWork
from shared.db.models import Event
from shared.domain.filters import Filter, matches
from shared.errors import NotFound
from worker.deliver.websub import EVERY_EVENT

SPAN = 100
NEWEST = 50
"""Entries that the newest document has at least, if there are as many."""
MOST_ARCHIVES = 20
"""Archives that are looked through for them."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Topic:
    """What a feed is about: its name, what it wants (None: everything), and since when it has wanted that."""

    name: str
    wanted: Filter | None
    changed_at: datetime


@dataclass(frozen=True)
class Chosen:
    """The events of one document, the newest first; the number of the archive before it, None if there is none."""

    events: Sequence[Event]
    older: int | None

    def updated_at(self, topic: Topic) -> datetime:
        """Return when the document changed last."""
        return max([topic.changed_at, *(event.stamped_at for event in self.events if event.stamped_at)])


def topic(uow: UnitOfWork, name: str) -> Topic | None:
    """Return what the feed of a name is about, None if there is none."""
    if name == EVERY_EVENT:
        return Topic(name, None, NEVER)
    saved = uow.filters.by_name(name)
    return None if saved is None else Topic(name, Filter.stored(saved.filter), saved.changed_at)


def newest(uow: UnitOfWork, about: Topic) -> Chosen:
    """Return what the newest document holds."""
    last = uow.events.last_position()
    number = last // SPAN
    found, older = _between(uow, about, number * SPAN, last), _older(uow, number)
    for _ in range(MOST_ARCHIVES):
        if len(found) >= NEWEST or older is None:
            break
        found = [*found, *_between(uow, about, older * SPAN, (older + 1) * SPAN)]
        older = _older(uow, older)
    return Chosen(found, older)


def archive(uow: UnitOfWork, about: Topic, number: int) -> Chosen:
    """Return what an archive holds; raises `NotFound` where it is not whole yet, or no longer kept."""
    first, last = uow.events.first_position(), uow.events.last_position()
    if number >= last // SPAN:
        raise NotFound(
            f"archive {number} of this feed is not whole yet; what it will hold stands in the newest document"
        )
    if first is None or (number + 1) * SPAN < first:
        raise NotFound(f"archive {number} of this feed is older than what is kept; the first event kept is {first}")
    return Chosen(_between(uow, about, number * SPAN, (number + 1) * SPAN), _older(uow, number))


def _older(uow: UnitOfWork, number: int) -> int | None:
    """Return the next older archive that holds anything: a restore from a backup leaves out many positions."""
    highest = uow.events.last_up_to(number * SPAN)
    return None if highest is None else (highest - 1) // SPAN


def _between(uow: UnitOfWork, about: Topic, after: int, last: int) -> list[Event]:
    events = [one for one in uow.events.after(after, limit=SPAN) if (one.position or 0) <= last]
    if about.wanted is not None:
        known = uow.facets.events(events, about.wanted)
        events = [one for one, facets in zip(events, known, strict=True) if matches(about.wanted, facets)]
    return events[::-1]
