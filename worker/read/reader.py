"""The story of reading: bytes in, a document out, one field after the other."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.decoding import Decoded
from shared.legible import legible
from shared.sitenames import is_site_name
from worker.clean.decode import decode, decode_as_declared
from worker.clean.learned import candidates
from worker.clean.lines import Line
from worker.clean.text import squeeze
from worker.clean.unreadable import Unreadable
from worker.read.absolute import absolute
from worker.read.around import removed_from
from worker.read.attachments import attachments_of, may_go_on
from worker.read.body import body_of
from worker.read.breadcrumb import column_in, issue_in
from worker.read.dateline import author_in, is_dateline, pairs_in, source_in, wants_value
from worker.read.document import Attachment, Document, Hints
from worker.read.language import language_of
from worker.read.ledger import ledger_of
from worker.read.ledger.numbers import document_numbers_in
from worker.read.ledger.values import NoticeLedger
from worker.read.page import Page, page_of, page_of_cut
from worker.read.parts import parts_of, read_part
from worker.read.published import published
from worker.read.status import Evidence, status_of
from worker.read.teaching import templates_of
from worker.read.template import Template
from worker.read.templates import Known, Templates, column_of, look_of
from worker.read.title import title_of

_NO_HINTS = Hints()
_AFTER_LINES = 20
_NUMBER_LABEL = re.compile(r"(?:文\s{0,4}号|发\s?文\s?字\s?号)\s?[:：]")


@dataclass(frozen=True)
class _Given:
    """What a reading starts from: the arguments of `read` that a document depends on."""

    snapshot: bytes
    url: str | None
    content_type: str | None
    hints: Hints
    parts: Sequence[bytes]
    learned: Collection[str]


def read(
    snapshot: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    hints: Hints = _NO_HINTS,
    parts: Sequence[bytes] = (),
    learned: Collection[str] = (),
    templates: Templates | None = None,
    column: str | None = None,
) -> Document:
    """Read a snapshot: the bytes of a page or of a plain text.

    `url` is where it was fetched, `content_type` the header it came with, `hints` what the listing said. `parts` are
    the snapshots of the further pages of its article, in order (`Document.parts` names them), `learned` the keys of
    lines that the source prints at the edges of every notice (`edges_of`). Pure and deterministic. Raises `Unreadable`
    where the bytes are no text, or hold none.

    With `templates`, pages of a `column` (any key; without one, the address up to its last folder) are read sooner once
    one of them was read; then `removed` leaves out what stood far from the body, and all else is the same.
    """
    url = absolute(None, url or "") or None
    given = _Given(snapshot, url, content_type, hints, parts, learned)
    key = column or column_of(url)
    if templates is None or key is None:
        return _read_whole(given)[0]
    known = templates.of(key)
    if known and (document := _read_known(given, known)):
        templates.trust(key, known)
        return document
    document, page = _read_whole(given)
    if document.page.status == "notice":
        template = _learned(given, page, document) if known is None or known.may_teach else None
        templates.learn(key, template, look_of(document))
    return document


def _read_whole(given: _Given) -> tuple[Document, Page]:
    decoded = decode(given.snapshot, given.content_type)
    page = page_of(decoded, given.content_type)
    return _document(given, decoded, page)[0], page


def _read_known(given: _Given, known: Known) -> Document | None:
    """Read what the column's template cuts out of the page; None wherever that is in doubt."""
    decoded = known.template and decode_as_declared(given.snapshot, given.content_type)
    cut = known.template and decoded and known.template.cut(decoded.text)
    if not (decoded and known.template and cut):
        return None
    page = page_of_cut(legible(cut.text), known.template.first, known.look.container or "", decoded.text)
    if page is None or (cut.rest and (len(page.after) < _AFTER_LINES or may_go_on(page.after, cut.rest))):
        return None
    try:
        document, evidence = _document(given, decoded, page)
    except Unreadable:
        return None
    return None if evidence.saw_whole_page or known.doubts_look(look_of(document)) else document


def _learned(given: _Given, page: Page, document: Document) -> Template | None:
    """Learn a template from the page: the first by which reading gives the same document."""
    if page.place is None:
        return None
    for template in templates_of(page.text, page.place, page.labels.title or ""):
        again = _read_known(given, Known(template, look_of(document)))
        if again and replace(again, removed=()) == replace(document, removed=()):
            return template
    return None


