"""Statements that every visit of the crawler makes: compiled once for each database, and run by its driver itself.

What SQLAlchemy does anew for each execution of a statement (its key in the cache, its parameters' and results' context)
takes ten times as long as SQLite takes for the statement. A statement here is written with SQLAlchemy like any other,
with a named `bindparam` for each value; only its running is spared that.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.db.models import Table

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


class _Form(NamedTuple):
    """A statement as one database's driver takes it."""

    text: str
    binds: tuple[tuple[str, Any, _Convert], ...]
    """Name, value unless another is given, and conversion of each parameter; in their order, where that counts."""
    by_position: bool

    def parameters(self, values: Values) -> Any:
        """Return what the driver takes for `values`."""
        given = [(name, values.get(name, usual), convert) for name, usual, convert in self.binds]
        if self.by_position:
            return [convert(value) if convert else value for _, value, convert in given]
        return {name: convert(value) if convert else value for name, value, convert in given}


class Prepared:
    """One statement; safe to share between threads and transactions."""

    def __init__(self, statement: Any) -> None:
        """Compile nothing yet: that needs a database."""
        self._statement = statement
        self._forms: dict[str, _Form] = {}
        self._converts: dict[str, tuple[_Convert, ...]] = {}

    def run(self, session: Session, values: Values) -> None:
        """Run it in the session's transaction, for a statement without results."""
        self._rows(session, values, lambda _: ())

    def first(self, session: Session, values: Values) -> tuple[Any, ...] | None:
        """Run it in the session's transaction; return the first row, if there is one."""
        found = self._rows(session, values, _first_of)
        return found[0] if found else None

    def all(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        """Run it in the session's transaction; return all rows."""
        return self._rows(session, values, lambda cursor: cursor.fetchall())

    def _rows(self, session: Session, values: Values, fetch: Callable[[Any], Sequence[Any]]) -> list[tuple[Any, ...]]:
        connection = _connection_of(session)
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _form_of(self._statement, dialect)
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        try:
            cursor.execute(form.text, form.parameters(values))
            rows = fetch(cursor)
            return [_as_python(row, self._converted(dialect, cursor)) for row in rows]
        except dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(error, form, connection, cursor) from error
        finally:
            cursor.close()

    def _converted(self, dialect: Dialect, cursor: Any) -> tuple[_Convert, ...]:
        """Return what makes Python's values of the results; by the first of them, for drivers tell their types."""
        found = self._converts.get(dialect.name)
        if found is None:
            columns = zip(self._statement.exported_columns, cursor.description, strict=True)
            found = self._converts[dialect.name] = tuple(
                column.type.dialect_impl(dialect).result_processor(dialect, told[1]) for column, told in columns
            )
        return found


def _first_of(cursor: Any) -> Sequence[Any]:
    row = cursor.fetchone()
    return () if row is None else (row,)


def _as_python(row: Any, converts: tuple[_Convert, ...]) -> tuple[Any, ...]:
    return tuple([convert(value) if convert else value for value, convert in zip(row, converts, strict=True)])


def _as_sqlalchemy_says(error: Any, form: _Form, connection: Connection, cursor: Any) -> Exception:
    """Return the error as other statements raise it; a connection that it ended is not used again."""
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    ended = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if ended:
        connection.invalidate(error)
    told = DBAPIError.instance(form.text, None, error, base, connection_invalidated=ended, dialect=dialect)
    assert isinstance(told, Exception)
    return told


def insertion(table: type[Table], names: tuple[str, ...]) -> Prepared:
    """Return the INSERT of one row with the columns `names`; of the others, those that have a plain default get it."""
    rows: Any = table.__table__
    usual = {column.name: column.default.arg for column in rows.columns if column.default is not None}
    given = {name: bindparam(name, type_=rows.c[name].type) for name in names}
    return Prepared(insert(rows).values({**usual, **given}))


def _connection_of(session: Session) -> Connection:
    if session.in_transaction():
        session.flush()  # what was changed by way of the mapper comes first, as before any other statement
    bind = session.bind
    return bind if isinstance(bind, Connection) else session.connection()


def _form_of(statement: Any, dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names = compiled.positiontup if compiled.positional else list(compiled.params)
    binds = tuple(
        (name, compiled.params[name], compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in names
    )
    return _Form(compiled.string, binds, bool(compiled.positional))
