"""Tables out: notices, problems and events as CSV, XLSX or JSON Lines, row by row, so that memory stays flat.

    nouns (which rows, which columns) ──► sheets (how each format spells them) ◄── cells (what a cell may begin with)

Start reading at `sheets`, then `cells`: texts are of strangers, and a spreadsheet takes some of them for formulas.
"""

from services.desk.tables.nouns import EVENTS, NOTICES, PROBLEMS, Row, Table, event_rows, notice_rows, problem_rows
from services.desk.tables.sheets import MEDIA_TYPES, Format, Style, parts

__all__ = [
    "EVENTS",
    "MEDIA_TYPES",
    "NOTICES",
    "PROBLEMS",
    "Format",
    "Row",
    "Style",
    "Table",
    "event_rows",
    "notice_rows",
    "parts",
    "problem_rows",
]
