"""Restores from backups, each with the positions that it leaves out; and the time by which retention goes."""

import sqlalchemy as sa
from alembic import op

from shared.db.models.table import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "restores",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("after_position", position, nullable=False),
        sa.Column("resumes_after", position, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_restores"),
    )
    op.add_column("relay_state", sa.Column("lived_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take this step back: that there was a restore is not known any more, but its positions stay left out."""
    op.execute("ALTER TABLE relay_state DROP COLUMN lived_until")
    op.drop_table("restores")
