"""What events say of notices, revisions and fetches, and the row that a fact becomes: the same words in every event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.models import Fetch, Notice, Revision
from shared.domain.events import Fact, schema_of
from worker.difference import shortened

MOST_PARTS = 10
"""Digests of further pages in an event; the revision has them all."""


@dataclass(frozen=True)
class Origin:
    """Where a fact comes from, and when it came about."""

    source_id: str
    column_id: str | None
    at: datetime


def event_row(fact: Fact, origin: Origin) -> dict[str, Any]:
    """Return a fact as `Events.append` takes it; its order is kept within its subject."""
    return {
        "id": fact.id,
        "type": fact.type,
        "subject": fact.subject,
        "cause": fact.cause,
        "partition_key": fact.subject,
        "source_id": origin.source_id,
        "column_id": origin.column_id,
        "occurred_at": origin.at,
        "data": fact.data_text(),
        "dataschema": schema_of(fact.type),
    }


def of_notice(notice: Notice) -> dict[str, Any]:
    """Return what an event says of the notice that it is about."""
    return {
        "id": notice.id,
        "url": notice.url,
        "title": shortened(notice.title),
        "published_at": shortened(notice.published_at),
        "state": notice.state,
        "column_id": notice.column_id,
        "republishes_id": notice.republishes_id,
        "href": f"/v1/notices/{notice.id}",
    }


def of_revision(revision: Revision) -> dict[str, Any]:
    """Return what an event says of a text: by which bytes and which fetch it is known, and where to read it."""
    return {
        "number": revision.number,
        "digest": revision.digest,
        "part_digests": (revision.part_digests or [])[:MOST_PARTS],
        "fingerprint": revision.fingerprint,
        "fetch_id": revision.fetch_id,
        "href": f"/v1/notices/{revision.notice_id}/revisions/{revision.number}",
    }


def of_fetch(fetch: Fetch) -> dict[str, Any]:
    """Return what an event says of a visit: what was answered, which rule judged it, and its bytes' digest."""
    return {"id": fetch.id, "status": fetch.status, "rule": fetch.rule, "digest": fetch.digest}


def of_problem(problem_id: str, title: str, number: int | None) -> dict[str, Any]:
    """Return what an event says of a problem; `number` is its place in the notice, None where only others name it."""
    return {"id": problem_id, "title": shortened(title), "number": number, "href": f"/v1/problems/{problem_id}"}
