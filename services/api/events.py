"""Events by cursor: for those who prefer to ask. The bytes of each are those of every other window."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.api.conditions import Conditions
from services.api.parameters import LARGEST_PAGE, LARGEST_POSITION, Parts
from services.api.schemas import EventPage
from services.api.security import needs
from services.desk import filtering
from shared.domain.states import Scope
from shared.envelope import envelope

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[Depends(needs(Scope.READ))])


class EventQuery(Conditions):
    """Which events are asked for."""

    after: int = Field(0, ge=0, le=LARGEST_POSITION, description="Only events after this position.")
    limit: int = Field(100, ge=1, le=LARGEST_PAGE, description="Most events on the page.")


@router.get("", summary="Read events after a position, in order", response_model=EventPage)
def read_events(wiring: Parts, query: Annotated[EventQuery, Query()]) -> Response:
    """Keep `next` and ask again with `after=next`: nothing is missed, and nothing comes twice.

    A filter may match nothing for long: `next` then still moves on, and there is more while it is below
    `last_position`. Compare `first_position` where you have been away for longer than events are kept.
    """
    with wiring.ledger.reading() as uow:
        first, last = uow.events.first_position(), uow.events.last_position()
        found = filtering.after(uow, query.wanted(uow), query.after, query.limit)
    items = b",".join(envelope(event) for event in found.events)
    tail = f'],"next":{found.reached},"first_position":{"null" if first is None else first},"last_position":{last}}}'
    return Response(b'{"items":[' + items + tail.encode(), media_type="application/json")