def _document(given: _Given, decoded: Decoded, page: Page) -> tuple[Document, Evidence]:
    """Read one field after the other from a page that was taken apart."""
    url, hints = given.url, given.hints
    body = body_of(page, title_of(page.labels, page.before, None, None), given.learned)
    title = title_of(page.labels, page.before, body.title, hints.title)
    before = _joined([*page.before, *body.datelines])
    address = url or page.labels.url
    base = absolute(address, page.labels.base) if page.labels.base else address
    evidence = Evidence(
        page, body.lines, url=url, dated=any(is_dateline(line.text) for line in before), size=len(given.snapshot)
    )
    status = status_of(evidence)
    is_notice = status.status == "notice"
    files = attachments_of(page.body, page.after, base)
    further = parts_of(decoded.text, page.body, page.after, base) if is_notice else ()
    read_parts = [read_part(each, body.lines, title, base) for each in given.parts]
    lines = [*body.lines, *(line for part in read_parts for line in part.lines)]
    if not lines and not title and is_notice:
        raise Unreadable("no text remains once the furniture of the site is taken away")

    published_at, published_from = published(before, page.after, page.labels, (url, page.labels.url), hints.date)
    site_name = page.labels.get("sitename", "og:site_name") or body.site_name or _site_in_title(page)
    author = page.labels.get("author") or _first(author_in(line.text) for line in before)
    text = "\n".join(squeeze(line.text) for line in lines)
    document = Document(
        page=status,
        title=title,
        site_name=site_name,
        column=page.labels.get("columnname") or column_in(page.before, title),
        source=_source(page, before),
        author=None if author == site_name else author,
        url=address,
        language=language_of(f"{title or ''}{text}", page.labels.language),
        published_at=published_at,
        published_at_from=published_from,
        body=text,
        removed=(*removed_from(page.lines, title, body.removed), *(cut for part in read_parts for cut in part.removed)),
        attachments=_distinct(files, *(part.attachments for part in read_parts)),
        parts=further,
        ledger=_ledger(title, lines, published_at, before) if is_notice else NoticeLedger(),
        encoding=decoded.encoding,
        replacement_share=decoded.replacement_share,
        container=page.container,
    )
    return document, evidence


def edges_of(document: Document) -> list[str]:
    """Return the lines at the edges of a body that may be furniture of its source: what to count, and hand back."""
    return candidates(document.body)


def _ledger(title: str | None, lines: Sequence[Line], published_at: str | None, before: Sequence[Line]) -> NoticeLedger:
    """Read the ledger from the body; a table above it may tell the number of the document, too."""
    ledger = ledger_of(title, lines, published_at)
    told = document_numbers_in(None, [line for line in before if _NUMBER_LABEL.search(line.text)])
    if not told:
        return ledger
    return replace(ledger, document_numbers=tuple(dict.fromkeys([*told, *ledger.document_numbers])))


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Put a label and its value together where the page prints them on two lines, or in two cells."""
    joined: list[Line] = []
    for line in lines:
        if joined and wants_value(joined[-1].text):
            joined[-1] = joined[-1]._replace(text=f"{joined[-1].text} {line.text}")
        elif line.cells and (pairs := pairs_in(line)):
            joined += [Line(pair, line.state) for pair in pairs]
        else:
            joined.append(line)
    return joined


def _source(page: Page, before: Sequence[Line]) -> str | None:
    # The label may be cut or generic ("浙江" for 浙江监管局); what a reader sees is what the publisher meant.
    seen = _first(source_in(line.text) for line in (*reversed(before), *_joined(page.after[:_AFTER_LINES])))
    return seen or page.labels.get("contentsource") or issue_in(page.before)


def _site_in_title(page: Page) -> str | None:
    parts = (page.labels.title or "").replace("_", " ").replace("|", " ").replace("-", " ").split()
    return next((part for part in reversed(parts) if len(part) > 3 and is_site_name(part)), None)


def _distinct(*files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    found: dict[str, Attachment] = {}
    for each in files:
        for file in each:
            found.setdefault(file.url, file)
    return tuple(found.values())


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)
