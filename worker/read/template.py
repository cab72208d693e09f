"""A template: where in the source of a column's pages their bodies stand, and what is looked at above and below them.

Notices of one column are printed into one frame. So what was worked out for one page (which element holds the body,
from where on the lines above it tell something, and from where on nothing is looked for any more) is written down as
marks in the source, `id="zoom"`, and the next page is cut at the marks before anything of it is parsed. A template
knows structure only, no line of any page. Cutting doubts itself: it returns nothing where a mark is not found exactly
as often as it was, or an element is not closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from worker.clean.markup import Element

# Only the names are written in any case: to ignore it throughout would cost five times as much.
_UNREAD = r"<!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z)|<(?i:script|style)\b[^<]*+(?:<(?!/(?i:script|style))[^<]*+)*+"
_DROPPED = re.compile(_UNREAD)
_ATTRIBUTES = r"(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>"
# What a head says of its page; scripts, styles and comments are passed over, for they may quote such tags.
_SAID = re.compile(
    rf"{_UNREAD}|(<(?:(?i:html|meta|base)\b{_ATTRIBUTES}|(?i:link)\b(?=[^<>]*(?i:canonical)){_ATTRIBUTES}"
    r"|(?i:title)\b[^<]*+(?:<(?!/(?i:title))[^<]*+)*+(?:</(?i:title)>)?))"
)


@dataclass(frozen=True)
class Mark:
    """An element (or a comment) in a source: its tag, an attribute as written there, and which of so many it is."""

    tag: str
    written: str
    nth: int = 0
    of: int = 1

    def find(self, text: str) -> int:
        """Return where the element begins; -1 where it is not there, or another number of them."""
        places = list(places_of(self.written, text, self.of + 1))
        if len(places) != self.of:
            return -1
        begin = text.rfind("<", 0, places[self.nth] + 1)
        return begin if text[begin + 1 : begin + 1 + len(self.tag)].lower() == self.tag else -1

    def element_in(self, tree: Element) -> Element | None:
        """Return the element in a tree."""
        name, _, value = self.written.partition("=")
        return next((node for node in tree.iter(self.tag) if node.get(name) == value.strip("\"'")), None)


class Cut(NamedTuple):
    """The source of a smaller page, and what was left away below it."""

    text: str
    rest: str


@dataclass(frozen=True)
class Template:
    """The marks of a page: the places that may hold its body, from where above and until where below they matter."""

    first: Mark
    last: Mark
    end: Mark | None  # the comment that ends the body, where one does
    above: Mark | None
    below: Mark | None

    def cut(self, text: str) -> Cut | None:
        """Cut the head and the neighbourhood of the body out of a page's source; None where in doubt."""
        head, begin = text.find("</head>"), self.first.find(text)
        last = begin if self.last == self.first else self.last.find(text)
        above = self.above.find(text) if self.above else head
        end = self.end.find(text) if self.end else _end_of_element(text, last, self.last.tag)
        below = self.below.find(text) if self.below else len(text)
        if not 0 <= head <= above <= begin <= last < end <= below:
            return None
        said, near = "".join(_SAID.findall(text, 0, head)), text[above:below]
        # Comments may be marks. Of others some bodies have more than of text.
        return Cut(f"{said}</head><body>{near if self.end else _DROPPED.sub('', near)}", text[below:])


def places_of(written: str, text: str, most: int) -> Iterator[int]:
    """Yield where something is written, at most so many times."""
    at = text.find(written)
    while at >= 0 and most > 0:
        yield at
        at, most = text.find(written, at + 1), most - 1


@lru_cache(maxsize=64)
def _tokens(tag: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:(?P<end>/?)(?i:{re.escape(tag)})(?=[\s/>])|(?P<raw>!--|(?i:script|style|textarea)))")


def _end_of_element(text: str, begin: int, tag: str) -> int:
    """Return where the element that begins there ends, by counting tags of its name; -1 where it is left open."""
    depth, at, tokens = 0, max(0, begin), _tokens(tag)
    while found := tokens.search(text, at):
        at = found.end()
        if raw := found["raw"]:
            at = text.find("-->" if raw == "!--" else f"</{raw}", at)
            if at < 0:
                return -1
            continue
        depth += -1 if found["end"] else 1
        if depth == 0:
            return at
    return -1
