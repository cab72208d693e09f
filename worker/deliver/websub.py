"""WebSub (W3C Recommendation): what a hub sends to a callback, and what it asks before it sends anything. Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared import syndication
from shared.db.models import Event
from shared.domain.headlines import Language
from shared.entries import entry_of
from shared.syndication import Document

HUB = "/v1/hub"
DENIED = "denied"
"""The mode in which a callback is told that it is refused (5.2)."""
EVERY_EVENT = "all"
"""The name of the feed of every event, which is nobody's filter."""
SHORTEST_LEASE, LONGEST_LEASE = 300, 30 * 86400
USUAL_LEASE = 10 * 86400
"""Seconds; the standard leaves them to the hub (5.1)."""
WRITERS = {"atom": (syndication.ATOM_TYPE, syndication.atom), "json": (syndication.JSON_TYPE, syndication.json_feed)}


@dataclass(frozen=True)
class Topic:
    """A feed as a subscriber named it: its address, as it was written, and what that says."""

    address: str
    feed: str
    form: str
    language: Language


@dataclass(frozen=True)
class Details:
    """What is sealed of a subscriber: its secret, and the topic's address, which may hold a token."""

    topic: str
    secret: str | None
    token_key: str

    def to_text(self) -> str:
        """Return it as text, to be sealed."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> "Details":
        """Return what `to_text` wrote."""
        return Details(**json.loads(text))


def hub_of(topic: str) -> str:
    """Return the address of the hub as the topic's document names it: with the token, if that has one."""
    parts = urlsplit(topic)
    token = [(name, value) for name, value in parse_qsl(parts.query) if name == "token"]
    path = parts.path.partition("/v1/feeds/")[0] + HUB
    return urlunsplit(parts._replace(path=path, query=urlencode(token), fragment=""))


def question(callback: str, mode: str, details: Details, more: Mapping[str, str]) -> str:
    """Return the address that asks a callback whether it meant what somebody asked for in its name (5.3), or tells it
    that it is refused (5.2); the callback's own query stays."""
    parts = urlsplit(callback)
    asked = {"hub.mode": mode, "hub.topic": details.topic, **more}
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *asked.items()])
    return urlunsplit(parts._replace(query=query, fragment=""))


def letter(event: Event, manner: Mapping[str, Any], details: Details) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a distribution (7): the feed with the new entry; signed, if it can be."""
    hub = hub_of(details.topic)
    kind, write = WRITERS[manner["form"]]
    language: Language = manner["language"]
    document = Document(
        id=f"urn:noticewire:feed:{manner['feed']}",
        title=f"noticewire: {manner['feed']}",
        language=language,
        updated_at=event.stamped_at or event.occurred_at,
        links={"self": details.topic, "hub": hub},
        entries=[entry_of(event, language)],
    )
    body = write(document)
    headers = {"content-type": kind, "link": f'<{hub}>; rel="hub", <{details.topic}>; rel="self"'}
    if details.secret is not None:
        digest = hmac.new(details.secret.encode(), body, hashlib.sha256).hexdigest()
        headers["x-hub-signature"] = f"sha256={digest}"
    return headers, body
