"""The story of reading: bytes in, a document out, one field after the other."""

from collections.abc import Iterator, Sequence

from worker.clean.boilerplate import rule_of
from worker.clean.decode import decode
from worker.clean.lines import COPY, HIDDEN, Line
from worker.clean.removed import Removed
from worker.clean.text import key, squeeze
from worker.clean.trim import trim_edges, trim_inside, trim_top
from worker.clean.unreadable import Unreadable
from worker.read.attachments import attachments_of, part_files
from worker.read.breadcrumb import column_in
from worker.read.dateline import author_in, is_dateline, source_in, wants_value
from worker.read.document import Document, Hints
from worker.read.head import split_head
from worker.read.language import language_of
from worker.read.page import Page, page_of
from worker.read.published import published
from worker.read.sitenames import is_site_name
from worker.read.title import title_of

_NO_HINTS = Hints()
_AFTER_LINES = 20


def read(
    snapshot: bytes, *, url: str | None = None, content_type: str | None = None, hints: Hints = _NO_HINTS
) -> Document:
    """Read a snapshot: the bytes of a page or of a plain text.

    `url` is where it was fetched, `content_type` the header it came with, `hints` what the listing said. Pure and
    deterministic. Raises `Unreadable` where the bytes are no text, or hold none.
    """
    decoded = decode(snapshot, content_type)
    page = page_of(decoded, content_type)
    top, text, end = trim_edges(page.body)
    known = title_of(page.labels, page.before, None, None)
    head = split_head(text, plain=page.container in (None, "flat"), title=known)
    # The same furniture may stand between the dateline and the text.
    below, rest = trim_top(head.rest)
    trimmed = trim_inside(rest)
    title = title_of(page.labels, page.before, head.title, hints.title)
    text, files = part_files(trimmed.lines)
    body = "\n".join(squeeze(line.text) for line in text)
    if not body and not title:
        raise Unreadable("no text remains once the furniture of the site is taken away")

    before = _joined([*page.before, *head.datelines])
    address = url or page.labels.url
    published_at, evidence = published(before, page.after, page.labels, (url, page.labels.url), hints.date)
    site_name = page.labels.get("sitename", "og:site_name") or head.site_name or _site_in_title(page)
    author = page.labels.get("author") or _first(author_in(line.text) for line in before)
    return Document(
        title=title,
        site_name=site_name,
        column=page.labels.get("columnname") or column_in(page.before, title),
        source=_source(page, before),
        author=None if author == site_name else author,
        url=address,
        language=language_of(f"{title or ''}{body}", page.labels.language),
        published_at=published_at,
        published_at_from=evidence,
        body=body,
        removed=tuple(_removed(page, title, [*top, *head.removed, *below, *trimmed.removed, *files, *end])),
        attachments=attachments_of(page.body, page.after, page.labels.base or address),
        encoding=decoded.encoding,
        replacement_share=decoded.replacement_share,
        container=page.container,
    )


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Put a label and its value together where the page prints them on two lines."""
    joined: list[Line] = []
    for line in lines:
        if joined and wants_value(joined[-1].text):
            joined[-1] = joined[-1]._replace(text=f"{joined[-1].text} {line.text}")
        else:
            joined.append(line)
    return joined


def _source(page: Page, before: Sequence[Line]) -> str | None:
    # The label may be cut or generic ("浙江" for 浙江监管局); what a reader sees is what the publisher meant.
    seen = _first(source_in(line.text) for line in (*reversed(before), *_joined(page.after[:_AFTER_LINES])))
    return seen or page.labels.get("contentsource")


def _site_in_title(page: Page) -> str | None:
    parts = (page.labels.title or "").replace("_", " ").replace("|", " ").replace("-", " ").split()
    return next((part for part in reversed(parts) if len(part) > 3 and is_site_name(part)), None)


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _removed(page: Page, title: str | None, cut: Sequence[Removed]) -> Iterator[Removed]:
    """Name everything on the page that is not the body: what stood around it, and what was cut out of it."""
    around: list[str] = []
    for line in page.lines:
        if line.in_body:
            yield from _chrome(around)
            yield from cut
            cut, around = (), []
            continue
        rule = _rule_around(line, title)
        if rule is None:
            around.append(line.text)
            continue
        yield from _chrome(around)
        around = []
        yield Removed(rule, line.text)
    yield from _chrome(around)


def _chrome(around: Sequence[str]) -> Iterator[Removed]:
    if around:
        yield Removed("around_body", "\n".join(around))


def _rule_around(line: Line, title: str | None) -> str | None:
    if line.state & HIDDEN:
        return "hidden"
    if line.state & COPY:
        return "copy_of_body"
    if title and key(line.text) == key(title):
        return "title"
    if is_dateline(line.text) or (line.before_body and source_in(line.text)):
        return "dateline"
    return rule_of(line.text)
