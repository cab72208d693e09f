"""The files of a notice, as its latest revision tells of them, and what they say."""

from typing import Any

from shared.db import UnitOfWork
from shared.errors import NotFound

UNKNOWN = dict.fromkeys(("status", "reason", "digest", "size", "type"))


def attachment(uow: UnitOfWork, notice_id: str, number: int) -> dict[str, Any]:
    """Return the n-th attachment (from 1) of a notice with its text, null where there is none; or `NotFound`."""
    latest = uow.notices.latest_revision(notice_id)
    told = (latest.document.get("attachments") or []) if latest else []
    if not 0 < number <= len(told):
        raise NotFound(f"notice {notice_id} has no attachment {number}; it has {len(told)}")
    one: dict[str, Any] = {"number": number} | UNKNOWN | told[number - 1]
    kept = uow.files.extracted([one["digest"]]) if one["digest"] else {}
    return one | {"text": kept[one["digest"]].text if kept else None}
