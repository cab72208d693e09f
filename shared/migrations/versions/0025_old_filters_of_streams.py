"""What a stream wanted before its filter was changed: what it holds of then is written again by that."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step; the release before leaves the column empty, and judges the past by the filter of now."""
    op.add_column("subscriptions", sa.Column("old_filters", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back."""
    op.execute("ALTER TABLE subscriptions DROP COLUMN old_filters")
