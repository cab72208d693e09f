"""The desk: an audit log, answers kept for those who ask twice, and tokens whose secret changes.

The release before this one reads none of it; a token that was rotated is known to it by its new secret alone.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject", "id"])
    op.create_table(
        "kept_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_kept_answers")),
    )
    op.create_index(op.f("ix_kept_answers_began_at"), "kept_answers", ["began_at"])
    op.add_column("tokens", sa.Column("previous_sha256", sa.String(length=64), nullable=True))
    op.add_column("tokens", sa.Column("previous_until", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_tokens_secret_sha256"), "tokens", ["secret_sha256"])
    op.create_index(op.f("ix_tokens_previous_sha256"), "tokens", ["previous_sha256"])
    wished = sa.text("recrawl_id IS NOT NULL")
    op.create_index(
        "ix_fetches_recrawl_id", "fetches", ["recrawl_id", "id"], postgresql_where=wished, sqlite_where=wished
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_fetches_recrawl_id", table_name="fetches")
    op.drop_index(op.f("ix_tokens_previous_sha256"), table_name="tokens")
    op.drop_index(op.f("ix_tokens_secret_sha256"), table_name="tokens")
    op.execute("ALTER TABLE tokens DROP COLUMN previous_until")
    op.execute("ALTER TABLE tokens DROP COLUMN previous_sha256")
    op.drop_table("kept_answers")
    op.drop_table("audit_entries")
