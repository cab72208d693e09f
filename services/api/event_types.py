"""The types of events: when each is told, and the JSON Schema of what it tells."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from services.api.event_schemas import KINDS, event_schema
from services.api.parameters import EVENT_SCHEMA
from services.api.schema import SchemaResponse
from services.api.schemas import Page
from services.api.security import needs
from shared.domain.events import TYPE_PREFIX, schema_of
from shared.domain.states import Scope
from shared.errors import NotFound

router = APIRouter(tags=["events"])
open_router = APIRouter(tags=["events"])


class EventTypeItem(BaseModel):
    """A type of event."""

    type: str = Field(description="As filters take it.", examples=["notice.published"])
    name: str = Field(description="As the events themselves have it.", examples=["org.noticewire.notice.published"])
    when: str = Field(description="When it is told.")
    dataschema: str = Field(description="By what its events name their schema.")
    href: str = Field(description="Where that schema is.")


@router.get("/v1/event-types", summary="List the types of events", dependencies=[Depends(needs(Scope.READ))])
def list_event_types() -> Page[EventTypeItem]:
    """Every type that there is, with the schema of its data; `/asyncapi.json` describes whole events."""
    return Page(
        items=[
            EventTypeItem(
                type=kind,
                name=TYPE_PREFIX + kind,
                when=told.when,
                dataschema=schema_of(kind),
                href=EVENT_SCHEMA.format(kind=kind),
            )
            for kind, told in KINDS.items()
        ],
        next=None,
    )


@open_router.get(EVENT_SCHEMA, summary="Describe what a type of event tells", response_class=SchemaResponse)
def show_event_schema(
    kind: Annotated[str, Path(max_length=60, examples=["notice.published"], description="A type, without prefix.")],
) -> SchemaResponse:
    """JSON Schema 2020-12 of the `data` of such events, with an example."""
    if kind not in KINDS:
        raise NotFound(f"no event type {kind!r}; known are {', '.join(KINDS)}")
    return SchemaResponse(event_schema(kind))
