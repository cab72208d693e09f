"""Which table rows carry data, and are printed on one line; the rows that only lay out a page are not."""

from collections.abc import Iterator

from lxml import etree

from worker.clean.markup import Element

# A cell with more blocks than this is a column of the page, not a datum.
_COLUMN_BLOCKS = 12


def data_rows(tree: Element) -> set[Element]:
    """Find the rows with two cells or more that hold text, and no table inside."""
    rows: set[Element] = set()
    layout: set[Element] = set()
    open_rows: list[Element] = []
    for event, row in etree.iterwalk(tree, events=("start", "end"), tag="tr"):
        if event == "start":
            layout.update(open_rows[-1:])
            open_rows.append(row)
            continue
        open_rows.pop()
        if row not in layout and _is_data(row):
            rows.add(row)
    return rows


def _is_data(row: Element) -> bool:
    filled = [cell for cell in row if cell.tag in ("td", "th") and any(piece.strip() for piece in _pieces(cell))]
    return len(filled) > 1 and all(_blocks(cell) <= _COLUMN_BLOCKS for cell in filled)


def _blocks(cell: Element) -> int:
    return sum(1 for _ in cell.iter("p", "div", "li", "br"))


def _pieces(cell: Element) -> Iterator[str]:
    for node in cell.iter():
        if isinstance(node.tag, str) and node.text:
            yield node.text
        if node is not cell and node.tail:
            yield node.tail
