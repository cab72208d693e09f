"""Filters: what a subscription wants beyond types, filters under names, and a count of changes for the relay.

The release before this goes on working; a relay of it knows no conditions but types, so let this release's relay take
over from it before subscriptions are given others.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step; what is wanted by types becomes a filter."""
    op.create_table(
        "filters",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
        sa.UniqueConstraint("name", name=op.f("uq_filters_name")),
    )
    op.add_column("relay_state", sa.Column("wants_version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("subscriptions", sa.Column("filter", sa.JSON(), nullable=True))
    subscriptions = sa.table(
        "subscriptions",
        sa.column("id", sa.String()),
        sa.column("types", sa.JSON()),
        sa.column("republications", sa.Boolean()),
        sa.column("filter", sa.JSON()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(subscriptions)).all():
        wanted = {"types": row.types} if row.types else {}
        if row.republications:
            wanted["republications"] = True
        connection.execute(subscriptions.update().where(subscriptions.c.id == row.id).values(filter=wanted))


def downgrade() -> None:
    """Take this step back: subscriptions want their types again, whatever else they wanted."""
    op.execute("ALTER TABLE subscriptions DROP COLUMN filter")
    op.execute("ALTER TABLE relay_state DROP COLUMN wants_version")
    op.drop_table("filters")
