"""Since when a column's list cannot be had."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("unread", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back: the time is counted anew."""
    op.execute("ALTER TABLE columns DROP COLUMN unread")
