"""Alembic's entry: runs the steps on the connection that `shared.migrations.upgrade` hands over."""

from alembic import context

from shared.db.models import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
