"""The ledger of a notice: aspects, problems, promises, windows, follow-ups, what can be searched, lines at edges.

The release before this goes on working: it neither knows nor needs what is added here, and whatever it writes is
entered when the notice is read again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from shared.db.models.table import UtcDateTime
from shared.db.trouble import first_line
from shared.errors import Invalid

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOTICE_COLUMNS = (
    ("kind", sa.String(length=20)),
    ("inspected", sa.Text()),
    ("inspected_key", sa.String(length=200)),
    ("inspection_authority", sa.Text()),
    ("inspection_kind", sa.Text()),
    ("inspection_round", sa.Text()),
    ("inspection_from", sa.String(length=10)),
    ("inspection_to", sa.String(length=10)),
    ("signed_by", sa.Text()),
    ("signed_on", sa.String(length=10)),
)

# The table keeps the texts and the index only which trigrams they have (detail=none): a query is narrowed down by the
# index and decided by the text itself, as PostgreSQL does it. The texts are folded already, hence case_sensitive.
SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE searchable_index USING fts5(text, content='searchable', content_rowid='serial',
       tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
    """CREATE TRIGGER searchable_added AFTER INSERT ON searchable BEGIN
       INSERT INTO searchable_index (rowid, text) VALUES (new.serial, new.text); END""",
    """CREATE TRIGGER searchable_removed AFTER DELETE ON searchable BEGIN
       INSERT INTO searchable_index (searchable_index, rowid, text) VALUES ('delete', old.serial, old.text); END""",
)
NO_FTS5 = "this SQLite ({said}) cannot search: noticewire needs SQLite 3.34 or later with FTS5"
NO_TRIGRAMS = (
    "the database refuses the extension pg_trgm ({said}), which the search needs: it comes with PostgreSQL (package "
    "postgresql-contrib on some systems); let the database's owner or a superuser run CREATE EXTENSION pg_trgm, then "
    "run this again"
)


def upgrade() -> None:
    """Apply this step."""
    _extend_notices()
    op.create_table(
        "aspects",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_aspects_notice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_aspects")),
    )
    _create_problems()
    _create_accounts()
    _create_promises()
    op.create_table(
        "edge_lines",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_edge_lines_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "key", name=op.f("pk_edge_lines")),
    )
    _create_search()


def downgrade() -> None:
    """Take this step back: what was entered is lost, the documents of the revisions stay."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE searchable_index")
    for table in (
        *("searchable", "edge_lines", "comment_windows", "commitments"),
        *("statuses", "measures", "accounts", "problems", "aspects"),
    ):
        op.drop_table(table)  # pg_trgm stays: others may use it
    for index in ("ix_notices_source_id_id", "ix_notices_follows_id", "ix_notices_inspected_key"):
        op.drop_index(index, table_name="notices")
    for name in ("follows_id", *(name for name, _ in NOTICE_COLUMNS)):
        # Not by Alembic's batches, which copy the table on SQLite and drop the old one: its revisions would go with it.
        op.execute(f"ALTER TABLE notices DROP COLUMN {name}")


def _extend_notices() -> None:
    for name, kind in NOTICE_COLUMNS:
        op.add_column("notices", sa.Column(name, kind, nullable=True))
    # Written out, because Alembic would copy the table on SQLite to add a foreign key to it (see `downgrade`).
    op.execute(
        "ALTER TABLE notices ADD COLUMN follows_id VARCHAR(40) "
        "CONSTRAINT fk_notices_follows_id REFERENCES notices (id) ON DELETE SET NULL"
    )
    op.create_index(op.f("ix_notices_inspected_key"), "notices", ["inspected_key"])
    op.create_index(op.f("ix_notices_follows_id"), "notices", ["follows_id"])
    op.create_index("ix_notices_source_id_id", "notices", ["source_id", "id"])


def _create_problems() -> None:
    op.create_table(
        "problems",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("status_text", sa.Text(), nullable=True),
        sa.Column("due_by", sa.String(length=10), nullable=True),
        sa.Column("due_precision", sa.String(length=20), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_problems_notice_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index(op.f("ix_problems_notice_id"), "problems", ["notice_id"])
    op.create_index("ix_problems_status_id", "problems", ["status", "id"])
    op.create_index("ix_problems_due_by", "problems", ["due_by"])
    op.create_table(
        "statuses",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("problem_id", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("status_text", sa.Text(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_statuses_problem_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_statuses_notice_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_statuses")),
    )
    op.create_index(op.f("ix_statuses_problem_id"), "statuses", ["problem_id"])
    op.create_index(op.f("ix_statuses_notice_id"), "statuses", ["notice_id"])


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("aspect", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.String(length=40), nullable=False),
        sa.Column("printed_number", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("status_text", sa.Text(), nullable=True),
        sa.Column("due", sa.String(length=10), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_accounts_notice_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_accounts_problem_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_problem_id"), "accounts", ["problem_id"])
    op.create_table(
        "measures",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("problem_number", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id", "problem_number"],
            ["accounts.notice_id", "accounts.number"],
            name=op.f("fk_measures_notice_id_problem_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notice_id", "problem_number", "number", name=op.f("pk_measures")),
    )


def _create_promises() -> None:
    op.create_table(
        "commitments",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("problem_number", sa.Integer(), nullable=False),
        sa.Column("due_by", sa.String(length=10), nullable=False),
        sa.Column("precision", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id", "problem_number"],
            ["accounts.notice_id", "accounts.number"],
            name=op.f("fk_commitments_notice_id_problem_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_commitments")),
    )
    op.create_index("ix_commitments_problem", "commitments", ["notice_id", "problem_number"])
    op.create_index(op.f("ix_commitments_due_by"), "commitments", ["due_by"])
    op.create_table(
        "comment_windows",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("opens_on", sa.String(length=10), nullable=True),
        sa.Column("closes_on", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_comment_windows_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_comment_windows")),
    )


def _create_search() -> None:
    op.create_table(
        "searchable",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_searchable_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_searchable")),
    )
    op.create_index("uq_searchable_notice_id_number", "searchable", ["notice_id", "number"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            _execute(statement, NO_FTS5)
        return
    # Trusted since PostgreSQL 13: who owns the database may add it.
    _execute("CREATE EXTENSION IF NOT EXISTS pg_trgm", NO_TRIGRAMS)
    op.create_index(
        "ix_searchable_text",
        "searchable",
        ["text"],
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )


def _execute(statement: str, otherwise: str) -> None:
    try:
        op.execute(statement)
    except DBAPIError as error:
        raise Invalid(otherwise.format(said=first_line(error))) from error
