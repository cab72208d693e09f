"""What a stream sends: events as server-sent events (WHATWG HTML, 9.2), and the reading of them from the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.db import Ledger, UnitOfWork
from shared.db.models import Event
from shared.domain.events import TYPE_PREFIX
from shared.domain.filter_index import FilterIndex
from shared.domain.filters import Filter, matches
from shared.envelope import envelope
from shared.ids import kind_of

PAGE_LIMIT = 50


@dataclass(frozen=True)
class Asked:
    """A filter as somebody asked for it: by the name of a saved one or the id of a subscription, or in conditions."""

    name: str | None
    wanted: Filter
    version: str
    """Another one whenever the filter has become another."""


@dataclass(frozen=True)
class Frame:
    """One event as a server-sent event: its position, its short type, its bytes, and which filters want it."""

    position: int
    type: str
    text: bytes
    tried: frozenset[str] = frozenset()
    """The versions of the filters that were tried."""
    wanted: frozenset[str] = frozenset()
    """Those of them that want it."""


@dataclass(eq=False)
class Reader:
    """Somebody who reads: with which token, which types (none named: all), and what a filter wants (None: all)."""

    key: str
    """Of the token (`services.desk.tokens.key_of`)."""
    types: frozenset[str] = frozenset()
    asked: Asked | None = None
    over: bool = False
    """Its token is no longer valid, or its filter is gone: the stream ends."""

    def wants(self, frame: Frame) -> bool:
        """Tell whether the reader is to see a frame; its filter must have been tried."""
        typed = not self.types or frame.type in self.types
        return typed and (self.asked is None or self.asked.version in frame.wanted)

    def can_tell(self, frame: Frame) -> bool:
        """Tell whether the frame says if the reader wants it."""
        return self.asked is None or self.asked.version in frame.tried


@dataclass(frozen=True)
class Page:
    """Frames from the ledger, and the position up to which the reader has then seen everything."""

    frames: Sequence[Frame] = field(default_factory=list)
    reached: int = 0
    more: bool = False
    lost: bool = False
    """What comes next is no longer kept."""


def asked_for(uow: UnitOfWork, name: str) -> Asked | None:
    """Return the filter of a name, or of a subscription by its id; None if there is none, or none any more."""
    if kind_of(name) == "subscription":
        subscription = uow.subscriptions.by_id(name)
        if subscription is None:
            return None
        told = subscription.filter
        wanted = Filter.stored(
            told if told is not None else {"types": subscription.types, "republications": subscription.republications}
        )
        return Asked(name, wanted, f"{name} {wanted.to_json()}")
    saved = uow.filters.by_name(name)
    return None if saved is None else Asked(name, Filter.stored(saved.filter), f"{saved.id} {saved.changed_at}")


def read_frames(ledger: Ledger, position: int, asked: Iterable[Asked], limit: int) -> list[Frame]:
    """Return the next frames after `position`, each with which of the filters want it."""
    index = FilterIndex((one.version, one.wanted) for one in asked)
    tried = frozenset(one.version for one in asked)
    with ledger.reading() as uow:
        events = uow.events.after(position, limit=limit)
        known = list(uow.facets.events(events, index))
    return [
        Frame(event.position or 0, event.type, text_of(event), tried, frozenset(index.matching(facets)))
        for event, facets in zip(events, known, strict=True)
    ]


def read_page(ledger: Ledger, position: int, reader: Reader) -> Page:
    """Return the next frames for one reader who is far behind."""
    with ledger.reading() as uow:
        # Before the events: what is stamped in between is for the next page.
        first, last = uow.events.first_position(), uow.events.last_position()
        events = uow.events.after(position, types=sorted(reader.types), limit=PAGE_LIMIT)
        wanted: Sequence[Event] = events
        if reader.asked is not None:
            known = uow.facets.events(events, reader.asked.wanted)
            wanted = [one for one, facets in zip(events, known, strict=True) if matches(reader.asked.wanted, facets)]
    oldest = last if first is None else first - 1
    if position < oldest:
        return Page(reached=position, lost=True)
    more = len(events) == PAGE_LIMIT
    seen = [event.position or 0 for event in events]
    frames = [Frame(event.position or 0, event.type, text_of(event)) for event in wanted]
    return Page(frames, seen[-1] if more else max([position, last, *seen]), more)


def text_of(event: Event) -> bytes:
    """Return a stamped event as a server-sent event: its envelope has no line end inside."""
    head = f"id: {event.position}\nevent: {TYPE_PREFIX}{event.type}\ndata: ".encode()
    return head + envelope(event) + b"\n\n"
