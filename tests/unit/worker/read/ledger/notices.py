"""Invented notices for the tests of the ledger's structure: text, or rows of a table, to lines and to problems."""

from worker.clean.lines import Cell, Line
from worker.read.ledger.outline import aspects_of
from worker.read.ledger.values import Aspect, Problem

WRITTEN_ON = "2023-09-15"
OPENING = (
    "根据区委统一部署，2023年3月1日至4月30日，区委第二巡察组对云岭镇党委开展了巡察。现将巡察整改进展情况予以公布。"
)
WIDE = str.maketrans({half: chr(ord(half) + 0xFEE0) for half in ",:();!?0123456789."} | {" ": "\u3000"})


def lines_of(text: str) -> list[Line]:
    """Cut a text into lines; one with bars is a row of a table, ⏎ parts the paragraphs of a cell."""
    return [_line(line.strip()) for line in text.strip().split("\n") if line.strip()]


def _line(line: str) -> Line:
    if "|" not in line:
        return Line(line)
    texts = [text.strip() for text in line.split("|")]
    cells = tuple(Cell(column, text.replace("⏎", "\n")) for column, text in enumerate(texts) if text)
    return Line(" ".join(cell.text.replace("\n", " ") for cell in cells), cells=cells)


def read(text: str, written_on: str | None = WRITTEN_ON) -> tuple[Aspect, ...]:
    """Read the aspects of a notice with the usual opening."""
    return aspects_of(lines_of(f"{OPENING}\n{text}"), written_on)


def problems(text: str) -> list[Problem]:
    """Read the problems of a notice, whatever aspects they stand under."""
    return [problem for aspect in read(text) for problem in aspect.problems]


def sketch(text: str) -> list[tuple[str | None, list[tuple[int | None, str, str | None, int]]]]:
    """Draw a notice: per aspect its title and, per problem, printed number, title, status, number of measures."""
    return [
        (
            aspect.title,
            [
                (one.printed_number, one.title, one.status and one.status.value, len(one.measures))
                for one in aspect.problems
            ],
        )
        for aspect in read(text)
    ]
