"""Tables of what was published: a notice as a lasting identity, and its distinct contents in order."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Table


class Notice(Table):
    """The published item; its identity is the canonical URL, never its content."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), unique=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[str | None] = mapped_column(String(32))
    """As the page tells it: an ISO date, or a time with +08:00."""
    fetch_number: Mapped[int] = mapped_column(default=0)
    """The number of the newest fetch that was decided on; results of older ones are stale."""
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (Index("ix_notices_changed_at_id", "changed_at", "id"),)


class Revision(Table):
    """The n-th distinct content of a notice; immutable."""

    __tablename__ = "revisions"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    number: Mapped[int]
    fetch_id: Mapped[str] = mapped_column(ForeignKey("fetches.id", ondelete="CASCADE"), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes: the snapshot's name."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the cleaned meaning; never unique, for a notice may return to an earlier text."""
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_revisions_notice_id_number", "notice_id", "number", unique=True),)
