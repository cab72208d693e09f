"""Drawer of the audit log: who changed what, when, why and from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import AuditEntry


@dataclass(frozen=True)
class AuditQuery:
    """Which entries are asked for; every field that is None asks nothing."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None


class Audit:
    """Entries are appended, in the transaction of the change, and never altered."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def append(self, entry: AuditEntry) -> None:
        """Record that somebody changed something."""
        self._session.add(entry)
        self._session.flush()

    def by_id(self, entry_id: str) -> AuditEntry | None:
        """Return the entry, if there is one."""
        return self._session.get(AuditEntry, entry_id)

    def page(self, query: AuditQuery, *, after: str = "", limit: int = 100) -> Sequence[AuditEntry]:
        """Return up to `limit` entries in order of id (of time), starting after `after`."""
        asked = select(AuditEntry).where(AuditEntry.id > after)
        equal = {
            AuditEntry.actor: query.actor,
            AuditEntry.action: query.action,
            AuditEntry.subject: query.subject,
        }
        for column, wanted in equal.items():
            if wanted is not None:
                asked = asked.where(column == wanted)
        if query.since is not None:
            asked = asked.where(AuditEntry.at >= query.since)
        return self._session.scalars(asked.order_by(AuditEntry.id).limit(limit)).all()
