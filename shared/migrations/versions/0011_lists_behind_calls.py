"""Calls as targets: a listing whose items must be asked for by another request than a plain GET of its page.

The release before this goes on working while there are no such targets; it would ask for a POST by a GET, so let this
release's crawlers take over from those before, and not run beside them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("targets", sa.Column("method", sa.String(length=4), nullable=True))
    op.add_column("targets", sa.Column("body", sa.Text(), nullable=True))
    op.add_column("targets", sa.Column("hop_method", sa.String(length=4), nullable=True))


def downgrade() -> None:
    """Take this step back: calls are not made any more; what they brought stays."""
    op.execute("UPDATE targets SET due_at = NULL WHERE method IS NOT NULL")
    op.execute("ALTER TABLE targets DROP COLUMN hop_method")
    op.execute("ALTER TABLE targets DROP COLUMN body")
    op.execute("ALTER TABLE targets DROP COLUMN method")
