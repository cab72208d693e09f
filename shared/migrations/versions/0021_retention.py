"""What the rules of retention let go, and what they need to know that nobody needs a snapshot."""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "let_go",
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_let_go"),
    )
    op.add_column("fetches", sa.Column("let_go_at", UtcDateTime(), nullable=True))
    known = sa.text("digest IS NOT NULL")
    op.create_index("ix_fetches_digest", "fetches", ["digest"], postgresql_where=known, sqlite_where=known)
    op.create_index("ix_revisions_digest", "revisions", ["digest"])
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])


def downgrade() -> None:
    """Take this step back: what was let go is not known any more."""
    op.drop_index("ix_deliveries_event_id", "deliveries")
    op.drop_index("ix_revisions_digest", "revisions")
    op.drop_index("ix_fetches_digest", "fetches")
    op.execute("ALTER TABLE fetches DROP COLUMN let_go_at")
    op.drop_table("let_go")
