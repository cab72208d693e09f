"""Events: their types, and ids that make work done twice write one event."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPE_PREFIX = "org.noticewire."
SCHEMAS = "/v1/schemas/events"
"""Below it the API serves a JSON Schema for each type."""
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://noticewire.org/events")

NOTICE_PUBLISHED = "notice.published"
NOTICE_REVISED = "notice.revised"
NOTICE_WITHDRAWN = "notice.withdrawn"
NOTICE_RESTORED = "notice.restored"
NOTICE_REPUBLISHED = "notice.republished"
NOTICE_MOVED = "notice.moved"
PROBLEM_STATUS_CHANGED = "problem.status_changed"
COMMITMENT_DUE = "commitment.due"
COMMITMENT_OVERDUE = "commitment.overdue"
COMMENT_WINDOW_OPENED = "comment_window.opened"
COMMENT_WINDOW_CLOSING = "comment_window.closing"
COMMENT_WINDOW_CLOSED = "comment_window.closed"
SOURCE_SILENT = "source.silent"
SOURCE_DRIFTED = "source.drifted"
SOURCE_BLOCKED = "source.blocked"
SOURCE_RECOVERED = "source.recovered"
TOLD_OF_TIMES = (
    COMMITMENT_DUE,
    COMMITMENT_OVERDUE,
    COMMENT_WINDOW_OPENED,
    COMMENT_WINDOW_CLOSING,
    COMMENT_WINDOW_CLOSED,
    SOURCE_SILENT,
    SOURCE_DRIFTED,
    SOURCE_BLOCKED,
    SOURCE_RECOVERED,
)
"""What the relay's leader tells itself, of times that may be long ago when it does."""
EVENT_TYPES = (
    NOTICE_PUBLISHED,
    NOTICE_REVISED,
    NOTICE_WITHDRAWN,
    NOTICE_RESTORED,
    NOTICE_REPUBLISHED,
    NOTICE_MOVED,
    PROBLEM_STATUS_CHANGED,
    *TOLD_OF_TIMES,
)


def id_after(event_id: str, restore: int) -> str:
    """Return the id of an event that is recorded after the n-th restore of the ledger (0: there was none).

    Who heard events that the backup did not know must not hear another body under one of their ids: after a restore
    the second revision of a notice may be another text than the second revision that was told.
    """
    return str(uuid.uuid5(_NAMESPACE, f"{event_id}\nrestore/{restore}")) if restore else event_id


def schema_of(kind: str) -> str:
    """Return the URI by which events of a type name their JSON Schema; its path is where every API serves it.

    Absolute, as CloudEvents asks of `dataschema`; an event is the same whoever shows it, so it names no host of ours.
    """
    return f"https://noticewire.org{SCHEMAS}/{kind}.json"


@dataclass(frozen=True)
class Fact:
    """An event before it is recorded: its type, what it is about, what caused it, and what there is to tell."""

    type: str
    subject: str
    cause: str
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """UUIDv5 (RFC 9562, 5.5) of type, subject and cause."""
        return str(uuid.uuid5(_NAMESPACE, "\n".join((self.type, self.subject, self.cause))))

    def data_text(self) -> str:
        """The data as JSON text: what is stored and, from then on, never written anew."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
