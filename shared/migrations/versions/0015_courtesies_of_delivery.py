"""Signatures and their rotation, consent of endpoints, limits and failures of subscriptions, and their turns.

The release before this goes on working: what it adds is unasked, and what it reads it signs with the newest secret
alone. Endpoints that were called before consent was asked for have given it by answering.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SUBSCRIPTION = (
    ("scheme", sa.String(length=4), "v1"),
    ("public_key", sa.Text(), None),
    ("old_keys", sa.JSON(), None),
    ("old_keys_until", UtcDateTime(), None),
    ("consent", sa.String(length=10), "unasked"),
    ("consent_reason", sa.Text(), None),
    ("consent_ask_at", UtcDateTime(), None),
    ("allowed_rate", sa.Integer(), None),
    ("rate_per_minute", sa.Integer(), None),
    ("concurrency", sa.Integer(), None),
    ("next_request_at", UtcDateTime(), None),
    ("failing_since", UtcDateTime(), None),
)


def upgrade() -> None:
    """Apply this step."""
    for name, kind, default in SUBSCRIPTION:
        column = sa.Column(name, kind, nullable=default is None, server_default=default)
        op.add_column("subscriptions", column)
    told = "subscribed before endpoints were asked"
    op.execute(f"UPDATE subscriptions SET consent = 'given', consent_reason = '{told}'")  # noqa: S608
    op.add_column("deliveries", sa.Column("attempts_before", sa.Integer(), nullable=False, server_default=sa.text("0")))
    due, leased = sa.text("state = 'due'"), sa.text("lease IS NOT NULL")
    turn = ["subscription_id", "next_attempt_at", "position"]
    op.create_index("ix_deliveries_turn", "deliveries", turn, postgresql_where=due, sqlite_where=due)
    op.create_index(
        "ix_deliveries_leased", "deliveries", ["subscription_id"], postgresql_where=leased, sqlite_where=leased
    )


def downgrade() -> None:
    """Take this step back: a subscriber that verifies `v1a` understands nothing until it subscribes again."""
    op.drop_index("ix_deliveries_leased", table_name="deliveries")
    op.drop_index("ix_deliveries_turn", table_name="deliveries")
    op.execute("ALTER TABLE deliveries DROP COLUMN attempts_before")
    for name, _, _ in reversed(SUBSCRIPTION):
        op.execute(f"ALTER TABLE subscriptions DROP COLUMN {name}")
