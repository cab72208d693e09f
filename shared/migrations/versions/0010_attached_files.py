"""The texts of attached files, and what was known of them when a revision was read.

The release before this goes on working while there are no attachments among the targets: this release's workers make
them, so let its crawlers and workers take over from those before, and not run beside them.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AWAITED = sa.text("decision_rule = 'attachments-awaited'")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "file_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("extractor", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_file_texts")),
    )
    op.add_column("revisions", sa.Column("files", sa.JSON(), nullable=True))
    op.create_index(
        "ix_fetches_attachments_awaited",
        "fetches",
        ["started_at"],
        postgresql_where=AWAITED,
        sqlite_where=AWAITED,
    )


def downgrade() -> None:
    """Take this step back: notices keep what was read of their files, and the files are not looked at any more."""
    op.drop_index("ix_fetches_attachments_awaited", table_name="fetches")
    op.execute("ALTER TABLE revisions DROP COLUMN files")
    # Not deleted: the revisions that their fetches brought would go with them.
    op.execute("UPDATE targets SET due_at = NULL WHERE kind = 'attachment'")
    op.drop_table("file_texts")
