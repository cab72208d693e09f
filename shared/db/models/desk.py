"""Tables of the desk: who changed what, and the answers that are kept for those who ask twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Table


class AuditEntry(Table):
    """Somebody changed something; written in the transaction of the change, and never altered."""

    __tablename__ = "audit_entries"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    """A token's id, or `cli:` and the name of a user of the machine."""
    origin: Mapped[str | None] = mapped_column(Text)
    """From where: the address of the peer, or the name of the machine."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_audit_entries_subject", "subject", "id"),)


class KeptAnswer(Table):
    """What a request with an `Idempotency-Key` was answered, for a day."""

    __tablename__ = "kept_answers"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the token's id and the key."""
    request: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was asked: method, address and body."""
    answer: Mapped[str | None] = mapped_column(Text)
    """Status, headers and body, encrypted, for it may hold a secret that is shown once; None while under way."""
    began_at: Mapped[datetime] = mapped_column(index=True)
