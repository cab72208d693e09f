"""Events as they happen: Server-Sent Events (WHATWG HTML, 9.2), resumable from any position kept.

Each event's `id` is its position, so that a reader that was cut off goes on where it was. Where that cannot be, an
explicit `reset` event says so, and from where the stream goes on.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import Field, model_validator
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.api.conditions import EVERYTHING, Conditions, FilterName
from services.api.crowd import COMMENT
from services.api.errors import about
from services.api.frames import Asked, Page, Reader
from services.api.parameters import LARGEST_POSITION
from services.api.security import needs
from services.api.tail import TROUBLE_SECONDS, Tail
from shared.db.models import Token
from shared.db.restores import Gap
from shared.domain.filters import Filter
from shared.domain.states import Scope as Right
from shared.errors import Invalid, NotFound, Unavailable

log = structlog.get_logger()

RETRY = b"retry: 3000\n"
EVENT_SCHEMA = {
    "title": "ServerSentEvent",
    "description": "One event of the stream; comments and the time to come back after stand between them.",
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "Its position."},
        "event": {"type": "string", "description": "The CloudEvent's type, or `reset`."},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "The CloudEvent."},
    },
    "required": ["id", "event", "data"],
}
"""Each event as a reader parses it; OpenAPI 3.1 has no word for a sequence of them."""

router = APIRouter(prefix="/v1/events", tags=["events"])


class StreamQuery(Conditions):
    """Which events are streamed, and from where on."""

    after: int | None = Field(
        None, ge=0, le=LARGEST_POSITION, description="Go on after this position; from now on if not given."
    )
    filter: FilterName | None = Field(
        None, description="Only what this saved filter wants: its name. 204 once it is gone."
    )
    subscription: str | None = Field(
        None, max_length=40, description="Only what this subscription wants: its id. 204 once it is gone."
    )
    token: str | None = Field(None, max_length=200, description="A token whose only scope is `read`.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.subscription is not None and (self.filter is not None or self.asked is not None):
            raise ValueError("give a subscription, or a filter or conditions, not both")
        return self

    def conditions(self) -> dict[str, Any]:
        """Return the conditions but for the types, which may be asked for beside a filter."""
        return super().conditions() | {"types": []}

    @property
    def asked(self) -> Asked | None:
        """What is asked for in conditions, None if nothing is."""
        wanted = Filter.parse(self.conditions())
        return None if wanted == EVERYTHING else Asked(None, wanted, f"{wanted.to_json()}")


@dataclass(frozen=True)
class Opening:
    """How a stream begins: the position after which it goes on, and its first bytes."""

    position: int
    text: bytes


def opening(asked: int | None, first: int | None, last: int, gaps: Sequence[Gap] = ()) -> Opening:
    """Return how a stream begins that was `asked` to go on after a position (None: from now), given those kept. Pure.

    A reset goes on with the first event kept where older ones are gone, after the gap where the position lies in one
    that a restore from a backup left, and from now where it was never handed out; its `id` makes that the reader's.
    """
    if asked is None:
        # An id without data is no event, but a reader cut off before its first event then resumes from here.
        return Opening(last, RETRY + f"id: {last}\n\n".encode())
    if asked > last:
        return _reset(asked, last, "this position was never handed out; the stream goes on from now", first, last)
    for gap in gaps:
        if gap.holds(asked):
            told = f"restored from a backup; positions after {gap.after} were handed out by what is lost"
            return _reset(asked, gap.resumes_after, told, first, last)
    oldest = last if first is None else first - 1
    if asked < oldest:
        return _reset(asked, oldest, "older events than the first are no longer kept", first, last)
    return Opening(asked, RETRY + b"\n")


def _reset(asked: int, onward: int, reason: str, first: int | None, last: int) -> Opening:
    told = {"reason": reason, "asked": asked, "after": onward, "first_position": first, "last_position": last}
    event = f"id: {onward}\nevent: reset\ndata: {json.dumps(told)}\n\n"
    return Opening(onward, RETRY + b"\n" + event.encode())


class EventStream(StreamingResponse):
    """The answer that does not end until the reader leaves, its token ends, or the server stops."""

    media_type = "text/event-stream"

    def __init__(self, tail: Tail, reader: Reader, begin: Opening, comment_seconds: float) -> None:
        """Stream what comes after `begin` to `reader`; a comment after each `comment_seconds` of quiet."""
        # The header tells nginx not to gather the stream into buffers.
        super().__init__(self._texts(begin), headers={"X-Accel-Buffering": "no"})
        self._tail = tail
        self._reader = reader
        self._comment_seconds = comment_seconds
        self._connection: asyncio.WriteTransport | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream, counted among the tail's readers for as long."""
        if scope["http_version"] == "1.1":  # whose bodies come in chunks; those of 1.0 are fed by way of `send`
            self._connection = scope["state"].get("connection")
        with self._tail.joined(self._reader):
            await super().__call__(scope, receive, send)

    async def _texts(self, begin: Opening) -> AsyncIterator[bytes]:
        yield begin.text
        position, loop = begin.position, asyncio.get_running_loop()
        comment_at = loop.time() + self._comment_seconds
        while not (self._reader.over or self._tail.closed):
            news = self._tail.news
            try:
                page = await self._tail.after(position, self._reader)
                if page.lost:
                    anew = opening(position, *await self._tail.bounds())
                    yield anew.text
                    position = anew.position
                    continue
            except Unavailable as error:
                # Keep the stream: a browser told 503 would never come back by itself.
                log.warning("stream_waits", error=str(error))
                page = Page(reached=position)
                await asyncio.sleep(TROUBLE_SECONDS)
            position = page.reached
            if page.frames:
                yield b"".join(frame.text for frame in page.frames)
                comment_at = loop.time() + self._comment_seconds
            if page.frames or page.more:
                continue
            if self._connection is not None:
                stood = await self._tail.stand_by(self._reader, self._connection, position)
                if stood is not None:
                    position, comment_at = stood, loop.time() + self._comment_seconds
                    yield b""  # which waits until the connection has room again
                    continue
            await news.wait()
            if loop.time() >= comment_at:
                yield COMMENT
                comment_at = loop.time() + self._comment_seconds


