"""What a document gains by the files that it links to: what is known of each, and a body where the page has none.

Some publishers put nothing on the page but "see the attachment". Then the notice is what the file says: its text is
read as any text is, under the title of the page.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from urllib.parse import unquote, urlsplit

from worker.clean.text import key
from worker.clean.unreadable import Unreadable
from worker.read.document import Attachment, Document, File, Hints, PageStatus
from worker.read.ledger.values import NoticeLedger
from worker.read.reader import read

MOST_CHARACTERS = 400_000
"""Of a file that are read as a notice; the longest notices have a tenth of it."""
FILE_RULE = "file"
"""The rule by which a page is a notice: it is no page, but a file."""
_FILE_ENDING = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|rtf|pptx?)$", re.IGNORECASE)
_MOST_LINES = 12
_LONGEST_LINE = 120
_LEAST_TEXT = 30
"""Characters that a file must have to be a notice's body."""
# Compared without white space and in half width.
_POINTS = re.compile(
    r"(?:具体|详细|全文|相关|有关|通报|公告|内容|情况|请|点击|下载|现将|如下|[,:])*"
    r"(?:详见|请见|见附|见下|查看|参见|下载|点击|附件|附表|附:|附$)"
    r".{0,80}"
)


def file_as_notice(url: str, hints: Hints) -> Document:
    """Return the document of a file that stands where a notice's page would: all that is known before it is opened.

    What the listing said of the link is its title and its day; it is its own and only attachment.
    """
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    title = _FILE_ENDING.sub("", hints.title or name).strip() or None
    return Document(
        page=PageStatus("notice", FILE_RULE),
        title=title,
        site_name=None,
        column=None,
        source=None,
        author=None,
        url=url,
        language=None,
        published_at=hints.date,
        published_at_from="listing" if hints.date else None,
        body="",
        removed=(),
        attachments=(Attachment(url, hints.title or name or url),),
        parts=(),
        ledger=NoticeLedger(),
        encoding="binary",
        replacement_share=0.0,
        container=None,
    )


def with_files(document: Document, files: Mapping[str, File], texts: Mapping[str, str]) -> Document:
    """Return `document` with what is known of its files, and read from one of them where the page itself says nothing.

    `files` are told by their addresses as in the document, `texts` by the files' digests. Pure.
    """
    attachments = tuple(replace(one, file=files.get(one.url)) for one in document.attachments)
    told = replace(document, attachments=attachments)
    number = _speaker(told, texts) if says_nothing(told) else None
    return told if number is None else _read_from(told, number, texts[_digest(attachments[number - 1])])


def says_nothing(document: Document) -> bool:
    """Tell whether all that the body says is that there are files, if that."""
    if document.page.status != "notice" or not document.attachments:
        return False
    names = {key(one.title) for one in document.attachments} | {key(document.title or "")}
    lines = document.body.splitlines()
    return len(lines) <= _MOST_LINES and all(_points(key(line), names) for line in lines)


def _points(line: str, names: set[str]) -> bool:
    bare = re.sub(r"^(?:附件\d{0,2}|\d{1,2})[.:、]?", "", line)
    known = line in names or bare in names or any(bare and bare in name for name in names)
    return len(line) <= _LONGEST_LINE and (known or _POINTS.fullmatch(line) is not None)


def _speaker(document: Document, texts: Mapping[str, str]) -> int | None:
    """Return the number of the file that speaks for the notice: the one that bears its title, else the first."""
    title = key(document.title or "")
    readable = [
        (number, key(one.title))
        for number, one in enumerate(document.attachments, 1)
        if len(key(texts.get(_digest(one), ""))) >= _LEAST_TEXT
    ]
    named = (number for number, name in readable if title and (title in name or name.rpartition(".")[0] == title))
    return next(named, next((number for number, _ in readable), None))


def _digest(attachment: Attachment) -> str:
    return (attachment.file.digest if attachment.file else None) or ""


def _read_from(document: Document, number: int, text: str) -> Document:
    day = (document.published_at or "")[:10] or None
    try:
        said = read_text(text, Hints(document.title, day))
    except Unreadable:
        return document
    return replace(
        document,
        title=document.title or said.title,
        language=document.language or said.language,
        body=said.body,
        removed=(*document.removed, *said.removed),
        ledger=said.ledger,
        body_from_attachment=number,
    )


def read_text(text: str, hints: Hints, url: str | None = None) -> Document:
    """Read a file's text as a notice; lines with tabs are the rows of tables. Raises `Unreadable` as `read` does."""
    text = text[:MOST_CHARACTERS]
    if "\t" not in text:
        return read(text.encode(), url=url, content_type="text/plain; charset=utf-8", hints=hints)
    title = html.escape(hints.title or "", quote=True)
    label = f'<meta name="ArticleTitle" content="{title}">' if title else ""
    markup = f'<html><head><meta charset="utf-8">{label}</head><body><div id="zoom">{_blocks(text)}</div></body></html>'
    return read(markup.encode(), url=url, content_type="text/html; charset=utf-8", hints=hints)


def _blocks(text: str) -> str:
    blocks = []
    for is_table, lines in groupby(text.splitlines(), key=lambda line: "\t" in line):
        if is_table:
            blocks.append("<table>" + "".join(map(_row, lines)) + "</table>")
        else:
            blocks += [f"<p>{html.escape(line)}</p>" for line in lines if line.strip()]
    return "\n".join(blocks)


def _row(line: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell.strip())}</td>" for cell in line.split("\t")) + "</tr>"
