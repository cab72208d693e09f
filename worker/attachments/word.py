"""The text of a Word file since 2007 (DOCX): paragraphs and table rows in their order, cells apart by tabs."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile

from docx import Document
from docx.oxml.table import CT_Tc
from docx.table import Table
from lxml.etree import XMLSyntaxError

from worker.attachments.reasons import BROKEN, EMPTY, NoText


def text_of(content: bytes, most_characters: int) -> str:
    """Return the text of a DOCX, a paragraph or table row a line; raises `NoText` where there is none."""
    lines, left = [], most_characters
    for line in _lines(content):
        lines.append(line)
        left -= len(line)
        if left < 0:
            break
    text = "\n".join(lines)
    if not text.strip():
        raise NoText(EMPTY)
    return text


def _lines(content: bytes) -> Iterator[str]:
    try:
        for block in Document(BytesIO(content)).iter_inner_content():
            if isinstance(block, Table):
                yield from _rows(block)
            else:
                yield block.text.replace("\t", " ")
    except (BadZipFile, KeyError, ValueError, XMLSyntaxError, AttributeError) as error:
        # What the library raises for files that are torn, or lack a part that they refer to.
        raise NoText(BROKEN) from error


def _rows(table: Table) -> Iterator[str]:
    """Yield the rows; a cell that is merged over several places is printed once."""
    printed: set[CT_Tc] = set()
    for row in table.rows:
        cells = []
        for cell in row.cells:
            cells.append("" if cell._tc in printed else " ".join(cell.text.split()))
            printed.add(cell._tc)
        yield "\t".join(cells)
