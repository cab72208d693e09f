"""Notices that move or change at every visit, and how far a look at a listing reached.

The release before this goes on working meanwhile: every new column may be empty. A notice gets its address key when it
is looked at next; until then, its moving is only seen where the old address redirects to the new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INDEX = "ix_notices_source_id_address_key"


def upgrade() -> None:
    """Apply this step."""
    op.add_column("columns", sa.Column("covered_from", sa.String(length=10), nullable=True))
    op.add_column("columns", sa.Column("covered_pages", sa.Integer(), server_default="0", nullable=False))
    op.add_column("columns", sa.Column("covered_to_end", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("targets", sa.Column("hop_permanent", sa.Boolean(), nullable=True))
    # Written out, because Alembic would copy the table on SQLite to add a foreign key to it.
    op.execute(
        "ALTER TABLE targets ADD COLUMN moved_to_id VARCHAR(40) "
        "CONSTRAINT fk_targets_moved_to_id REFERENCES targets (id) ON DELETE SET NULL"
    )
    op.create_index(op.f("ix_targets_moved_to_id"), "targets", ["moved_to_id"])
    op.add_column("fetches", sa.Column("moved_for_good", sa.Boolean(), nullable=True))
    op.add_column("notices", sa.Column("address_key", sa.String(length=200), nullable=True))
    op.add_column("notices", sa.Column("muted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("muted_reason", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("mute", sa.JSON(), nullable=True))
    op.create_index(_INDEX, "notices", ["source_id", "address_key"])


def downgrade() -> None:
    """Take this step back: addresses that a notice left are forgotten, and muted notices are heard again."""
    op.drop_index(_INDEX, table_name="notices")
    for name in ("mute", "muted_reason", "muted_at", "address_key"):
        op.execute(f"ALTER TABLE notices DROP COLUMN {name}")
    op.execute("ALTER TABLE fetches DROP COLUMN moved_for_good")
    op.drop_index(op.f("ix_targets_moved_to_id"), table_name="targets")
    op.execute("ALTER TABLE targets DROP COLUMN moved_to_id")
    op.execute("ALTER TABLE targets DROP COLUMN hop_permanent")
    for name in ("covered_pages", "covered_to_end", "covered_from"):
        op.execute(f"ALTER TABLE columns DROP COLUMN {name}")
