"""What was learned of each column (how often it publishes, and at which hours), and which listing showed what.

The release before this goes on working: it neither reads nor writes what is added here.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("habit", sa.JSON(), nullable=True))
    op.create_table(
        "sightings",
        sa.Column("column_id", sa.String(length=40), nullable=False),
        sa.Column("target_id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["column_id"], ["columns.id"], name=op.f("fk_sightings_column_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_sightings_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("column_id", "target_id", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_target_id"), "sightings", ["target_id"])


def downgrade() -> None:
    """Take this step back: columns are learned anew."""
    op.drop_table("sightings")
    op.execute("ALTER TABLE columns DROP COLUMN habit")
