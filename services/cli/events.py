"""`events`: the wire, read by position; with --follow it goes on until it is interrupted."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.conditions import Asked, Named, Where
from services.cli.opening import opened
from services.cli.options import Data, Json, Types
from services.cli.records import moment
from services.cli.screen import note, reader_gone, say
from shared.errors import Unavailable

if TYPE_CHECKING:
    from services.desk.filtering import Wanted
    from shared.clock import Clock
    from shared.db import Ledger
    from shared.db.models import Event
    from shared.domain.filters import Filter

BATCH = 200
FOLLOW_SECONDS = 0.2
DOWN_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("events")(events)


def events(
    after: Annotated[int, typer.Option(metavar="POSITION", min=0, help="Only events after this position.")] = 0,
    types: Types = [],  # noqa: B006 (read only)
    where: Where = [],  # noqa: B006 (read only)
    saved: Named = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after so many.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new ones until interrupted.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Print the events that were recorded, in order of position; with --json as CloudEvents, one a line."""
    from shared.envelope import envelope

    with opened(data) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, types, saved, again=True).wanted(uow)
            missed = uow.events.missed(after)
        if missed is not None:
            note(f"noticewire: events up to position {missed} are no longer kept")
        reader = Reader(wiring.ledger, wiring.clock, wanted, follow)
        for event in islice(reader.after(after), limit):
            # An envelope is ASCII: the very bytes that a subscriber is sent.
            say(envelope(event).decode("ascii") if json else _line(event), flush=follow)


def _line(event: Event) -> str:
    data = jsonlib.loads(event.data)
    notice = data.get("notice") or {"title": (data.get("source") or {}).get("name"), **(data.get("column") or {})}
    at = moment(event.occurred_at.replace(microsecond=0))
    title = (data.get("problem") or notice).get("title")
    words = (f"{event.position:>6}", at, f"{event.type:<17}", event.subject, title, notice.get("url"))
    return "  ".join(str(word) for word in words if word)


@dataclass(frozen=True)
class Reader:
    """Reads the stamped events that a filter wants, by position."""

    ledger: Ledger
    clock: Clock
    wanted: Filter
    follow: bool

    def after(self, position: int) -> Iterator[Event]:
        """Yield the events after `position`; when following, without end, waiting for a database that is down."""
        while True:
            try:
                found = self._batch(position)
            except Unavailable as error:
                if not self.follow:
                    raise
                self._wait_for_database(error)
                continue
            yield from found.events
            ended = found.reached == position
            position = found.reached
            if ended and not self.follow:
                return
            if ended:
                self._wait_for_news()

    def _batch(self, position: int) -> Wanted:
        from services.desk import filtering

        with self.ledger.reading() as uow:
            return filtering.after(uow, self.wanted, position, BATCH)

    def _wait_for_news(self) -> None:
        if reader_gone():
            raise BrokenPipeError("standard output is closed")
        self.clock.sleep(FOLLOW_SECONDS)

    def _wait_for_database(self, error: Unavailable) -> None:
        note(f"noticewire: {error}; waiting for it")
        while True:
            self._wait_for_news()
            self.clock.sleep(DOWN_SECONDS)
            try:
                self._batch(0)
            except Unavailable:
                continue
            note("noticewire: the database answers again")
            return
