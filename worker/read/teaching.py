"""What one page teaches of its column: the marks by which the next may be cut (`template`)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, product
from typing import Any

from lxml import etree

from worker.clean.containers import Place
from worker.clean.markup import Element
from worker.read.template import Mark, Template, places_of

Piece = Any  # a text node: a string that knows the element it stands in

# Within so many pieces of text above a body stands whatever tells something of it, as a rule; and after so many below
# it there may have been enough lines for nothing more to be looked for.
_PIECES_BEFORE = (40, 10**9)
_PIECES_AFTER = (25, 32, 40, 60, 80, 120, 10**9)
# A wide and a narrow copy of a body bear one name.
_MOST_ALIKE = 3
_LEAST = 4
_SHORTEST = 6
_LONGEST = 500_000
_MOST_LOOKS = 400
_BARE = re.compile(r"[\w ./:-]{1,100}", re.ASCII)
# Their end tags are often left out.
_UNSURE = frozenset(["p", "li", "tr", "dd", "dt", "body", "html"])
# What pages of one frame do not share.
_OUTSIDE = frozenset(["html", "head", "body", "meta", "link", "title", "base"])
_PASSING = frozenset(["href", "src", "title", "alt", "content", "value", "onclick"])
_BEFORE_IT = etree.XPath("count(preceding::*|ancestor::*)")
_BACKWARDS = "preceding::*|ancestor::*"
# Dates, the labels of datelines and of the tables above a notice, breadcrumbs: more than is looked for in the lines
# before a body, and with any white space in it, for lines are not parted here.
_TELLING = re.compile(
    r"[0-9０-９]{4}\s*[年./－．／-]\s*[0-9０-９]{1,2}\s*[月./－．／-]\s*[0-9０-９]|时\s*间|日\s*期|发\s*布\s*于|来\s*源|稿\s*源|[供来]\s*稿|信\s*息\s*提\s*供|[布开文]\s*(?:机\s*[构关]|单\s*位)"
    r"|作\s*者|撰\s*稿|文\s*号|文\s*字\s*号|位\s*置|首\s*页\s*[>＞»›→/／\\＼]"
)


def templates_of(text: str, place: Place, title: str) -> Iterator[Template]:
    """Learn from a page: its source, the place of its body, its title. Yield templates, the smallest cut first.

    None where the body bears no mark, or where the page is so large that to look for marks would take long.
    """
    if len(text) > _LONGEST:
        return
    starts = sorted((*place.parts, *place.copies), key=_position)
    first, last = _mark_of(starts[0], text), _mark_of(starts[-1], text)
    end = None if place.end is None else _mark_of(place.end, text)
    if first is None or last is None or last.tag in _UNSURE or (end is None and place.end is not None):
        return
    after = _selected(starts[-1] if place.end is None else place.end, "following::text()[normalize-space()]")
    tried: set[Template] = set()
    for within, pieces in product(_PIECES_BEFORE, _PIECES_AFTER):
        above, below = _above(starts[0], text, title, within), _below(after[pieces:], text)
        template = Template(first, last, end, above, below)
        if template not in tried:
            tried.add(template)
            yield template


def _position(element: Element) -> int:
    return int(_BEFORE_IT(element)) if isinstance(element.tag, str) else 0


def _below(after: Sequence[Piece], text: str) -> Mark | None:
    return _first_mark(_selected(_holder(after[0]), "following::*"), text) if after else None


def _above(start: Element, text: str, title: str, within: int) -> Mark | None:
    """Find the nearest marked element before everything near the body that tells something above it."""
    pieces = _selected(start, "preceding::text()[normalize-space() and not(parent::title)]")[-within:]
    told = [number for number in _telling(pieces, title) if len(pieces[number].strip()) >= _SHORTEST]
    if not told:
        return _first_mark(reversed(_selected(start, _BACKWARDS)), text)
    node = _holder(pieces[min(told)])
    return _first_mark([node, *reversed(_selected(node, _BACKWARDS))], text)


def _telling(pieces: Sequence[Piece], title: str) -> Iterator[int]:
    """Yield the numbers of the pieces that tell something, or are part of the page's title."""
    yield from (number for number, piece in enumerate(pieces) if len(text := piece.strip()) >= _LEAST and text in title)
    ends = list(accumulate(map(len, pieces)))
    for found in _TELLING.finditer("".join(pieces)):
        yield from range(bisect_right(ends, found.start()), bisect_right(ends, found.end() - 1) + 1)


def _first_mark(elements: Iterable[Element], text: str) -> Mark | None:
    for looks, element in enumerate(elements):
        if looks > _MOST_LOOKS:
            return None
        if element.tag not in _OUTSIDE and (mark := _mark_of(element, text)) and mark.of == 1:
            return mark
    return None


def _mark_of(element: Element, text: str) -> Mark | None:
    for tag, written in _written(element):
        places = list(places_of(written, text, _MOST_ALIKE + 1))
        if not 0 < len(places) <= _MOST_ALIKE:
            continue
        same = [node for node in element.getroottree().iter(element.tag) if (tag, written) in _written(node)]
        if len(same) == len(places):
            mark = Mark(tag, written, same.index(element), len(places))
            return mark if mark.find(text) >= 0 else None
    return None


def _written(element: Element) -> Iterator[tuple[str, str]]:
    if not isinstance(element.tag, str):
        yield "!--", f"<!--{element.text}-->"
        return
    for name, value in element.items():
        if name not in _PASSING and _BARE.fullmatch(value):
            yield from ((element.tag, f"{name}={quote}{value}{quote}") for quote in "\"'")


def _holder(piece: Piece) -> Element:
    """Return the element that a piece of text stands in."""
    node = piece.getparent()
    return node.getparent() if piece.is_tail else node


def _selected(node: Element, path: str) -> Sequence[Any]:
    """Return what an XPath leads to from an element, or from a comment, which XPath does not start from in lxml."""
    if not isinstance(node.tag, str):
        number = 1 + sum(1 for _ in node.itersiblings(etree.Comment, preceding=True))
        node, path = node.getparent(), f"comment()[{number}]/{path}"
    found: Sequence[Any] = [] if node is None else _path(path)(node)
    return found


@lru_cache(maxsize=64)
def _path(path: str) -> etree.XPath:
    # Only a string that knows its element is dear.
    return etree.XPath(path, smart_strings="text()[" in path)
