"""The windows through which events come, as AsyncAPI describes channels, and the messages that are no CloudEvents."""

from typing import Any

from shared.settings import Settings

MESSAGES: dict[str, dict[str, Any]] = {
    "reset": {
        "title": "reset",
        "summary": "The position asked for cannot be resumed from; the stream goes on after another.",
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": ["reason", "asked", "after", "first_position", "last_position"],
            "properties": {
                "reason": {"type": "string"},
                "asked": {"type": "integer"},
                "after": {"type": "integer", "description": "The position after which the stream goes on."},
                "first_position": {"type": ["integer", "null"], "description": "The lowest that is kept."},
                "last_position": {"type": "integer", "description": "The last that was handed out."},
            },
        },
    },
    "entry": {
        "title": "entry",
        "summary": "An event, told in words.",
        "contentType": "application/feed+json",
        "payload": {
            "type": "object",
            "required": ["id", "title", "content_text", "date_published", "tags"],
            "properties": {
                "id": {"type": "string", "pattern": "^urn:uuid:", "description": "The event's id."},
                "url": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "content_text": {"type": "string"},
                "date_published": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string"}, "description": "The event's type."},
            },
        },
    },
    "distribution": {
        "title": "distribution",
        "summary": "A feed with one new entry (WebSub, 7). Of an Atom topic the same as `application/atom+xml`.",
        "contentType": "application/feed+json",
        "headers": {
            "type": "object",
            "required": ["Link"],
            "properties": {
                "Link": {"type": "string", "description": "The hub (`rel=hub`) and the topic (`rel=self`)."},
                "X-Hub-Signature": {
                    "type": "string",
                    "pattern": "^sha256=[0-9a-f]{64}$",
                    "description": "HMAC of the body with the subscriber's secret; only if it gave one.",
                },
            },
        },
        "payload": {
            "type": "object",
            "required": ["version", "title", "feed_url", "hubs", "items"],
            "properties": {
                "version": {"const": "https://jsonfeed.org/version/1.1"},
                "title": {"type": "string"},
                "feed_url": {"type": "string", "format": "uri", "description": "The topic."},
                "hubs": {"type": "array", "items": {"type": "object"}, "description": "Where one subscribes."},
                "items": {"type": "array", "maxItems": 1, "items": {"$ref": "#/components/messages/entry/payload"}},
            },
        },
    },
    "note": {
        "title": "note",
        "summary": "Events told in words, the oldest first, with links; how it is spelt is the service's own.",
        "contentType": "text/plain",
        "payload": {"type": "string", "description": "A headline, and for each event its own with what it tells."},
    },
}


IN_WORDS = {"feed": ["entry"], "websub": ["distribution"], "chat": ["note"]}
"""The channels that carry no CloudEvents, and which messages instead."""


def windows() -> dict[str, dict[str, Any]]:
    """Return a channel for each window, without its messages."""
    stream = Settings.model_fields["stream_key"].default
    return {
        "webhook": {
            "address": None,
            "title": "Webhooks",
            "description": "A POST for each event to the URL of a subscription, signed by Standard Webhooks 1.0 "
            "(`webhook-id`, `webhook-timestamp`, `webhook-signature`): at least once, in order within a partition key. "
            "In binary mode, on request, the body is `data` alone and the other attributes are headers `ce-…`.",
        },
        "sse": {
            "address": "/v1/events/stream",
            "title": "Server-Sent Events",
            "description": "`id` is the position, `event` the type, `data` the event; `Last-Event-ID` resumes.",
        },
        "cursor": {
            "address": "/v1/events",
            "title": "The cursor API",
            "description": "`items` holds the events after the position given as `after`; `next` is where to go on.",
        },
        "redis": {
            "address": stream,
            "title": "Redis Streams",
            "description": "Entry ids are `<position>-0`; the field `event` is the event. `<key>/after` holds the "
            "position after which the stream has everything.",
        },
        "feed": {
            "address": "/v1/feeds/{name}.json",
            "title": "Feeds",
            "description": "A feed of a saved filter: an entry in words for each event. As Atom it ends in `.atom`.",
            "parameters": {"name": {"description": "A saved filter's name, or `all`."}},
        },
        "websub": {
            "address": None,
            "title": "WebSub",
            "description": "A POST for each event to the callback of a subscriber, who asked the hub (`POST /v1/hub`) "
            "and confirmed it, until its lease ends. The topics are the feeds.",
        },
        "chat": {
            "address": None,
            "title": "Chats and mail",
            "description": "A message in a chat or mailbox, in Chinese, English or both: of one event or those of a "
            "while (`digest_seconds`), as many as the service has room for.",
        },
    }
