"""The few statements that both databases spell alike but SQLAlchemy does not."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.db.models import Table

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: type[Table]) -> Any:
    """Return the dialect's INSERT, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(session: Session, table: type[Table], rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> set[Any]:
    """Insert those `rows` whose `keys` are not there yet; return the first key's values of the rows inserted."""
    if not rows:
        return set()
    statement = insert(session, table).values(list(rows)).on_conflict_do_nothing(index_elements=list(keys))
    return set(session.execute(statement.returning(getattr(table, keys[0]))).scalars())
