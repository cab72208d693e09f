"""What was said at the redirects on the way to an answer.

The release before this goes on working: what it follows leaves no word, and is exported without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("targets", sa.Column("trail", sa.JSON(), nullable=True))
    op.add_column("spoken", sa.Column("hops", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back: what was said at redirects is lost."""
    op.execute("ALTER TABLE spoken DROP COLUMN hops")
    op.execute("ALTER TABLE targets DROP COLUMN trail")
