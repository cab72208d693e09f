"""The text of a workbook (XLS and XLSX): the rows of its visible sheets, cells apart by tabs."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from itertools import chain

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from python_calamine import PasswordError as Locked

from worker.attachments.reasons import BROKEN, EMPTY, ENCRYPTED, NoText


def text_of(content: bytes, most_characters: int) -> str:
    """Return the text of a workbook, a row a line, rows without any cell left out; raises `NoText` for none."""
    lines, left = [], most_characters
    try:
        for line in chain.from_iterable(_sheets(content)):
            lines.append(line)
            left -= len(line)
            if left < 0:
                break
    except Locked as error:
        raise NoText(ENCRYPTED) from error
    except (CalamineError, ValueError, OSError) as error:
        raise NoText(BROKEN) from error
    if not lines:
        raise NoText(EMPTY)
    return "\n".join(lines)


def _sheets(content: bytes) -> Iterator[Iterator[str]]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            yield _rows(workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=True))


def _rows(rows: Sequence[Sequence[object]]) -> Iterator[str]:
    for row in rows:
        line = "\t".join(_cell(value) for value in row).rstrip("\t")
        if line:
            yield line


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return " ".join(str(value).split())
