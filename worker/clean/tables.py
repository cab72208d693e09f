"""Which table rows carry data, and are printed on one line, and in which column each of their cells stands.

The rows that only lay out a page are not among them.
"""

from collections.abc import Iterable, Iterator

from worker.clean.markup import Element

# A cell with more blocks than this is a column of the page, not a datum.
_COLUMN_BLOCKS = 12
# HTML allows 1,000 and 65,534 (WHATWG HTML 4.9.11); tables that wide have not been seen, and columns cost time.
_WIDEST = 100
_TALLEST = 65534
# A single filled cell is a datum only in a table that shows it has data: this many rows of two cells or more.
_DATA_ROWS = 2


class Grid:
    """The data rows of a page's tables, and the column of each cell in them, counted from 0 with all spans."""

    def __init__(self, rows: Iterable[Element]) -> None:
        """Look at every row of the page, in the order of the page."""
        self.rows: set[Element] = set()
        self.columns: dict[Element, int] = {}
        tables: dict[Element, list[Element]] = {}
        for row in rows:
            # Rows may stand in a tbody or thead of the table; one without any table is none.
            table = next(row.iterancestors("table"), None)
            if table is not None:
                tables.setdefault(table, []).append(row)
        for own in tables.values():
            self._add(own)

    def _add(self, rows: list[Element]) -> None:
        filled = {row: _filled(row) for row in rows if next(row.iterdescendants("tr"), None) is None}
        data = {row for row, cells in filled.items() if len(cells) > 1 and _are_data(cells)}
        if not data:
            return
        columns, width = _columns(rows)
        if len(data) >= _DATA_ROWS:
            data |= {row for row, cells in filled.items() if len(cells) == 1 and _belongs(cells[0], width)}
        self.rows |= data
        for row in data:
            self.columns.update((cell, columns[cell]) for cell in filled[row])


def _columns(rows: list[Element]) -> tuple[dict[Element, int], int]:
    """Number the columns of one table: a cell takes the first that no cell above still reaches down to."""
    columns: dict[Element, int] = {}
    taken: dict[int, int] = {}  # column → the first row in which it is free again
    width = 0
    for number, row in enumerate(rows):
        at = 0
        for cell in _cells(row):
            while taken.get(at, 0) > number:
                at += 1
            columns[cell] = at
            free = min(at + _span(cell, "colspan", _WIDEST), max(at, _WIDEST))
            tall = _span(cell, "rowspan", _TALLEST)
            if tall > 1:
                taken.update(dict.fromkeys(range(at, free), number + tall))
            at = free
        width = max(width, at)
    return columns, width


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _span(cell: Element, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    if not value.isdecimal() or len(value) > 6:
        return 1
    number = int(value)
    # A rowspan of 0 reaches to the end of the table.
    return min(number, most) if number else (most if name == "rowspan" else 1)


def _filled(row: Element) -> list[Element]:
    return [cell for cell in _cells(row) if any(piece.strip() for piece in _pieces(cell))]


def _are_data(cells: list[Element]) -> bool:
    return all(_blocks(cell) <= _COLUMN_BLOCKS for cell in cells)


def _belongs(cell: Element, width: int) -> bool:
    """Tell whether the only filled cell of a row is a datum: a heading across the table, or beside cells from above.

    A cell across the whole table that holds several paragraphs is text, which a table frames.
    """
    across = _span(cell, "colspan", _WIDEST) >= width
    return _blocks(cell) <= (1 if across else _COLUMN_BLOCKS)


def _blocks(cell: Element) -> int:
    return sum(1 for _ in cell.iter("p", "div", "li", "br"))


def _pieces(cell: Element) -> Iterator[str]:
    for node in cell.iter():
        if isinstance(node.tag, str) and node.text:
            yield node.text
        if node is not cell and node.tail:
            yield node.tail
