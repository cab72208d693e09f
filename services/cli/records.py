"""Rows as records: which fields of each noun are shown, under which names; what JSON prints and tables pick from."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

SOURCE = (
    *("id", "name", "host", "delay_seconds", "verify_tls", "allow", "hosts", "daily_requests", "daily_bytes"),
    *("quiet_hours", "time_zone", "paused_at", "created_at"),
)
COLUMN = (
    *("id", "source_id", "url", "name", "family", "profile", "unverified", "warning", "latest"),
    *("looked_at", "listed_at", "covered_from", "covered_to_end", "created_at"),
)
EPISODE = ("number", "column_id", "kind", "began_at", "ended_at", "evidence")
TARGET = (
    *("id", "kind", "page", "method", "url", "host", "due_at", "due_reason", "leased_until", "recrawl_id"),
    *("backfill_id", "listed_at", "hint_title", "hint_date", "fetch_count", "quiet_visits", "failures"),
    *("last_outcome", "last_rule", "last_fetch_at", "moved_to_id", "created_at"),
)
HOST = ("name", "next_allowed_at", "failures", "last_error", "remark", "last_ok_at")
FETCH = (
    *("id", "number", "url", "final_url", "moved_for_good", "started_at", "duration_seconds", "outcome", "rule"),
    *("status", "content_type", "digest", "size", "tls_verified", "asked_of_robots", "error", "recrawl_id", "rung_at"),
    *("processed_at", "decision", "decision_rule", "quarantined_at", "quarantine_reason", "let_go_at"),
)
NOTICE = (
    *("id", "source_id", "column_id", "target_id", "url", "state", "title", "published_at", "kind"),
    *("inspected", "signed_by", "signed_on", "follows_id", "republishes_id", "first_seen_at", "changed_at"),
    *("muted_at", "muted_reason"),
)
PROBLEM = (
    *("id", "notice_id", "title", "status", "status_text", "due_by", "due_precision"),
    *("changed_at", "created_at"),
)
ACCOUNT = ("notice_id", "number", "printed_number", "aspect", "title", "status", "status_text", "due", "text")
PLACE = ("id", "source_id", "url", "title", "published_at", "state")
STATUS = ("status", "status_text", "notice_id", "revision", "recorded_at")
COMMITMENT = ("due_by", "precision", "text")
REVISION = ("id", "number", "fetch_id", "digest", "fingerprint", "created_at")
EVENT = ("id", "type", "subject", "cause", "position", "occurred_at", "stamped_at")
FILTER = ("id", "name", "filter", "created_at", "changed_at")
DAY = ("type", "about", "day", "judged_at", "rule")
SUBSCRIPTION = (
    *("id", "kind", "name", "url", "types", "republications", "filter", "allow"),
    *("state", "state_reason", "starts_after"),
    *("consent", "consent_reason", "consent_ask_at", "allowed_rate", "rate_per_minute", "concurrency"),
    *("failing_since", "scheme", "public_key", "content_mode", "old_keys_until", "created_at"),
)
DELIVERY = (
    *("id", "subscription_id", "event_id", "position", "state", "attempts", "next_attempt_at"),
    *("parked_reason", "out_of_order", "created_at", "ended_at"),
)
ATTEMPT = ("number", "started_at", "duration_seconds", "status", "error", "answer")
TOKEN = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "previous_until", "revoked_at")
AUDIT = ("id", "at", "actor", "origin", "action", "subject", "details", "reason")
BACKFILL = (
    *("id", "column_id", "pages", "since", "pages_read", "notices_new", "reached", "ended_by"),
    *("requested_by", "created_at", "finished_at"),
)
RECRAWL = ("id", "subject", "targets", "requested_by", "reason", "created_at", "finished_at")


def record(row: object, fields: Sequence[str]) -> dict[str, Any]:
    """Return `fields` of a row, ready for JSON."""
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else value


def moment(at: datetime | None) -> str | None:
    """Return an aware UTC time as RFC 3339 text, or None."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


class Numbered(Protocol):
    """A row that pages are ordered by."""

    id: Any


Row = TypeVar("Row", bound=Numbered)


def every(ask: Callable[[str], Sequence[Row]]) -> Iterator[Row]:
    """Return all rows, page by page; `ask` is given the last id seen (`""` at first) and returns the next page."""
    after = ""
    while rows := ask(after):
        yield from rows
        after = str(rows[-1].id)
