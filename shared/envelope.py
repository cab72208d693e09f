"""The CloudEvents 1.0 envelope that every window shows: one event, one body, byte for byte."""

import json

from cloudevents.core.bindings.http import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.db.models import Event
from shared.domain.events import TYPE_PREFIX
from shared.domain.states import ContentMode

CONTENT_TYPE = "application/cloudevents+json"
LARGEST_BYTES = 64 * 1024


def envelope(event: Event) -> bytes:
    """Return a stamped event in structured JSON mode; a pure function of its row, so that no two attempts differ.

    `sequence` is the position, zero-padded to 20 digits, for CloudEvents integers have 32 bits; `partitionkey` is the
    notice (or the source) within which order is kept; events that were recorded with a `dataschema` keep it.
    """
    return JSONFormat().write(_cloud_event(event))


def request_of(event: Event, mode: ContentMode) -> tuple[dict[str, str], bytes]:
    """Return the headers (names in lower case) and the body in which a webhook is told of a stamped event.

    In binary mode (CloudEvents HTTP 1.0.2, 3.1) the body is the data alone, `content-type` says of what type, and all
    other attributes are headers `ce-…`, with space, `"`, `%` and whatever is not ASCII as `%XX` of its UTF-8.
    """
    if mode is ContentMode.STRUCTURED:
        return {"content-type": CONTENT_TYPE}, envelope(event)
    message = to_binary(_cloud_event(event), JSONFormat())
    return message.headers, message.body


def _cloud_event(event: Event) -> CloudEvent:
    assert event.position is not None, "only a stamped event has an envelope"
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"/v1/sources/{event.source_id}",
        "type": TYPE_PREFIX + event.type,
        "subject": event.subject,
        "time": event.occurred_at,
        "datacontenttype": "application/json",
        "sequence": f"{event.position:020d}",
        "partitionkey": event.partition_key,
    }
    if event.dataschema is not None:
        attributes["dataschema"] = event.dataschema
    return CloudEvent(attributes, json.loads(event.data))
