"""Tables of what was published: a notice as a lasting identity, its distinct contents in order, texts of files."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Table


class Notice(Table):
    """The published item; its identity is its address, wherever that moves, never its content."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"))
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), unique=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[str | None] = mapped_column(String(32))
    """As the page tells it: an ISO date, or a time with +08:00."""
    address_key: Mapped[str | None] = mapped_column(String(200))
    """What its other addresses would have in common with this one: see `shared.identity`."""
    fetch_number: Mapped[int] = mapped_column(default=0)
    """How far it has been looked at: the number of the newest fetch that was decided on, summed over its pages.

    It grows with every look at any of them; results of older looks are stale."""
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    muted_at: Mapped[datetime | None]
    """Since when changes are not told, because every visit brings one."""
    muted_reason: Mapped[str | None] = mapped_column(Text)
    mute: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Where its texts differ, and the text seen last: see `worker.mute`."""

    # What the latest revision says of the notice; None where it says nothing, or was read by a release before this.
    kind: Mapped[str | None] = mapped_column(String(20))
    inspected: Mapped[str | None] = mapped_column(Text)
    """The inspected body, as printed."""
    inspected_key: Mapped[str | None] = mapped_column(String(200), index=True)
    """As it is compared: see `shared.domain.bodies`."""
    inspection_authority: Mapped[str | None] = mapped_column(Text)
    inspection_kind: Mapped[str | None] = mapped_column(Text)
    inspection_round: Mapped[str | None] = mapped_column(Text)
    inspection_from: Mapped[str | None] = mapped_column(String(10))
    inspection_to: Mapped[str | None] = mapped_column(String(10))
    signed_by: Mapped[str | None] = mapped_column(Text)
    signed_on: Mapped[str | None] = mapped_column(String(10))
    follows_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id", ondelete="SET NULL"), index=True)
    """The earlier notice about the same inspection of the same body."""
    republishes_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id", ondelete="SET NULL"), index=True)
    """The notice whose text this one repeats at another address; never one that repeats another itself."""

    __table_args__ = (
        Index("ix_notices_changed_at_id", "changed_at", "id"),
        # Lists are in order of id: with it an index gives a page at once, however many there are.
        Index("ix_notices_source_id_id", "source_id", "id"),
        Index("ix_notices_column_id_id", "column_id", "id"),
        Index("ix_notices_kind_id", "kind", "id"),
        Index("ix_notices_state_id", "state", "id"),
        Index("ix_notices_source_id_address_key", "source_id", "address_key"),
    )


class Revision(Table):
    """The n-th distinct content of a notice; immutable, but that a later reader may read the same bytes anew."""

    __tablename__ = "revisions"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    number: Mapped[int]
    fetch_id: Mapped[str] = mapped_column(ForeignKey("fetches.id", ondelete="CASCADE"), unique=True)
    """The fetch that brought what was new, of whichever page."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes: the snapshot's name. Of a notice that goes on over several pages, page 1's."""
    part_digests: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Of the further pages, in order: the snapshots whose text this is together with the first."""
    files: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was known of its attachments when it was read, by their URLs; None before they were fetched at all."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the cleaned meaning; never unique, for a notice may return to an earlier text."""
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_revisions_notice_id_number", "notice_id", "number", unique=True),
        Index("ix_revisions_digest", "digest"),
    )


class FileText(Table):
    """The text of an attached file, by its digest, or why it has none: what an extractor made of the bytes."""

    __tablename__ = "file_texts"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    extractor: Mapped[int]
    """Which extractor it was; what an older one made is made anew when it is needed."""
    kind: Mapped[str] = mapped_column(String(20))
    """What the file is, by its content."""
    text: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]
