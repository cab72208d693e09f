"""What the API answers, as far as most programs look; `GET /openapi.json` tells of every field."""

from typing import Any, TypedDict


class Notice(TypedDict):
    """A published item, as it stands."""

    id: str
    source_id: str
    column_id: str
    url: str
    state: str
    title: str | None
    published_at: str | None
    kind: str | None
    inspected: str | None
    first_seen_at: str
    changed_at: str


class Problem(TypedDict):
    """What was found wrong, and how far its rectification has come."""

    id: str
    notice_id: str | None
    title: str
    status: str | None
    due_by: str | None
    changed_at: str


class Source(TypedDict):
    """A publishing body and its site."""

    id: str
    name: str
    host: str
    paused_at: str | None


class Event(TypedDict):
    """A CloudEvent; `sequence` is its position."""

    id: str
    type: str
    subject: str
    time: str
    sequence: str
    partitionkey: str
    data: dict[str, Any]


class Recrawl(TypedDict, total=False):
    """A wish that something be crawled again, and (asked for by its id) how far it is."""

    id: str
    subject: str
    targets: int
    finished_at: str | None
    waiting: int
    unprocessed: int
    outcomes: dict[str, int]
