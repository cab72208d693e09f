"""Through which other list of its source a column is read."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("latest", sa.JSON(), nullable=True))
    op.create_index("ix_sightings_column_id_seen_at", "sightings", ["column_id", "seen_at"])


def downgrade() -> None:
    """Take this step back: each column is read by itself."""
    op.drop_index("ix_sightings_column_id_seen_at", "sightings")
    op.execute("ALTER TABLE columns DROP COLUMN latest")
