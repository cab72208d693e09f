"""Whether events tell what their schemas say, and no more: asked at the end of every test with a ledger."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.api.asyncapi import asyncapi_document
from services.api.event_schemas import KINDS, event_schema
from shared.db.models import Event
from shared.domain.events import schema_of
from shared.envelope import LARGEST_BYTES, envelope


@cache
def validator_of(kind: str) -> Draft202012Validator:
    """Return what checks the data of a type, strictly: a field that no schema describes is a flaw, too."""
    return Draft202012Validator(_closed(event_schema(kind)), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name == "examples" else _closed(value) for name, value in schema.items()}
    return closed | {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def flaws_in(kind: str, data: Any) -> Iterator[str]:
    """Yield what is wrong with a type's data."""
    for error in validator_of(kind).iter_errors(data):
        yield f"{kind} {'.'.join(map(str, error.path))}: {error.message}"


def events_tell_what_their_schemas_say(session: Session) -> Iterator[str]:
    """E1: whatever was recorded with a schema keeps it, under the schema's own name, within the largest envelope."""
    for event in session.scalars(select(Event).where(Event.dataschema.is_not(None))):
        if event.type not in KINDS or event.dataschema != schema_of(event.type):
            yield f"E1 {event.id} is a {event.type} and names {event.dataschema}"
            continue
        yield from (f"E1 {event.id}: {flaw}" for flaw in flaws_in(event.type, json.loads(event.data)))
        if event.position is not None:
            body = envelope(event)
            yield from (f"E1 {event.id}: {error.message}" for error in _cloud_event().iter_errors(json.loads(body)))
            if len(body) > LARGEST_BYTES:
                yield f"E1 {event.id} has {len(body)} bytes"


@cache
def _cloud_event() -> Draft202012Validator:
    return Draft202012Validator(asyncapi_document()["components"]["schemas"]["CloudEvent"])
