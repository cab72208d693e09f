"""The title of a notice, weighed against what a reader sees above the body.

`ArticleTitle` may carry a site prefix, a cut end or raw markup; `<title>` may be the site alone, `column_site`,
`site column title` or `title column site`. A title that only repeats the site is no title.
"""

import re
from collections.abc import Iterator, Sequence

from shared.sitenames import is_house_name, is_site_name
from worker.clean.boilerplate import Cut, matches
from worker.clean.lines import HEADING, Line
from worker.clean.text import key, squeeze
from worker.read.dateline import is_dateline
from worker.read.meta import Labels, without_markup

_PARTS = re.compile(r"[_|｜]+| [-–—]{1,2} |--|——|-(?=[^-]{1,30}$)")
_CUT_SHORT = re.compile(r"(?:\.{3}|…+)$")
_SHORTEST = 4
_LONGEST = 200
_SHORTEST_LINE = 8
# A heading stands at most this many lines above the body or its dateline.
_NEAR = 12


def title_of(labels: Labels, before: Sequence[Line], in_body: str | None, hinted: str | None) -> str | None:
    """Choose the title: the page's own label, then what stands both in `<title>` and above the body, then a heading."""
    names = [name for name in (labels.get("sitename", "og:site_name"), labels.get("columnname")) if name]
    for candidate in _candidates(labels, before, in_body, hinted, names):
        cleaned = _without_names(without_markup(candidate), names)
        if cleaned and _is_title(cleaned, names):
            return _whole(cleaned, before)
    return None


def _candidates(
    labels: Labels, before: Sequence[Line], in_body: str | None, hinted: str | None, names: list[str]
) -> Iterator[str]:
    yield from (value for value in (labels.get("articletitle"), in_body) if value)
    page_title = labels.title or ""
    seen = [line.text for line in before if len(key(line.text)) >= _SHORTEST and key(line.text) in key(page_title)]
    if longest := max(
        (text for text in seen if _is_title(text, names) and not is_house_name(text)), key=len, default=None
    ):
        yield longest
    parts = [
        part for part in map(str.strip, _PARTS.split(page_title)) if _is_title(part, names) and not is_house_name(part)
    ]
    # "column_site" is no title: what is left of it must be longer than the name of a column.
    yield from (part for part in parts if len(key(part)) >= 10)
    yield from _headings(before)
    yield from (value for value in (hinted, labels.get("og:title", "twitter:title")) if value)
    yield from (part for part in parts if len(key(part)) >= _SHORTEST)


def _headings(before: Sequence[Line]) -> Iterator[str]:
    """Yield the headings above the body: those above the dateline, upwards, those below it, then the line above it."""
    end = next((i for i in range(len(before) - 1, -1, -1) if is_dateline(before[i].text)), len(before))
    near = before[max(0, end - _NEAR) : end]
    yield from (line.text for line in reversed(near) if line.state & HEADING and _is_text(line))
    yield from (line.text for line in before[end:] if line.state & HEADING and _is_text(line))
    if near and end < len(before) and _is_text(near[-1]) and len(key(near[-1].text)) >= _SHORTEST_LINE:
        yield near[-1].text


def _is_text(line: Line) -> bool:
    return not line.links and not line.cells and next(matches(line.text, *Cut), None) is None


def _is_title(text: str, names: Sequence[str]) -> bool:
    plain = key(text)
    if not plain or len(plain) > _LONGEST or is_site_name(text):
        return False
    for name in names:
        plain = plain.replace(key(name), "")
    return bool(plain.strip("-_|—–>·:"))


def _without_names(title: str, names: Sequence[str]) -> str:
    """Drop the site's and the column's name where a separator joins them to the title."""
    for _ in range(2):
        for name in names:
            title = re.sub(
                rf"^{re.escape(name)}(?:\s*[-_|｜—–:：]+\s*|\s+)|(?:\s*[-_|｜—–]+\s*|\s+){re.escape(name)}$", "", title
            )
    return squeeze(title)


def _whole(title: str, before: Sequence[Line]) -> str:
    """Return the visible title where the label was cut short (`关于…工作...`)."""
    start = _CUT_SHORT.sub("", title)
    if start == title or len(key(start)) < _SHORTEST:
        return title
    return next((line.text for line in before if key(line.text).startswith(key(start))), title)
