"""Events by cursor: for those who prefer to ask. The bytes of each are those of every other window."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from services.api.parameters import LARGEST_PAGE, LARGEST_POSITION, Parts, Wish
from services.api.schemas import EventPage
from services.api.security import needs
from shared.domain.events import EVENT_TYPES, TYPE_PREFIX
from shared.domain.states import Scope
from shared.envelope import envelope

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[Depends(needs(Scope.READ))])


def _known_type(name: str) -> str:
    short = name.removeprefix(TYPE_PREFIX)
    if short not in EVENT_TYPES:
        raise ValueError(f"unknown event type; known are {', '.join(EVENT_TYPES)}")
    return short


EventType = Annotated[str, AfterValidator(_known_type)]


class EventQuery(Wish):
    """Which events are asked for."""

    after: int = Field(0, ge=0, le=LARGEST_POSITION, description="Only events after this position.")
    limit: int = Field(100, ge=1, le=LARGEST_PAGE, description="Most events on the page.")
    type: list[EventType] = Field(
        default=[], max_length=len(EVENT_TYPES), description="Only events of these types; repeat it for several."
    )


@router.get("", summary="Read events after a position, in order", response_model=EventPage)
def read_events(wiring: Parts, query: Annotated[EventQuery, Query()]) -> Response:
    """Keep `next` and ask again with `after=next`: nothing is missed, and nothing comes twice.

    Compare `first_position` where you have been away for longer than events are kept.
    """
    with wiring.ledger.reading() as uow:
        # Read before the events: whatever is stamped in between is then asked for the next time.
        first, last = uow.events.first_position(), uow.events.last_position()
        events = uow.events.after(query.after, types=query.type, limit=query.limit)
    positions = [event.position or 0 for event in events]
    # A filter may match nothing for long; the cursor still moves to the end of what was looked at.
    following = positions[-1] if len(positions) == query.limit else max([last, *positions])
    items = b",".join(envelope(event) for event in events)
    tail = f'],"next":{following},"first_position":{"null" if first is None else first},"last_position":{last}}}'
    return Response(b'{"items":[' + items + tail.encode(), media_type="application/json")
