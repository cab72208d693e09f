"""Channels: subscriptions that hear by WebSub, chat or a Redis Stream, and what the WebSub hub was asked.

A relay of the release before takes every subscription for a webhook's, so let this release's relay take over from it
before anybody subscribes otherwise.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("subscriptions", sa.Column("kind", sa.String(length=10), server_default="webhook", nullable=False))
    op.add_column("subscriptions", sa.Column("manner", sa.JSON(), nullable=True))
    op.add_column("subscriptions", sa.Column("expires_at", UtcDateTime(), nullable=True))
    op.create_table(
        "intents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("manner", sa.JSON(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
    )
    op.create_index(op.f("ix_intents_next_attempt_at"), "intents", ["next_attempt_at"])


def downgrade() -> None:
    """Take this step back: subscriptions that are no webhook's go, with what is owed to them."""
    op.drop_index(op.f("ix_intents_next_attempt_at"), table_name="intents")
    op.drop_table("intents")
    op.execute("DELETE FROM subscriptions WHERE kind <> 'webhook'")
    for name in ("expires_at", "manner", "kind"):
        op.execute(f"ALTER TABLE subscriptions DROP COLUMN {name}")
