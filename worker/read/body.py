"""The body of a page, cleaned: furniture off the edges, the head parted from it, then what may stand anywhere."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from worker.clean.learned import cut_learned
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import narrow
from worker.clean.trim import trim_edges, trim_inside, trim_rest, trim_top
from worker.read.attachments import part_files
from worker.read.head import Head, split_head
from worker.read.page import Page

# A figure may end with its source too, but not a text of several paragraphs.
_SOURCE_LINE = re.compile(r"^(?:信息|文章|稿件|新闻|内容)?来\s{0,2}源\s?:\s?[^。,;:]{2,30}$")
_FEWEST_LINES = 3
_MOST_LOOKS = 20


@dataclass
class Body:
    """Lines that stay, what was cut out of the body's place, and what its head told: title, site name, datelines."""

    lines: list[Line]
    removed: list[Removed] = field(default_factory=list)
    title: str | None = None
    site_name: str | None = None
    datelines: list[Line] = field(default_factory=list)


def body_of(page: Page, title: str | None, learned: Collection[str]) -> Body:
    """Clean the body of a page; `title` is what the page calls it elsewhere, `learned` the keys its source repeats."""
    body = Body(page.body)
    end = _part_edges(body, title, plain=page.is_plain)
    trimmed = trim_inside(body.lines)
    body.lines = trimmed.lines
    body.removed += trimmed.removed
    # What was cut may have stood before more of its kind. As a rule nothing had, and a second look finds nothing.
    for _ in range(_MOST_LOOKS):
        count = len(body.lines)
        end = [*_part_end(body, learned), *end]
        end = [*_part_edges(body, title, plain=page.is_plain), *end]
        if len(body.lines) == count:
            break
    body.removed += end
    return body


def _part_edges(body: Body, title: str | None, *, plain: bool) -> list[Removed]:
    """Part furniture and the head from the top, and furniture from the end; return what was cut off the end."""
    top, text, end = trim_edges(body.lines)
    head = split_head(text, plain=plain, title=title) if body.title is None else Head(None, None, [], [], text)
    # The same furniture may stand between the dateline and the text.
    below, body.lines = trim_top(head.rest)
    body.removed += [*top, *head.removed, *below]
    body.title, body.site_name = body.title or head.title, body.site_name or head.site_name
    body.datelines += head.datelines
    return end


def _part_end(body: Body, learned: Collection[str]) -> list[Removed]:
    """Part from the end what is no furniture by itself: headed links, what was learned, bare files, the source."""
    rest = trim_rest(body.lines)
    known, unknown = cut_learned(rest.lines, learned)
    lines, files = part_files(known)
    body.lines, sources = _part_source(lines)
    body.datelines += sources
    named = [Removed("source_line", line.text) for line in sources]
    return [*named, *files, *unknown, *rest.removed]


def _part_source(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Part the text from a last line that only says where it was taken from."""
    last = lines[-1] if len(lines) >= _FEWEST_LINES else None
    if last is None or last.cells or lines[-2].cells or not _SOURCE_LINE.match(narrow(last.text)):
        return lines, []
    return lines[:-1], [last]
