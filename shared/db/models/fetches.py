"""Tables of what the crawler brought: fetches, and bytes that are kept only until they are read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Table

AWAITED = "decision_rule IN ('attachments-awaited', 'former-address-asked-first')"
"""The rules of which the sweep asks: notices that wait, but not for ever."""


class Fetch(Table):
    """One HTTP exchange and its outcome; append-only but for the marks of the worker that processes it."""

    __tablename__ = "fetches"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    """The n-th fetch of its target; tells older from newer without a clock."""
    url: Mapped[str] = mapped_column(Text)
    final_url: Mapped[str | None] = mapped_column(Text)
    moved_for_good: Mapped[bool | None]
    """Whether redirects led to `final_url`, all of them permanent (301, 308)."""
    outcome: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(60))
    status: Mapped[int | None]
    content_type: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    tls_verified: Mapped[bool] = mapped_column(default=True)
    asked_of_robots: Mapped[str | None] = mapped_column(String(40))
    """What the page asks of us, `noarchive` and `nofollow`; of a noarchive page no snapshot is kept under `digest`."""
    error: Mapped[str | None] = mapped_column(Text)
    recrawl_id: Mapped[str | None] = mapped_column(Identifier)
    started_at: Mapped[datetime]
    duration_seconds: Mapped[float]

    rung_at: Mapped[datetime | None]
    """When its bell was last rung; None where no worker is needed (listings, failures)."""
    processed_at: Mapped[datetime | None]
    """When it was decided on last; None while that is owed, for the first time or (a decision is there) again."""
    decision: Mapped[str | None] = mapped_column(String(20))
    decision_rule: Mapped[str | None] = mapped_column(String(60))
    lease: Mapped[str | None] = mapped_column(Identifier)
    leased_until: Mapped[datetime | None]
    leases: Mapped[int] = mapped_column(default=0)
    quarantined_at: Mapped[datetime | None]
    quarantine_reason: Mapped[str | None] = mapped_column(Text)
    let_go_at: Mapped[datetime | None]
    """When its snapshot was deleted by the rules of retention."""

    __table_args__ = (
        Index(
            "ix_fetches_digest",
            "digest",
            postgresql_where=text("digest IS NOT NULL"),
            sqlite_where=text("digest IS NOT NULL"),
        ),
        Index(
            "ix_fetches_quarantined",
            "id",
            postgresql_where=text("quarantined_at IS NOT NULL"),
            sqlite_where=text("quarantined_at IS NOT NULL"),
        ),
        Index("uq_fetches_target_id_number", "target_id", "number", unique=True),
        Index(
            "ix_fetches_recrawl_id",
            "recrawl_id",
            "id",
            postgresql_where=text("recrawl_id IS NOT NULL"),
            sqlite_where=text("recrawl_id IS NOT NULL"),
        ),
        Index(
            "ix_fetches_owed",
            "rung_at",
            postgresql_where=text("rung_at IS NOT NULL AND processed_at IS NULL AND quarantined_at IS NULL"),
            sqlite_where=text("rung_at IS NOT NULL AND processed_at IS NULL AND quarantined_at IS NULL"),
        ),
        Index(
            "ix_fetches_awaited",
            "started_at",
            postgresql_where=text(AWAITED),
            sqlite_where=text(AWAITED),
        ),
    )


class PassingSnapshot(Table):
    """The bytes of a page that asks not to be archived, until a worker has read them, and no longer."""

    __tablename__ = "passing_snapshots"

    fetch_id: Mapped[str] = mapped_column(ForeignKey("fetches.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
