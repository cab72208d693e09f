"""The AsyncAPI 3.0 document: what each event is, and through which windows it comes. Open, as OpenAPI's is."""

from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse

from services.api.event_examples import EXAMPLES
from services.api.event_schemas import KINDS
from services.api.parameters import ASYNCAPI
from services.api.windows import IN_WORDS, MESSAGES, windows
from services.wiring import VERSION
from shared.domain.events import TYPE_PREFIX, schema_of
from shared.domain.headlines import headline
from shared.envelope import CONTENT_TYPE

_SCHEMAS = "#/components/schemas"
_POSITION = 1024

router = APIRouter(tags=["events"])

_ENVELOPE = {
    "type": "object",
    "description": "CloudEvents 1.0, structured mode: the same bytes through every window.",
    "required": [
        *("specversion", "id", "source", "type", "subject", "time", "datacontenttype"),
        *("sequence", "partitionkey", "data"),
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "The same through every window and repetition."},
        "source": {"type": "string", "format": "uri-reference"},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "The notice; the source, where it is about none."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened, or was to be told."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"},
        "sequence": {"type": "string", "pattern": "^[0-9]{20}$", "description": "The position: no gaps, rising."},
        "partitionkey": {"type": "string", "description": "Events that share it come in order."},
        "data": {"type": "object"},
    },
}


def example(kind: str) -> dict[str, Any]:
    """Return a whole event of a type, as a window shows it."""
    data = EXAMPLES[kind]
    subject = data["notice"]["id"] if "notice" in data else data["source"]["id"]
    return {
        "specversion": "1.0",
        "id": "0f4e1c9a-7f0c-5b0e-9d55-5f5f3d1f2a6b",
        "source": "/v1/sources/src_01kc5h000001234567890abcde",
        "type": TYPE_PREFIX + kind,
        "subject": subject,
        "time": "2026-06-30T16:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": schema_of(kind),
        "sequence": f"{_POSITION:020d}",
        "partitionkey": subject,
        "data": data,
    }


def _message(kind: str) -> dict[str, Any]:
    return {
        "name": TYPE_PREFIX + kind,
        "title": kind,
        "summary": KINDS[kind].when,
        "contentType": CONTENT_TYPE,
        "payload": {"$ref": f"{_SCHEMAS}/{kind}"},
        "examples": [{"name": kind, "summary": headline(kind, EXAMPLES[kind], "en"), "payload": example(kind)}],
    }


def _payload(kind: str, data: str) -> dict[str, Any]:
    own = {"type": {"const": TYPE_PREFIX + kind}, "data": {"$ref": data}}
    return {"allOf": [{"$ref": f"{_SCHEMAS}/CloudEvent"}, {"type": "object", "properties": own}]}


@cache
def asyncapi_document() -> dict[str, Any]:
    """Return the document; do not change what you get."""
    models = {kind.data for kind in KINDS.values()}
    names, told = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=str)], ref_template=f"{_SCHEMAS}/{{model}}"
    )
    data = {kind: names[KINDS[kind].data, "serialization"]["$ref"] for kind in KINDS}
    payloads = {kind: _payload(kind, data[kind]) for kind in KINDS}
    channels = windows()
    for name, channel in channels.items():
        carried = IN_WORDS.get(name) or [*KINDS, *(["reset"] if name == "sse" else [])]
        channel["messages"] = {one: {"$ref": f"#/components/messages/{one}"} for one in carried}
    operations = {
        f"send-{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}, "summary": channel["title"]}
        for name, channel in channels.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "noticewire",
            "version": VERSION,
            "description": "Events about disclosure notices, their revisions, and the sites that publish them.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {kind: _message(kind) for kind in KINDS} | MESSAGES,
            "schemas": {"CloudEvent": _ENVELOPE, **told["$defs"], **payloads},
        },
    }


@router.get(ASYNCAPI, summary="Describe the events and their windows", response_class=JSONResponse)
def asyncapi() -> JSONResponse:
    """The AsyncAPI 3.0 document of every type of event and every window."""
    return JSONResponse(asyncapi_document())
