"""How a column is read, kept with it, and the mark of a column that nobody has seen answer yet."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("profile", sa.JSON(), nullable=True))
    op.add_column("columns", sa.Column("unverified", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back: profiles are detected again."""
    op.execute("ALTER TABLE columns DROP COLUMN unverified")
    op.execute("ALTER TABLE columns DROP COLUMN profile")
