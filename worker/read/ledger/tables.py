"""Problems told in a table: one a row, what the columns hold told by their headers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from worker.clean.text import narrow
from worker.read.ledger.closing_sentence import closing_status
from worker.read.ledger.columns import Column, Header, Headers, headers_in, is_ticked
from worker.read.ledger.due import Standing, limit_in, promise_in
from worker.read.ledger.headings import heading_of, reports, stands_around
from worker.read.ledger.marks import mark_of
from worker.read.ledger.measures import measures_in
from worker.read.ledger.naming import name_in
from worker.read.ledger.numerals import number_of
from worker.read.ledger.paragraphs import Paragraph
from worker.read.ledger.passages import Passage
from worker.read.ledger.status import words_of
from worker.read.ledger.status_words import is_pure, status_of, status_of_group
from worker.read.ledger.values import Aspect, Problem, Status

_TITLE_LENGTH = 80
# What is longer is an account of the status.
_STATUS_LENGTH = 40
_PART = re.compile(r"\(?[一二三四五六七八九十]{1,3}\)?[、.]?")
_NO_TITLE = re.compile("[:。]|^(?:注|备注|合计|说明|填[报表])")


@dataclass
class _Row:
    """A problem as the rows of a table tell it: the texts of its cells, by column."""

    aspect: str | None
    cells: dict[Column, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def first(self, column: Column) -> str:
        return next(iter(self.cells.get(column, ())), "")


def aspects_in_tables(paragraphs: Sequence[Paragraph], written_on: str | None) -> tuple[Aspect, ...]:
    """Read the problems of all tables whose headers name a column of problems, in order.

    An aspect is a column that spans rows, or a row of one cell; problems above the first one stand under none.
    """
    if not any(paragraph.cells for paragraph in paragraphs):
        return ()
    aspects: list[tuple[str | None, list[Problem]]] = []
    for number, row in enumerate(_rows(paragraphs), start=1):
        if not aspects or aspects[-1][0] != row.aspect:
            aspects.append((row.aspect, []))
        aspects[-1][1].append(_problem(number, row, written_on))
    return tuple(Aspect(title, tuple(problems)) for title, problems in aspects)


def _rows(paragraphs: Sequence[Paragraph]) -> list[_Row]:
    columns: Headers = {}
    aspect: str | None = None
    rows: list[_Row] = []
    for at, paragraph in enumerate(paragraphs):
        if _is_title(paragraph, columns):
            aspect = _subject(paragraph.cells[-1].text)
        elif not paragraph.cells:
            aspect = _heading_above(paragraphs, at) or aspect
        elif headers := headers_in(paragraph.cells, columns):
            columns = headers
        elif columns:
            filled = [cell for cell in paragraph.cells if cell.text.strip()]
            cells = [told for cell in filled if (told := _told(columns.get(cell.column), cell.text))]
            aspect = next((_subject(text) for column, text in cells if column is Column.ASPECT), aspect)
            _tell(rows, aspect, cells, [cell.text for cell in paragraph.cells])
    return rows


def _told(header: Header | None, text: str) -> tuple[Column, str] | None:
    """Read a cell under its header: a tick says what its header does, and no tick nothing."""
    if header is None:
        return Column.OTHER, text
    if header.status is None:
        return header.column, text
    return (Column.STATUS, header.status) if is_ticked(text) else None


def _is_title(paragraph: Paragraph, columns: Headers) -> bool:
    """Tell whether a row heads the rows below it: it has one cell, or one beside 一、 where problems are numbered 1."""
    if not columns or not paragraph.cells or paragraph.cells[0].column:
        return False
    beside = len(paragraph.cells) == 2 and _PART.fullmatch(narrow(paragraph.cells[0].text.strip()))
    if len(paragraph.cells) > 1 and not beside:
        return False
    return len(paragraph.plain) <= _TITLE_LENGTH and not _NO_TITLE.search(paragraph.plain)


def _heading_above(paragraphs: Sequence[Paragraph], at: int) -> str | None:
    """Read the aspect that a line right above a table names, if it does."""
    if at + 1 >= len(paragraphs) or not paragraphs[at + 1].cells or len(paragraphs[at].plain) > _TITLE_LENGTH:
        return None
    words = _subject(paragraphs[at].text)
    plain = narrow(words)
    marked = mark_of(paragraphs[at].plain) is not None
    return words if marked and not reports(plain) and not stands_around(plain) else None


def _tell(rows: list[_Row], aspect: str | None, cells: Sequence[tuple[Column, str]], printed: Sequence[str]) -> None:
    """Add a row of the table: a problem, or more of the one that spans rows."""
    if any(column is Column.PROBLEM for column, _ in cells):
        rows.append(_Row(aspect))
    if rows:
        rows[-1].lines.extend(printed)
        for column, text in cells:
            rows[-1].cells.setdefault(column, []).append(text)


def _subject(text: str) -> str:
    text = " ".join(text.split())
    plain = narrow(text)
    mark = mark_of(plain)
    heading = heading_of(plain, mark.end if mark else 0)
    return text[heading.start : heading.end].strip() or text


def _problem(number: int, row: _Row, written_on: str | None) -> Problem:
    printed, title = _title(row)
    status, status_text = _status(row)
    promise = None
    standing = Standing(status, status_text)
    if standing.open:
        promise = limit_in(" ".join(row.cells.get(Column.LIMIT, ())), written_on)
        promise = promise or promise_in(_account(row), standing, written_on)
        promise = promise or promise_in(_passages(row.cells.get(Column.REMARK, [])), standing, written_on)
    return Problem(
        number=number,
        printed_number=printed,
        title=title,
        status=status,
        status_text=status_text,
        due=promise.due_by.isoformat() if promise else None,
        measures=_measures(row),
        text="\n".join(row.lines),
    )


def _title(row: _Row) -> tuple[int | None, str]:
    text = " ".join(row.first(Column.PROBLEM).split())
    plain = narrow(text)
    mark = mark_of(plain)
    heading = heading_of(plain, mark.end if mark else 0)
    printed = number_of(row.first(Column.NUMBER).strip(" .、．")) if row.first(Column.NUMBER) else None
    if printed is None and mark:
        printed = mark.value
    return printed, name_in(text[heading.start : heading.end], plain[heading.start : heading.end]) or text


def _account(row: _Row) -> list[Passage]:
    return _passages(row.cells.get(Column.ACCOUNT) or row.cells.get(Column.MEASURES) or [])


def _passages(cells: Sequence[str]) -> list[Passage]:
    return [Passage(line, narrow(line)) for text in cells for line in text.split("\n")]


def _status(row: _Row) -> tuple[Status | None, str | None]:
    """Read the status of its own column, else of an account that is or closes with one."""
    for column in (Column.STATUS, Column.ACCOUNT):
        for text in row.cells.get(column, ()):
            words = " ".join(text.split())
            plain = narrow(words)
            short = column is Column.STATUS and len(plain) <= _STATUS_LENGTH
            if (short or is_pure(plain)) and (status := status_of(plain)):
                return status, words if "," in plain else words.rstrip("。.")
    account = _account(row)
    if account:
        last = account[-1]
        if told := closing_status(last.plain, bare=not measures_in([last])):
            return told.status, words_of(last.text, told)
    above = status_of_group(narrow(row.aspect or ""))
    return (status_of(above), above) if above else (None, None)


def _measures(row: _Row) -> tuple[str, ...]:
    for column in (Column.MEASURES, Column.ACCOUNT):
        cells = row.cells.get(column)
        if not cells:
            continue
        if len(cells) > 1 and column is Column.MEASURES:
            # The problem spans rows: each is a measure, unless it numbers its own.
            return tuple(measure for text in cells for measure in (_numbered(text) or (_bare(text),)))
        if measures := _numbered("\n".join(cells)):
            return measures
    return ()


def _numbered(text: str) -> tuple[str, ...]:
    return measures_in(_passages([text]))


def _bare(text: str) -> str:
    return " ".join(text.split())