@router.get(
    "/stream",
    summary="Stream events as they happen",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: `id` is the position, `event` the type, `data` the CloudEvent; "
            "a `reset` event where the position asked for cannot be resumed from.",
            "content": {"text/event-stream": {"schema": EVENT_SCHEMA}},
        },
        204: {"description": "The filter or subscription is gone: a reader that gets this does not come back."},
    },
)
async def stream_events(
    request: Request,
    query: Annotated[StreamQuery, Query()],
    _token: Annotated[Token, Depends(needs(Right.READ, in_url=True))],
    last_event_id: Annotated[
        str | None, Header(description="Sent by a reader that resumes; wins over `after`.")
    ] = None,
) -> Response:
    """A token in the address is accepted here, if it can only read: browsers' EventSource sends no headers."""
    tail: Tail = request.app.state.tail
    position = query.after if not last_event_id else _position(last_event_id)
    reader = Reader(request.state.key, frozenset(query.type))
    name = query.filter or query.subscription
    if name is not None:
        reader.asked = await tail.asked_for(name)
        if reader.asked is None:
            if position is not None:
                return Response(status_code=204)
            raise NotFound(f"no filter or subscription {name!r}")
    else:
        reader.asked = query.asked
    return EventStream(tail, reader, opening(position, *await tail.bounds()), tail.comment_seconds)


def _position(text: str) -> int:
    # int() accepts far more than the digits that we sent.
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_POSITION):
        with about("header.Last-Event-ID"):
            raise Invalid("it is not a position of this stream")
    return int(text)
