"""Which releases the tables serve: so that one of before goes on working while a later one has been at work on them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "served",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_served"),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("served")
