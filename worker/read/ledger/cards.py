"""Tables that tell a problem below each other, the header at the left: 问题|…, 措施|…, 状态|…, one card a problem.

They are written out as the lines that other notices print: 问题：…, 措施：…, 状态：….
"""

from collections.abc import Container, Iterator, Sequence

from worker.clean.lines import Cell, Line
from worker.read.ledger.columns import Column, bare, column_named, is_status

_LONGEST_NAME = 10
_LEAST_ROWS = 3
_TELLS = frozenset([Column.MEASURES, Column.ACCOUNT, Column.STATUS])


def cards_in(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the lines, the rows of cards as lines of their own; most notices have none."""
    rows = {at: names for at, line in enumerate(lines) if line.cells and (names := _names(line.cells))}
    columns = {column for names in rows.values() for column in names}
    if len(rows) < _LEAST_ROWS or Column.PROBLEM not in columns or not columns & _TELLS:
        return lines
    return list(_written(lines, rows))


def _names(cells: Sequence[Cell]) -> list[Column]:
    """Name every other cell, where each is a header, and none of those between."""
    columns = [_named(cell) for cell in cells]
    if len(cells) % 2 or None in columns[::2] or any(columns[1::2]):
        return []
    return [column for column in columns[::2] if column]


def _named(cell: Cell) -> Column | None:
    words = bare(cell.text).rstrip(":")
    if len(words) > _LONGEST_NAME or "\n" in cell.text or is_status(words):
        return None
    return column_named(words)


def _written(lines: Sequence[Line], rows: Container[int]) -> Iterator[Line]:
    number = ""
    for at, line in enumerate(lines):
        if at not in rows:
            yield Line(" ".join(line.text.split()), line.state) if line.cells else line
            continue
        for name, value in zip(line.cells[::2], line.cells[1::2], strict=True):
            column = _named(name)
            if column is Column.NUMBER:
                number = value.text.strip(" .、．")
                continue
            # The number of a card is that of the problem below it.
            label = name.text.strip().rstrip(":：")
            if column is Column.PROBLEM and not label[-1:].isdigit():
                label = f"问题{number}"
            first, *others = value.text.split("\n")
            yield Line(f"{label}：{first}", line.state)
            yield from (Line(other, line.state) for other in others)
