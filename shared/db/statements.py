"""The few statements that both databases spell alike but SQLAlchemy does not."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TableClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.db.models import Table

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: type[Table] | TableClause) -> Any:
    """Return the INSERT of the session's dialect, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_by(session.get_bind().dialect.name, table)


def insert_by(dialect: str, table: type[Table] | TableClause) -> Any:
    """Return the INSERT of a dialect, by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(session: Session, table: type[Table], rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> set[Any]:
    """Insert those `rows` whose `keys` are not there yet; return the first key's values of the rows inserted."""
    if not rows:
        return set()
    # A single row as keywords and not as a list: only so SQLAlchemy keeps the statement that it has compiled.
    values = insert(session, table).values(**rows[0]) if len(rows) == 1 else insert(session, table).values(list(rows))
    statement = values.on_conflict_do_nothing(index_elements=list(keys))
    return set(session.execute(statement.returning(getattr(table, keys[0]))).scalars())
