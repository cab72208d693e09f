"""Days on which promises fall due and windows open and close, and the schema that an event names.

What is known of days to come is entered; days that have passed are not told. The release before this goes on working,
but enters no days and shows events without their schema: let this release take over from it, and not run beside it.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime
from shared.domain.zones import CHINA

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_FROM = (
    ("commitment.due", "problems", "id", "due_by"),
    ("commitment.overdue", "problems", "id", "due_by"),
    ("comment_window.opened", "comment_windows", "notice_id", "opens_on"),
    ("comment_window.closing", "comment_windows", "notice_id", "closes_on"),
    ("comment_window.closed", "comment_windows", "notice_id", "closes_on"),
)


def upgrade() -> None:
    """Apply this step."""
    op.add_column("events", sa.Column("dataschema", sa.String(length=120), nullable=True))
    op.create_table(
        "agenda",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("judged_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_agenda")),
        sa.UniqueConstraint("type", "about", "day", name=op.f("uq_agenda_type_about_day")),
    )
    ahead = sa.text("judged_at IS NULL")
    op.create_index("ix_agenda_ahead", "agenda", ["type", "day"], postgresql_where=ahead, sqlite_where=ahead)
    now = datetime.now(UTC)
    known = {"now": now, "today": now.astimezone(CHINA).date().isoformat()}
    for kind, table, about, day in _FROM:
        enter = sa.text(
            f"INSERT INTO agenda (type, about, day, made_at) SELECT '{kind}', {about}, {day}, :now "  # noqa: S608
            f"FROM {table} WHERE {day} >= :today ORDER BY {day}, {about}"
        )
        op.get_bind().execute(enter.bindparams(sa.bindparam("now", type_=UtcDateTime())), known)


def downgrade() -> None:
    """Take this step back: what was told stays told."""
    op.drop_table("agenda")
    op.execute("ALTER TABLE events DROP COLUMN dataschema")
