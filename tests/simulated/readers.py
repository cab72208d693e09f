"""Played readers of the stream and of the cursor: cut off at any step, each resumes from the last it has seen whole."""

import json
from itertools import pairwise
from typing import Any, cast

from services.api.events import EventQuery, read_events
from services.api.frames import Reader, read_page
from services.api.stream import opening
from services.wiring import Wiring
from shared.db import Ledger
from shared.settings import Settings
from tests.simulated.stage import Stage
from tests.standards.sse import EventSource

PIECES = 3
"""Of each event of the stream: where it is cut hangs on the event alone, so that a play is the same each time."""
PAGE = 4


class StreamReader:
    """A browser at the stream (WHATWG HTML, 9.2): its last event id outlives a connection, half an event does not."""

    def __init__(self, ledger: Ledger, stage: Stage, source: type[EventSource]) -> None:
        """Read what `ledger` holds, parsed by a `source`."""
        self._ledger = ledger
        self._stage = stage
        self._source = source("0")
        self.heard: list[tuple[int, bytes]] = []
        """Positions and bodies, in order of arrival."""

    def read(self) -> None:
        """Connect, and take what there is, piece by piece."""
        self._source.connect()
        with self._ledger.reading() as uow:
            first, last = uow.events.first_position(), uow.events.last_position()
        begin = opening(int(self._source.last_event_id), first, last)
        self._take(begin.text, 1)
        position, more = begin.position, True
        while more:
            page = read_page(self._ledger, position, Reader("reader"))
            for frame in page.frames:
                self._take(frame.text)
            position, more = page.reached, page.more

    def _take(self, text: bytes, pieces: int = PIECES) -> None:
        for start, end in pairwise(len(text) * place // pieces for place in range(pieces + 1)):
            self._stage.step("a piece of the stream")
            for told in self._source.feed(text[start:end]):
                self.heard.append((int(told.last_event_id), told.data.encode()))


class CursorReader:
    """Somebody who asks for pages, and keeps where to go on with each page that came whole."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        """Read what `ledger` holds."""
        self._wiring = Wiring(settings)
        vars(self._wiring).update(ledger=ledger)
        self._next = 0
        self.heard: list[tuple[int, bytes]] = []

    def read(self) -> None:
        """Ask until there is nothing more."""
        while True:
            page: dict[str, Any] = json.loads(
                cast(bytes, read_events(self._wiring, EventQuery(after=self._next, limit=PAGE)).body)
            )
            self.heard += [(int(item["sequence"]), json.dumps(item).encode()) for item in page["items"]]
            self._next = page["next"]
            if page["next"] >= page["last_position"]:
                return
