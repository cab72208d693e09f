"""Further pages of a notice as targets of their own, and the snapshots that a revision was read from.

The release before this goes on working while there are no such targets: this release's workers make them, so let
its crawlers and workers take over from those before, and not run beside them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    # Written out, because Alembic would copy the table on SQLite to add a foreign key to it.
    op.execute(
        "ALTER TABLE targets ADD COLUMN parent_id VARCHAR(40) "
        "CONSTRAINT fk_targets_parent_id REFERENCES targets (id) ON DELETE CASCADE"
    )
    op.create_index(op.f("ix_targets_parent_id"), "targets", ["parent_id"])
    op.add_column("revisions", sa.Column("part_digests", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back: notices keep their texts, and their further pages are not looked at any more."""
    op.execute("ALTER TABLE revisions DROP COLUMN part_digests")
    # Not deleted: the revisions that their fetches brought would go with them.
    op.execute("UPDATE targets SET due_at = NULL WHERE kind = 'part'")
    op.drop_index(op.f("ix_targets_parent_id"), table_name="targets")
    op.execute("ALTER TABLE targets DROP COLUMN parent_id")
