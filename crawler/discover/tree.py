"""From a page's text to a tree, and the text and attributes of what is in it; all of it bounded.

libxml2 builds a tree in a tenth of the time that BeautifulSoup needs, but gives up on what stands too deep. There
BeautifulSoup, which keeps its own tree, takes the lists out and lays them side by side.
"""

import re

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from lxml import etree
from lxml.etree import _Element as Element

from shared.markup import tamed

# The largest real listing seen has 100,000 characters and 1,000 tags, the largest page of any kind 9,000.
MAX_CHARACTERS = 1_000_000
LONGEST_TEXT = 600
MOST_PIECES = 200
_DEEPEST = 24
_UNREAD = frozenset(["noscript", "select", "template", "textarea", "script", "style"])
# What libxml2 does not follow; a page is this deep by mistake, or to hurt.
_TOO_DEEP = 250
# BeautifulSoup's time grows with the square of the depth.
_MOST_MENDED = 60_000
_BLOCKS = ["ul", "ol", "dl", "table"]
_FIRST_BLOCK = re.compile(r"<(?:ul|ol|dl|table)\b", re.IGNORECASE)
_CONTAINER = re.compile(r"([a-z][a-z0-9]*)?(?:([.#])(.+))?")
_MOST_SELECTED = 50
_NO_TAGS = re.compile(r"<!--|-->|<!\[CDATA\[|\]\]>")


def page_tree(text: str) -> Element | None:
    """Return the parsed page; None if there is nothing in it."""
    tree = _parsed(text)
    if tree is not None and _is_deep(tree):
        flat = _parsed(_laid_flat(text))
        return tree if flat is None else flat
    return tree


def fragment_tree(pieces: list[str]) -> Element | None:
    """Return a tree of pieces of markup, each in a section of its own so that none swallows the next."""
    sections = "".join(f"<section>{_NO_TAGS.sub(' ', piece)}</section>" for piece in pieces)
    return _parsed(f"<body>{sections}</body>"[:MAX_CHARACTERS])


def select(tree: Element, container: str | None) -> list[Element]:
    """Return the outermost elements that `tag`, `tag.class`, `.class` or `#id` names; the whole tree for None."""
    if container is None:
        return [tree]
    written = _CONTAINER.fullmatch(container)
    if written is None:
        return []
    tag, mark, name = written.groups("")
    found: list[Element] = []
    for element in tree.iter(tag or "*"):
        has_name = attribute(element, "id") == name if mark == "#" else name in attribute(element, "class").split()
        if (has_name or not mark) and not any(parent in found for parent in element.iterancestors()):
            found.append(element)
        if len(found) == _MOST_SELECTED:
            break
    return found


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value, empty where there is none."""
    return str(element.get(name) or "")


def text_of(element: Element) -> str:
    """Return the text in `element`, white space collapsed: at most `LONGEST_TEXT` characters of `MOST_PIECES` pieces.

    Scripts, comments and what is not shown are no text.
    """
    pieces: list[str] = []
    _gather(element, pieces, False, _DEEPEST)
    return " ".join(" ".join(pieces).split())[:LONGEST_TEXT]


def text_beside_links(element: Element) -> str | None:
    """Return the text in `element` outside its links; None where there is too much of it for the row of a list."""
    pieces: list[str] = []
    _gather(element, pieces, True, _DEEPEST)
    text = " ".join(" ".join(pieces).split())
    return text if len(pieces) <= MOST_PIECES and len(text) < LONGEST_TEXT else None


def _parsed(text: str) -> Element | None:
    # Bytes in a known coding: lxml refuses text that carries an XML declaration. Plain elements, for lxml.html makes
    # each of them by a call of Python, which costs as much as all the rest.
    octets = tamed(text).encode("utf-8", "replace")
    try:
        return etree.fromstring(octets, etree.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return None


def _gather(element: Element, pieces: list[str], without_links: bool, deepest: int) -> None:
    text = element.text
    pieces.append(text.strip()[: 2 * LONGEST_TEXT] if text else "")  # what is empty counts too
    for child in element:
        tag = child.tag
        # A comment's tag is a function.
        if tag.__class__ is str and tag not in _UNREAD and deepest and not (without_links and tag == "a"):
            _gather(child, pieces, without_links, deepest - 1)
        if tail := child.tail:
            pieces.append(tail.strip()[: 2 * LONGEST_TEXT])
        if len(pieces) > MOST_PIECES:
            return


def _is_deep(tree: Element) -> bool:
    """Say whether the page reaches the depth at which libxml2 stops reading it."""
    last = tree.xpath("(//*)[last()]")
    return bool(last) and sum(1 for _ in last[0].iterancestors()) > _TOO_DEEP


def _laid_flat(text: str) -> str:
    first = _FIRST_BLOCK.search(text)
    if first is None:
        return ""
    kept = text[first.start() : first.start() + _MOST_MENDED]
    return f"<body>{BeautifulSoup(kept, 'lxml', parse_only=SoupStrainer(_BLOCKS))}</body>"
