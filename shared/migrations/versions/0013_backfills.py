"""Backfills: older pages of a column, read in one walk.

The release before this goes on working while there are no backfills; it does not know their walkers, so let this
release's crawlers take over from those before, and not run beside them.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "backfills",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("column_id", sa.String(length=40), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=True),
        sa.Column("pages_read", sa.Integer(), nullable=False),
        sa.Column("notices_new", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(length=10), nullable=True),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["column_id"], ["columns.id"], name=op.f("fk_backfills_column_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
    op.create_index(op.f("ix_backfills_column_id"), "backfills", ["column_id"])
    is_open = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_backfills_open_column",
        "backfills",
        ["column_id"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.add_column("targets", sa.Column("backfill_id", sa.String(length=40), nullable=True))
    is_found = sa.text("backfill_id IS NOT NULL")
    op.create_index(
        "ix_targets_backfill_id", "targets", ["backfill_id"], postgresql_where=is_found, sqlite_where=is_found
    )


def downgrade() -> None:
    """Take this step back: what backfills found stays, and walks that were under way end."""
    op.execute("DELETE FROM targets WHERE kind = 'backfill'")
    op.drop_index("ix_targets_backfill_id", table_name="targets")
    op.execute("ALTER TABLE targets DROP COLUMN backfill_id")
    op.drop_table("backfills")
