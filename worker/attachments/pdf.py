"""The text of a PDF: lines as they are printed, put together to the paragraphs that they were."""

import re
from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

import pypdfium2
from pypdfium2 import raw

from worker.attachments.reasons import BROKEN, EMPTY, ENCRYPTED, SCANNED, NoText

MOST_PAGES = 2_000
_PAGE_NUMBER = re.compile(r"[-—–·\s]*第?\s?\d{1,4}\s?页?[-—–·\s]*(?:[/共]\s?共?\d{1,4}\s?页?)?")
# How a paragraph begins that no line goes on with; and what may also stand at a line's start by chance.
_MARK = re.compile(
    r"[（(][一二三四五六七八九十]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|\d{1,3}\s?[.．、](?!\d)|[（(]\d{1,3}[）)]"
    r"|(?:整改|责任|牵头|完成)\w{2,4}\s?[:：]"
)
_MAY_BEGIN = re.compile(r"第[一二三四五六七八九十]{1,3}|附件|联系|整改|责任|问题")
_ENDS = ("。", "；", "：", "！", "？", ";", ":")
_FULL = 0.93
"""Of the widest usual line: a printed line that is as wide goes on in the next."""
_FEWEST_LINES = 4
_NARROWEST = 40
"""Half-width characters: a column of text has twenty Han characters a line; what is narrower is a list or a table."""


def text_of(content: bytes, most_characters: int) -> str:
    """Return the text of a PDF, a paragraph a line; raises `NoText` where there is none."""
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == raw.FPDF_ERR_PASSWORD
        raise NoText(ENCRYPTED if locked else BROKEN) from error
    pages, left = [], most_characters
    for number in range(min(len(pdf), MOST_PAGES)):
        page = _page(pdf, number)
        pages.append(page)
        left -= len(page)
        if left < 0:
            break
    if not any(page.strip() for page in pages):
        raise NoText(SCANNED if _shows_pictures(pdf) else EMPTY)
    return "\n".join(paragraphs(pages))


def _page(pdf: pypdfium2.PdfDocument, number: int) -> str:
    try:
        return str(pdf[number].get_textpage().get_text_range())
    except pypdfium2.PdfiumError:
        return ""  # a page that cannot be loaded leaves the others as they are


def _shows_pictures(pdf: pypdfium2.PdfDocument) -> bool:
    for number in range(min(len(pdf), 10)):
        try:
            if next(pdf[number].get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3), None) is not None:
                return True
        except pypdfium2.PdfiumError:
            continue
    return False


def paragraphs(pages: Sequence[str]) -> list[str]:
    """Return the paragraphs of printed pages: a line that fills its width goes on, unless the next begins anew."""
    lines = [line for page in pages for line in _without_numbers(page)]
    width = _usual_width(lines)
    found: list[str] = []
    before = ""
    for line in lines:
        if found and _goes_on(before, line, width):
            space = " " if before[-1:].isascii() and line[:1].isascii() else ""
            found[-1] += space + line
        else:
            found.append(line)
        before = line
    return found


def _without_numbers(page: str) -> Iterator[str]:
    # PDFium marks a hyphen at a line's end by U+0002, and says U+FFFE where it knows no character.
    lines = [" ".join(line.split()) for line in re.sub("[\x02\ufffe]", "", page).splitlines()]
    lines = [line for line in lines if line]
    for place, line in enumerate(lines):
        if place not in (0, len(lines) - 1) or len(line) > 20 or not _PAGE_NUMBER.fullmatch(line):
            yield line


def _usual_width(lines: Sequence[str]) -> int:
    """Return the width that at least a tenth of the lines reach, in half-width characters; 0 of too few lines."""
    widths = sorted(map(_width, lines), reverse=True)
    return widths[len(widths) // 10] if len(widths) >= _FEWEST_LINES else 0


def _width(line: str) -> int:
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in line)


def _goes_on(before: str, line: str, width: int) -> bool:
    if width < _NARROWEST or _width(before) < _FULL * width - 2 or _MARK.match(line):
        return False
    return not (before.endswith(_ENDS) and _MAY_BEGIN.match(line))
