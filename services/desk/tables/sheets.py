"""How each format spells a table: CSV (RFC 4180), XLSX, or one JSON object a line; as parts of a file, in order."""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from services.desk.tables.cells import is_risky, neutral, whole
from services.desk.tables.nouns import Row, Table, event_row
from shared.db.models import Event
from shared.envelope import envelope

BOM = "\ufeff".encode()
ROWS_OF_A_SHEET = 1_048_575
"""What XLSX can hold, without the headings."""
LONGEST_CELL = 32_767
"""What XLSX can hold, in UTF-16 units; a longer text is cut there, and says so."""
CUT = "…[cut: a cell holds no more]"
READ_BYTES = 64 * 1024


class Format(StrEnum):
    """What a table may be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSONL: "application/jsonl",
}


@dataclass(frozen=True)
class Style:
    """How a table is written; with `bom`, Excel takes a CSV for the UTF-8 that it is."""

    format: Format
    bom: bool = False


def parts(style: Style, table: Table, pages: Iterable[Sequence[Row] | Sequence[Event]]) -> Iterator[bytes]:
    """Yield the bytes of the file. Text is kept as it is, but for what `cells` and the limits of XLSX demand."""
    if style.format is Format.CSV:
        return _csv(table, pages, bom=style.bom)
    return _xlsx(table, pages) if style.format is Format.XLSX else _jsonl(pages)


def _csv(table: Table, pages: Iterable[Sequence[Row] | Sequence[Event]], *, bom: bool) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    # Every cell in quotation marks: where a semicolon ends a cell, an unquoted comma would let its text spill over.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(table.columns)
    begun = BOM if bom else b""
    for page in pages:
        writer.writerows([_cell(row[name]) for name in table.columns] for row in map(_row, page))
        yield begun + text.getvalue().encode()
        begun = b""
        text.seek(0)
        text.truncate()
    if text.getvalue():
        yield begun + text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return neutral(whole(value))
    return str(value)


def _jsonl(pages: Iterable[Sequence[Row] | Sequence[Event]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(_line(one) + b"\n" for one in page)


def _line(one: Row | Event) -> bytes:
    """Return an event as every window shows it, byte for byte; another row as an object."""
    if isinstance(one, Event):
        return envelope(one)
    return json.dumps({name: _told(value) for name, value in one.items()}, ensure_ascii=False).encode()


def _told(value: Any) -> Any:
    return whole(value) if isinstance(value, str) else value


def _row(one: Row | Event) -> Row:
    return event_row(one) if isinstance(one, Event) else one


def _xlsx(table: Table, pages: Iterable[Sequence[Row] | Sequence[Event]]) -> Iterator[bytes]:
    # The format is a ZIP with its index at the end, so that the file is written whole before its first byte goes out.
    with tempfile.TemporaryFile() as file:
        _write_book(file, table, pages)
        file.seek(0)
        while part := file.read(READ_BYTES):
            yield part


def _write_book(file: BinaryIO, table: Table, pages: Iterable[Sequence[Row] | Sequence[Event]]) -> None:
    kept_as_text = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {"constant_memory": True, **kept_as_text}) as book:
        # Excel keeps such a cell a text even when somebody edits it.
        risky = book.add_format({"quote_prefix": True})
        sheet, at = _new_sheet(book, table, 1), 0
        for page in pages:
            for row in map(_row, page):
                if at == ROWS_OF_A_SHEET:
                    sheet, at = _new_sheet(book, table, len(book.worksheets()) + 1), 0
                at += 1
                _write_row(sheet, at, [row[name] for name in table.columns], risky)


def _new_sheet(book: xlsxwriter.Workbook, table: Table, number: int) -> Worksheet:
    sheet = book.add_worksheet(table.name if number == 1 else f"{table.name} {number}")
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_row(sheet: Worksheet, at: int, values: Sequence[Any], risky: CellFormat) -> None:
    for column, value in enumerate(values):
        if isinstance(value, bool):
            sheet.write_boolean(at, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(at, column, value)
        elif value is not None and value != "":
            text = _fitting(whole(str(value)))
            sheet.write_string(at, column, text, risky if is_risky(text) else None)


def _fitting(text: str) -> str:
    """Return a text that a cell of XLSX can hold."""
    units = text.encode("utf-16-le")
    if len(units) // 2 <= LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT
