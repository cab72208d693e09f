"""What is wrong with columns: how their listings usually read, and the episodes in which they did not.

The release before this goes on working: it neither reads nor writes what is added here.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("shape", sa.JSON(), nullable=True))
    op.create_table(
        "episodes",
        sa.Column("source_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("began_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("end_told_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_episodes_source_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["column_id"], ["columns.id"], name=op.f("fk_episodes_column_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "number", name=op.f("pk_episodes")),
    )
    for name, columns, unique, where in (
        ("uq_episodes_open", ["column_id", "kind"], True, "ended_at IS NULL"),
        ("ix_episodes_untold", ["began_at"], False, "end_told_at IS NULL"),
    ):
        only = sa.text(where)
        op.create_index(name, "episodes", columns, unique=unique, postgresql_where=only, sqlite_where=only)


def downgrade() -> None:
    """Take this step back: episodes are forgotten; the events that told of them stay."""
    op.drop_table("episodes")
    op.execute("ALTER TABLE columns DROP COLUMN shape")
