"""All rows of the ledger, out and in: the same lines of JSON from either kind of database, and for either kind.

Of a table, the first line has the names of its columns, and each other line the values of one row. Times are ISO 8601,
bytes base64. Whoever reads them in has made the tables as they were when the rows were written (`Table.metadata` may
be newer by then), so types are asked of the database.
"""

import json
import warnings
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, Date, DateTime, LargeBinary, MetaData, func, select, text, update
from sqlalchemy import Table as Described
from sqlalchemy.exc import SAWarning

from shared.db.engine import READ_ONLY
from shared.db.models import Table
from shared.db.trouble import answering
from shared.db.uow import Ledger

BATCH = 500

Lines = Iterator[str]


@contextmanager
def standing_still(ledger: Ledger) -> Iterator[Connection]:
    """Give a connection to which the ledger looks as it does now, while others go on writing."""
    options = {READ_ONLY: True} if ledger.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with answering(), ledger.engine.connect().execution_options(**options) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection


def table_names() -> list[str]:
    """Return the tables of this release, each after those that it refers to."""
    return [table.name for table in Table.metadata.sorted_tables]


def lines_of(connection: Connection, name: str) -> Lines:
    """Yield the lines of a table."""
    table = Table.metadata.tables[name]
    yield _line([column.name for column in table.columns])
    query = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=BATCH).execute(query):
        yield _line([_plain(value) for value in row])


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def read_in(connection: Connection, names: Iterable[str], open_lines: Callable[[str], Lines]) -> dict[str, int]:
    """Insert the lines of the tables `names` into tables that are empty; return how many rows each has.

    `open_lines` gives the lines of a table by its name, and is asked for some of them twice.
    """
    described = _described(connection)
    counts = {}
    for name in sorted(names, key=[table.name for table in described.sorted_tables].index):
        table = described.tables[name]
        connection.execute(table.delete())  # what migrations put into new tables
        own = _refers_to_itself(table)
        counts[name] = 0
        for rows in _batches(_rows(table, open_lines(name))):
            connection.execute(table.insert(), [row | dict.fromkeys(own) for row in rows])
            counts[name] += len(rows)
        if own:
            _refer(connection, table, own, _rows(table, open_lines(name)))
        _number_on(connection, table)
    return counts


def _described(connection: Connection) -> MetaData:
    described = MetaData()
    with warnings.catch_warnings():
        # Indexes of expressions, and the tables within the index for the search, cannot be described, nor need they be.
        warnings.simplefilter("ignore", SAWarning)
        described.reflect(connection)
    return described


def _rows(table: Described, lines: Lines) -> Iterator[dict[str, Any]]:
    names = json.loads(next(lines))
    makers = [_maker(table.columns[name].type) for name in names]
    for line in lines:
        values = zip(names, makers, json.loads(line), strict=True)
        yield {name: None if value is None else make(value) for name, make, value in values}


def _maker(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, JSON):
        kind.none_as_null = True
    return b64decode if isinstance(kind, LargeBinary) else lambda value: value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _refers_to_itself(table: Described) -> list[str]:
    """Return the columns that name another row of the same table, which may be read in later."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _refer(connection: Connection, table: Described, own: Sequence[str], rows: Iterator[Mapping[str, Any]]) -> None:
    (key,) = table.primary_key.columns
    for row in rows:
        told = {name: row[name] for name in own if row.get(name) is not None}
        if told:
            connection.execute(update(table).where(key == row[key.name]).values(told))


def _number_on(connection: Connection, table: Described) -> None:
    """Let PostgreSQL number on after the highest number that was read in; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for key in table.primary_key.columns:
        counter = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if counter is not None:
            connection.execute(select(func.setval(counter, select(func.max(key)).scalar_subquery())))
