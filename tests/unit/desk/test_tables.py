"""Tables hold strangers' texts: none becomes a formula, and each reads back as it was written."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.desk.tables import Format, Row, Style, Table, parts
from services.desk.tables import sheets as of_sheets
from services.desk.tables.cells import is_risky, neutral, original

TABLE = Table("things", ("number", "text"))
TRICKS = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "　＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        "\ufeff=1",
    ),
    *(
        "\ufeff=1",
        "\x00=1",
        "\xa0-1",
        "﹦1",
        "⁼1",
        '"=1"',
        "'=1",
        "''",
        "x;=1+1",
        "a\r\n=1",
        "\u202e=1",
        "普通的一段文字",
        "",
    ),
]
tricky = st.sampled_from(TRICKS)
texts = st.one_of(tricky, st.text(max_size=30), st.builds(str.__add__, tricky, st.text()))


def write(form: Format, rows: Iterable[Row], *, bom: bool = False) -> bytes:
    return b"".join(parts(Style(form, bom), TABLE, [list(rows)]))


def rows_of(*words: str) -> list[Row]:
    return [{"number": number, "text": text} for number, text in enumerate(words)]


def read_csv(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode(), newline="")))


def workbook(file: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def first_seen(cell: str) -> str:
    """Return the first character that a careless reader would look at."""
    return re.sub(r"^[\s\x00\u200b\u202e\ufeff]+", "", cell)[:1]


@given(st.lists(texts, max_size=5))
def test_no_cell_of_a_csv_starts_a_formula_and_each_reads_back(words: list[str]) -> None:
    heading, *cells = read_csv(write(Format.CSV, rows_of(*words)))
    assert heading == ["number", "text"]
    assert [original(text) for _, text in cells] == words
    for _, text in cells:
        assert first_seen(text) not in tuple("=+-@＝＋－＠")
        assert text[:1] not in tuple("\t\r\n")


@settings(max_examples=25, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
@example(TRICKS)
def test_no_cell_of_a_workbook_is_a_formula_and_each_reads_back(words: list[str]) -> None:
    file = write(Format.XLSX, rows_of(*words))
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in archive.namelist() if "external" in name.lower() or "hyperlink" in name.lower()]
    assert "<f>" not in sheet
    assert "<f " not in sheet
    assert "hyperlink" not in sheet
    assert [_decoded(row[1]) for row in workbook(file)[1:]] == [_line_ends(word) for word in words]


def _decoded(cell: str) -> str:
    """Undo the escapes by which XLSX spells control characters (ECMA-376, 22.4.2.4)."""
    return _line_ends(re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell))


def _line_ends(text: str) -> str:
    """XML reads every line end as one line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_taking_one_apostrophe_away_always_gives_the_text_back(text: str) -> None:
    assert original(neutral(text)) == text
    assert not is_risky(neutral(text))


@pytest.mark.parametrize("harmless", ["2026-01-05", "关于整改进展情况的通报", "（一）", "a=b", "3-1", "#", "1"])
def test_what_is_harmless_stays_as_it_is(harmless: str) -> None:
    assert neutral(harmless) == harmless


def test_numbers_and_missing_values_stay_what_they_are() -> None:
    row: Row = {"number": -3, "text": None}
    assert read_csv(write(Format.CSV, [row]))[1] == ["-3", ""]
    assert workbook(write(Format.XLSX, [row]))[1][0] == -3
    assert write(Format.JSONL, [row]) == b'{"number": -3, "text": null}\n'


def test_a_byte_order_mark_comes_once_and_only_where_it_is_asked_for() -> None:
    pages: Sequence[Sequence[Row]] = [rows_of("a"), rows_of("b")]
    file = b"".join(parts(Style(Format.CSV, bom=True), TABLE, pages))
    assert file.startswith("\ufeff".encode())
    assert file.count("\ufeff".encode()) == 1
    assert not write(Format.CSV, rows_of("a")).startswith("\ufeff".encode())
    assert read_csv(b"".join(parts(Style(Format.CSV), TABLE, []))) == [["number", "text"]]
    assert workbook(b"".join(parts(Style(Format.XLSX), TABLE, []))) == [["number", "text"]]


def test_a_text_that_no_cell_holds_is_cut_and_says_so() -> None:
    (cell,) = [row[1] for row in workbook(write(Format.XLSX, rows_of("字" * 40_000)))[1:]]
    assert len(cell) == of_sheets.LONGEST_CELL
    assert cell.endswith(of_sheets.CUT)
    assert read_csv(write(Format.CSV, rows_of("字" * 40_000)))[1][1] == "字" * 40_000


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_sheets, "ROWS_OF_A_SHEET", 2)
    book = CalamineWorkbook.from_filelike(io.BytesIO(write(Format.XLSX, rows_of(*"abc"))))
    assert book.sheet_names == ["things", "things 2"]
    assert book.get_sheet_by_index(1).to_python() == [["number", "text"], [2.0, "c"]]
