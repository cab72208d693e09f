"""Budgets per host and day, terms and reach of a source, and what a page asks of robots.

The release before this goes on working: it neither reads nor needs any of it, and what it fetches meanwhile is counted
from this release on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SOURCES = (
    ("hosts", sa.JSON()),
    ("daily_requests", sa.Integer()),
    ("daily_bytes", sa.BigInteger()),
    ("quiet_hours", sa.Text()),
    ("time_zone", sa.String(64)),
)


def upgrade() -> None:
    """Apply this step."""
    for name, kind in SOURCES:
        op.add_column("sources", sa.Column(name, kind, nullable=True))
    op.add_column("fetches", sa.Column("asked_of_robots", sa.String(40), nullable=True))
    op.create_table(
        "host_days",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_host_days")),
    )
    op.create_table(
        "passing_snapshots",
        sa.Column("fetch_id", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fetch_id"], ["fetches.id"], name=op.f("fk_passing_snapshots_fetch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fetch_id", name=op.f("pk_passing_snapshots")),
    )


def downgrade() -> None:
    """Take this step back: the counts of the day and the bytes not yet read are lost."""
    op.drop_table("passing_snapshots")
    op.drop_table("host_days")
    op.execute("ALTER TABLE fetches DROP COLUMN asked_of_robots")
    for name, _ in reversed(SOURCES):
        op.execute(f"ALTER TABLE sources DROP COLUMN {name}")
