"""The same text at another address: sketches to find it by, what repeats what, and who wants to hear of it.

The release before this goes on working: it tells of every address as it did, and what it stores gets its sketch when
the notice is read again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    # Written out, because Alembic would copy the table on SQLite to add a foreign key to it.
    op.execute(
        "ALTER TABLE notices ADD COLUMN republishes_id VARCHAR(40) "
        "CONSTRAINT fk_notices_republishes_id REFERENCES notices (id) ON DELETE SET NULL"
    )
    op.create_index(op.f("ix_notices_republishes_id"), "notices", ["republishes_id"])
    for table, column in (("events", "republication"), ("subscriptions", "republications")):
        op.add_column(table, sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "sketches",
        sa.Column("serial", SERIAL, autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("minima", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_sketches_notice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_sketches")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_sketches_notice_id_number")),
    )
    op.create_table(
        "sketch_bands",
        sa.Column("sketch", SERIAL, autoincrement=False, nullable=False),
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["sketch"], ["sketches.serial"], name=op.f("fk_sketch_bands_sketch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sketch", "band", name=op.f("pk_sketch_bands")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sketch_bands_band_sketch", "sketch_bands", ["band", "sketch"])


def downgrade() -> None:
    """Take this step back: what repeats what is forgotten, and found again when the notices are read again."""
    op.drop_table("sketch_bands")
    op.drop_table("sketches")
    op.execute("ALTER TABLE subscriptions DROP COLUMN republications")
    op.execute("ALTER TABLE events DROP COLUMN republication")
    op.drop_index(op.f("ix_notices_republishes_id"), table_name="notices")
    op.execute("ALTER TABLE notices DROP COLUMN republishes_id")
