"""What was said on the wire: the headers of a fetch's request and answer.

The release before this goes on working: what it fetches has no headers kept, and is exported without them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "spoken",
        sa.Column("fetch_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received", sa.JSON(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["fetch_id"], ["fetches.id"], name=op.f("fk_spoken_fetch_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("fetch_id", name=op.f("pk_spoken")),
    )


def downgrade() -> None:
    """Take this step back: the headers are lost."""
    op.drop_table("spoken")
