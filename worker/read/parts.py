"""The further pages of an article that goes on over several, and how their bodies are joined to the first.

Pages are told by a script (`createPageHTML(3, 0, "t20190508_1", "html")`: `t20190508_1_1.html`, `…_2.html`; the other
family counts from 1 and names a place first), or by numbered links under the text that differ from the page's own
address in their last number alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from worker.clean.decode import decode
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import key, narrow
from worker.read.absolute import absolute
from worker.read.around import removed_from
from worker.read.attachments import attachments_of
from worker.read.body import body_of
from worker.read.document import Attachment
from worker.read.page import page_of

MOST = 50
_FROM_0 = re.compile(
    r"createPageHTML\s*\(\s*(\d{1,4})\s*,\s*\d{1,4}\s*,\s*[\"']([^\"'/]{1,120})[\"']\s*,\s*[\"'](\w{2,6})[\"']"
)
_FROM_1 = re.compile(
    r"createPageHTML\s*\(\s*[\"']\w{1,40}[\"']\s*,\s*(\d{1,4})\s*,\s*\d{1,4}\s*,\s*[\"']([^\"'/]{1,120})[\"']\s*,\s*[\"'](\w{2,6})[\"']"
)
_PAGE_NUMBER = re.compile(r"^[\[(<【]?\s?第?\s?(\d{1,2})\s?页?\s?[\])>】]?$")
_NUMBERED = re.compile(r"^(?P<stem>.{4,}?)[_-](?P<number>\d{1,2})(?P<rest>\.\w{2,6})$")
_QUERY = re.compile(
    r"(?<=[?&])(?:page|p|pageno|curpage|pageindex|currentpage)=(?P<number>\d{1,2})(?=&|$)", re.IGNORECASE
)
_NEAR = 12


def parts_of(source: str, lines: Sequence[Line], after: Sequence[Line], address: str | None) -> tuple[str, ...]:
    """Return the addresses of pages 2 to n, absolute where the page's own is known; at most fifty.

    `source` is the markup, `lines` the body as found, `after` what follows it, `address` the page's own.
    """
    told = _told_by_script(source) or _told_by_links([*lines, *after[:_NEAR]], address)
    joined = (absolute(address, each) for each in told)
    return tuple(dict.fromkeys(each for each in joined if each and each != address))[:MOST]


def _told_by_script(source: str) -> list[str]:
    if "createPageHTML" not in source:
        return []
    for pattern, first in ((_FROM_0, 1), (_FROM_1, 2)):
        if found := pattern.search(source):
            pages = min(int(found[1]), MOST + 1)
            return [f"{found[2]}_{number}.{found[3]}" for number in range(first, first + pages - 1)]
    return []


def _told_by_links(lines: Iterable[Line], address: str | None) -> list[str]:
    """Return the targets of numbered links that lead to other pages of this article."""
    numbered: dict[int, str] = {}
    for number, href in _numbered_links(lines):
        target = absolute(address, href)
        if target and _goes_on(target, address):
            numbered.setdefault(number, href)
    return [numbered[number] for number in sorted(numbered) if number > 1]


def _numbered_links(lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        for link in line.links:
            if found := _PAGE_NUMBER.match(narrow(link.text)):
                yield int(found[1]), link.href


def _goes_on(target: str, address: str | None) -> bool:
    """Tell whether an address is another page of the article: the same but for the number at its end."""
    if target.startswith(("#", "javascript:")):
        return False
    if address is None:
        return bool(_NUMBERED.match(target.rsplit("/", 1)[-1]) or _QUERY.search(target))
    here, there = urlsplit(address), urlsplit(target)
    if (here.netloc, here.path) == (there.netloc, there.path):
        return _QUERY.search(f"?{there.query}") is not None
    stem = here.path.rpartition(".")[0]
    found = _NUMBERED.match(there.path)
    own = _NUMBERED.match(here.path)
    stems = {stem, own["stem"] if own else stem}
    return here.netloc == there.netloc and bool(stem) and found is not None and found["stem"] in stems


@dataclass(frozen=True)
class Part:
    """A further page: what its body adds, everything else that stood on it, and its attachments."""

    lines: list[Line]
    removed: list[Removed]
    attachments: tuple[Attachment, ...]


def read_part(snapshot: bytes, first: Sequence[Line], title: str | None, base: str | None) -> Part:
    """Read a further page of the article that begins with the lines `first`; raises `Unreadable` as `read` does.

    A server that knows no such page answers with the first: then nothing is added.
    """
    page = page_of(decode(snapshot, None), None)
    body = body_of(page, title, ())
    lines, repeated = _without_repeats(body.lines, title, first)
    removed = [*body.removed, *(Removed("repeated", line.text) for line in repeated)]
    return Part(lines, list(removed_from(page.lines, title, removed)), attachments_of(page.body, page.after, base))


def _without_repeats(lines: Sequence[Line], title: str | None, first: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    known = {key(line.text) for line in first}
    if lines and sum(key(line.text) in known for line in lines) > 0.8 * len(lines):
        return [], list(lines)
    repeated = int(bool(lines and title) and key(lines[0].text) == key(title or ""))
    return list(lines[repeated:]), list(lines[:repeated])
