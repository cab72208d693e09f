"""The few statements that both databases spell alike but SQLAlchemy does not."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.db.models import Table

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: type[Table]) -> Any:
    """Return the INSERT of the session's dialect, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_by(session.get_bind().dialect.name, table)


def insert_by(dialect: str, table: type[Table]) -> Any:
    """Return the INSERT of a dialect, by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(session: Session, table: type[Table], rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> set[Any]:
    """Insert those `rows` whose `keys` are not there yet; return the first key's values of the rows inserted.

    The rows have the same columns.
    """
    if not rows:
        return set()
    statement = _insert_new(session.get_bind().dialect.name, table, tuple(keys))
    return set(session.execute(statement, list(rows)).scalars())


@cache
def _insert_new(dialect: str, table: type[Table], keys: tuple[str, ...]) -> Any:
    # Rows are parameters and no part of the statement: only so SQLAlchemy keeps what it has compiled. And the table
    # stands for the class: no entity of the mapper comes of it.
    rows: Any = table.__table__
    statement = insert_by(dialect, rows).on_conflict_do_nothing(index_elements=list(keys))
    return statement.returning(rows.c[keys[0]])
