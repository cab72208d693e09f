"""Events by cursor: for those who prefer to ask. The bytes of each are those of every other window."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from services.api.conditions import Conditions
from services.api.parameters import LARGEST_PAGE, LARGEST_POSITION, Parts
from services.api.schemas import CloudEvent, EventPage
from services.api.security import needs
from services.desk import filtering
from shared.domain.states import Scope
from shared.envelope import CONTENT_TYPE, envelope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[Depends(needs(Scope.READ))])


def _event_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound(f"no event {text[:40]!r}") from error


EventId = Annotated[str, AfterValidator(_event_id)]


class EventQuery(Conditions):
    """Which events are asked for."""

    after: int = Field(0, ge=0, le=LARGEST_POSITION, description="Only events after this position.")
    limit: int = Field(100, ge=1, le=LARGEST_PAGE, description="Most events on the page.")


@router.get("", summary="Read events after a position, in order", response_model=EventPage)
def read_events(wiring: Parts, query: Annotated[EventQuery, Query()]) -> Response:
    """Keep `next` and ask again with `after=next`: nothing is missed, and nothing comes twice.

    A filter may match nothing for long: `next` then still moves on, and there is more while it is below
    `last_position`. Where you have been away for longer than events are kept, `missed_up_to` is a position. Where
    `restored_after` is one, the wire was restored from a backup: what you heard after that position is not
    known here any more, and is told again, under other ids, as far as it is found again.
    """
    with wiring.ledger.reading() as uow:
        first, last, missed = uow.events.first_position(), uow.events.last_position(), uow.events.missed(query.after)
        restored = next((gap.after for gap in uow.restores.gaps() if gap.holds(query.after)), None)
        found = filtering.after(uow, query.wanted(uow), query.after, query.limit)
    items = b",".join(envelope(event) for event in found.events)
    told = {"next": found.reached, "first_position": first, "last_position": last}
    told |= {"missed_up_to": missed, "restored_after": restored}
    return Response(
        b'{"items":[' + items + b"]," + json.dumps(told, separators=(",", ":")).encode()[1:],
        media_type="application/json",
    )


@router.get(
    "/{event_id}",
    summary="Show an event",
    response_model=CloudEvent,
    responses={200: {"content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/CloudEvent"}}}}},
)
def show_event(wiring: Parts, event_id: EventId) -> Response:
    """The same bytes as in every window; an event that has no position yet is not found."""
    with wiring.ledger.reading() as uow:
        found = uow.events.by_id(event_id)
    if found is None or found.position is None:
        raise NotFound(f"no event {event_id!r}")
    return Response(envelope(found), media_type=CONTENT_TYPE)
