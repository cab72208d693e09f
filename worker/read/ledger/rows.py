"""Tables that came as lines of text: headers, and below them lines with as many cells, parted by tabs or blanks."""

from collections.abc import Sequence

from worker.clean.lines import Cell, Line
from worker.read.ledger.columns import headers_in

_LEAST_COLUMNS = 3
_LEAST_ROWS = 2
_LONGEST_HEADERS = 200
# A title between two rows is a line of one cell.
_LONGEST_TITLE = 80


def rows_in(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the lines, those that are rows of a table with their cells; most notices have none."""
    found: dict[int, Line] = {}
    for at, line in enumerate(lines):
        if at not in found and not line.cells and len(line.text) <= _LONGEST_HEADERS:
            found.update(_table(lines, at))
    return [found.get(at, line) for at, line in enumerate(lines)] if found else lines


def _table(lines: Sequence[Line], first: int) -> dict[int, Line]:
    """Read the table whose headers are the line `first`; none where it has no headers, or too few rows."""
    headers = _cells(lines[first].text)
    if len(headers) < _LEAST_COLUMNS or not headers_in(headers, {}):
        return {}
    rows = {first: lines[first]._replace(cells=headers)}
    for at in range(first + 1, len(lines)):
        line = lines[at]
        cells = () if line.cells else _cells(line.text, len(headers))
        if cells:
            rows[at] = line._replace(cells=cells)
        elif at - 1 not in rows or len(line.text) > _LONGEST_TITLE:
            break
    return rows if len(rows) > _LEAST_ROWS else {}


def _cells(text: str, count: int | None = None) -> tuple[Cell, ...]:
    """Part a line, by its tabs if it has any; `count` says how many cells it must have to be parted."""
    texts = text.split("\t") if "\t" in text else text.split()
    if len(texts) < _LEAST_COLUMNS or count not in (None, len(texts)):
        return ()
    return tuple(Cell(column, cell.strip()) for column, cell in enumerate(texts) if cell.strip())
