"""Moulds: every row that the real line wrote for a few dozen notices, by notice, as the driver returns them."""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from services.desk.watching import Watch, watch
from shared.db.models import Table
from shared.migrations import upgrade
from tests.bench.growth.line import GrowingLine
from tests.bench.growth.pages import Paper, Press

HOST = "mould.example"
LISTING = f"https://{HOST}/gggs/index.html"
ONCE = frozenset({"relay_state", "subscriptions", "audit_entries", "alembic_version", "served"})
"""Tables of which the line's rows are nobody's: a ledger has them once."""
WEBHOOKS = 2
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


class Mould(NamedTuple):
    """The rows of one notice (or of the source, its column and its listing), by table, and what else occurs in them."""

    rows: Rows
    stem: str
    """Of its address; empty for the source's."""
    paper: Paper | None


class Moulds(NamedTuple):
    """What the line wrote: of the source, of each notice, and whose ids are no notice's own."""

    place: Mould
    notices: Sequence[Mould]
    subscriptions: Sequence[str]


def moulds(count: int = 48) -> Moulds:
    """Let the line crawl, read and tell `count` notices in a ledger of its own, and return its rows.

    A quarter are reports on rectification, of which every second is revised later; each page is looked at twice more.
    """
    press = Press(11)
    papers = {
        f"t20260930_{9000 + n}": press.rectification() if n % 4 == 0 else press.announcement() for n in range(count)
    }
    with tempfile.TemporaryDirectory() as folder:
        with closing(GrowingLine(f"sqlite:///{folder}/mould.db", Path(folder))) as line:
            upgrade(line.ledger)
            subscriptions = [one.id for one in line.subscribe(WEBHOOKS)]
            watch(line.ledger, Watch(LISTING))
            _tell(line, papers)
        rows = _all_rows(Path(folder) / "mould.db")
    return _gathered(rows, papers, subscriptions)


def _tell(line: GrowingLine, papers: Mapping[str, Paper]) -> None:
    at = {f"https://{HOST}/gggs/202609/{stem}.html": paper for stem, paper in papers.items()}
    line.site.publish(LISTING, at)
    line.run(lambda: None)
    edited = {url: _edited(paper) if place % 8 == 0 else paper for place, (url, paper) in enumerate(at.items())}
    for version in (edited, edited):
        line.site.publish(LISTING, version)
        line.make_due("kind = 'detail'")
        line.run(lambda: None)


def _edited(paper: Paper) -> Paper:
    """Let what was under way be done."""
    text = paper.html.decode()
    before, _, after = text.partition("正在推进整改")
    _, _, rest = after.partition("。")
    changed = f"{before}已完成整改。{rest}" if after else text.replace("已完成整改。", "已完成整改，长期坚持。", 1)
    return paper._replace(html=changed.encode())


def _all_rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [table.name for table in Table.metadata.sorted_tables]
        found = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}
    return {name: rows for name, rows in found.items() if rows and name not in ONCE}


def _gathered(
    rows: dict[str, list[dict[str, Any]]], papers: Mapping[str, Paper], subscriptions: Sequence[str]
) -> Moulds:
    """Give each row to the notice that it hangs on; raises where one hangs on none: the moulds would not be whole."""
    targets = {row["url"].rpartition("/")[2].removesuffix(".html"): row["id"] for row in rows["targets"]}
    notices = [Mould(_taken(rows, targets[stem]), stem, paper) for stem, paper in papers.items()]
    own = (rows["sources"][0]["id"], rows["columns"][0]["id"])
    place = Mould(_taken(rows, *own, HOST, f"https://{HOST}"), "", None)
    if left := {name: len(theirs) for name, theirs in rows.items() if theirs}:
        raise AssertionError(f"rows that hang on no notice and on no source: {left}")
    return Moulds(place, notices, subscriptions)


def _taken(rows: dict[str, list[dict[str, Any]]], *names: str) -> dict[str, list[dict[str, Any]]]:
    """Take the rows that name what `names` are, and what names those, until there are no more."""
    known: set[Any] = set(names)
    found: dict[str, list[dict[str, Any]]] = {}
    grown = True
    while grown:
        grown = False
        for table, left in rows.items():
            mine = [row for row in left if known & set(_marks(table, row))]
            if mine:
                grown = True
                found.setdefault(table, []).extend(mine)
                left[:] = [row for row in left if row not in mine]
                known |= {row["id"] for row in mine if "id" in row}
                known |= {("sketch", row["serial"]) for row in mine if table == "sketches"}
    return found


def _marks(table: str, row: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what a row names: itself and its parents, but for those that all notices have."""
    if table == "sketch_bands":
        yield "sketch", row["sketch"]
    for name, value in row.items():
        if isinstance(value, str) and name not in ("source_id", "column_id", "subscription_id", "data", "document"):
            yield value


def shape(mould: Mould) -> dict[str, int]:
    """Return how many rows each table has of a mould."""
    return {table: len(rows) for table, rows in mould.rows.items()}
