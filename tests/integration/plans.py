"""How the database would answer what it was asked: which big tables a statement would read from end to end."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

BIG = {
    *("accounts", "agenda", "attempts", "commitments", "deliveries", "events", "fetches", "measures", "notices"),
    *("problems", "revisions", "searchable", "sightings", "sketch_bands", "sketches", "spoken", "statuses", "targets"),
}
"""Tables that grow with the notices."""
ALLOWED: Mapping[str, tuple[str, str]] = {
    "counts": (r"SELECT count\(\*\)|count\(\*\) AS count_1 .*GROUP BY", "the metrics show every row that there is"),
    "short words": (r"LIKE|instr\(", "a word of one or two characters has no trigram"),
    "the newest": (r"FROM (\w+) ORDER BY \1\.id DESC\s+LIMIT", "it ends with the first row"),
    "the benchmark's own": (r"ORDER BY id$", "ids to ask for"),
}
"""What may be read as a whole, by the name of the reason: a pattern of the statement, and why."""


class Said(NamedTuple):
    """A statement as the driver took it."""

    text: str
    parameters: Any

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and other.text == self.text


@contextmanager
def told(engine: Engine) -> Iterator[list[Said]]:
    """Gather the statements that are executed meanwhile, but for those of many rows at once."""
    seen: list[Said] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and re.match(r"SELECT|UPDATE|DELETE|WITH", statement):
            seen.append(Said(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def read_whole(engine: Engine, said: Said) -> list[str]:
    """Return the big tables that the statement reads from end to end, even where that costs most."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said.text}", said.parameters)
            return [table for row in plan if (table := _scanned(row[3])) in BIG]
        for way in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        lines = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {said.text}", said.parameters)]
    return [table for table in map(_seq_scanned, lines) if table in BIG]


def allowed(said: Said) -> bool:
    """Tell whether a statement may read what it reads."""
    return any(re.search(pattern, said.text, re.DOTALL) for pattern, _ in ALLOWED.values())


def _scanned(detail: str) -> str:
    found = re.match(r"SCAN (\w+?)(_\d+)?\b", detail)
    return found[1] if found else ""


def _seq_scanned(line: str) -> str:
    found = re.search(r"Seq Scan on (\w+)", line)
    return found[1] if found else ""
