"""Indexes by which what is asked of a million notices takes as long as of ten thousand."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AWAITED = "decision_rule IN ('attachments-awaited', 'former-address-asked-first')"


def upgrade() -> None:
    """Apply this step; what the release before asks is answered by the new indexes as well."""
    op.create_index("ix_targets_column_id_kind_hint_date", "targets", ["column_id", "kind", "hint_date"])
    op.drop_index("ix_targets_column_id", "targets")
    for first in ("column_id", "kind", "state"):
        op.create_index(f"ix_notices_{first}_id", "notices", [first, "id"])
    op.drop_index("ix_notices_column_id", "notices")
    _create_partial("ix_fetches_quarantined", "fetches", "quarantined_at IS NOT NULL")
    op.drop_index("ix_fetches_attachments_awaited", "fetches")
    _create_partial("ix_fetches_awaited", "fetches", AWAITED, "started_at")
    _create_partial("ix_deliveries_parked", "deliveries", "state = 'parked'")


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_deliveries_parked", "deliveries")
    op.drop_index("ix_fetches_awaited", "fetches")
    awaited = "decision_rule = 'attachments-awaited'"
    _create_partial("ix_fetches_attachments_awaited", "fetches", awaited, "started_at")
    op.drop_index("ix_fetches_quarantined", "fetches")
    op.create_index("ix_notices_column_id", "notices", ["column_id"])
    for first in ("state", "kind", "column_id"):
        op.drop_index(f"ix_notices_{first}_id", "notices")
    op.create_index("ix_targets_column_id", "targets", ["column_id"])
    op.drop_index("ix_targets_column_id_kind_hint_date", "targets")


def _create_partial(name: str, table: str, condition: str, column: str = "id") -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)
