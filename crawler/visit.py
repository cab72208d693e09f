"""A visit to a target as a value: what was asked and judged, what it brought, and the row of its fetch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from crawler.account import Receipt
from crawler.judge import Judgment
from crawler.listed import Found
from crawler.schedule import Timetable
from crawler.terms import Reach
from shared.db.claims import Claimed
from shared.domain.states import OF_NOTICE, Outcome, TargetKind
from shared.http import Response


@dataclass(frozen=True)
class Visit:
    """One visit to a target, judged: all that is to be written down."""

    target: Claimed
    judgment: Judgment
    started_at: datetime
    duration_seconds: float
    tls_verified: bool
    response: Response | None = None
    final_url: str | None = None
    error: str | None = None
    reach: Reach | None = None
    """Where its links may lead; None: anywhere."""
    receipt: Receipt | None = None
    """What is still to be written of the request."""


class Brought(NamedTuple):
    """What a visit brought: the id of its fetch, what its page asks of robots, its bytes' digest, a listing's links."""

    fetch_id: str
    wishes: frozenset[str] = frozenset()
    digest: str | None = None
    found: Found = Found()
    timetable: Timetable | None = None
    """Of a column's first page: what says when the next look is due."""


def validators_of(response: Response | None) -> dict[str, str | None]:
    """Return the validators to send back verbatim next time (RFC 9110, 8.8)."""
    headers = response.headers if response else {}
    return {"etag": _printable(headers.get("etag")), "last_modified": _printable(headers.get("last-modified"))}


def _printable(value: str | None) -> str | None:
    """Return a header's value, or None if it holds control characters: the ledger takes no NUL, nor may we send one."""
    return value if value is not None and value.isprintable() else None


def fetch_row(visit: Visit, brought: Brought, now: datetime) -> dict[str, Any]:
    """Return the row of the fetch (`models.Fetch`) that a visit was; its bell is rung where a worker is needed."""
    outcome, response, target = visit.judgment.outcome, visit.response, visit.target
    return {
        "id": brought.fetch_id,
        "target_id": target.id,
        "number": target.fetch_count + 1,
        "url": target.url,
        "final_url": visit.final_url,
        "moved_for_good": target.hop_permanent if target.hop_url else None,
        "outcome": outcome,
        "rule": visit.judgment.rule,
        "status": response.status if response else None,
        "content_type": _printable(response.headers.get("content-type")) if response else None,
        "digest": brought.digest,
        "size": len(response.body) if response else None,
        "tls_verified": visit.tls_verified,
        "asked_of_robots": ",".join(sorted(brought.wishes)) or None,
        "error": visit.error,
        "recrawl_id": target.recrawl_id,
        "started_at": visit.started_at,
        "duration_seconds": visit.duration_seconds,
        "rung_at": now if _for_worker(target, outcome) else None,
    }


def _for_worker(target: Claimed, outcome: Outcome) -> bool:
    if target.kind in OF_NOTICE:
        # Its notice waits for the first visit, whatever that brings; later ones tell something only by a text.
        return outcome is Outcome.CAPTURED or target.fetch_count == 0
    return target.kind == TargetKind.DETAIL and outcome in (Outcome.CAPTURED, Outcome.GONE)
