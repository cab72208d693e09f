"""From a page's text to a soup of bounded size, and the text and attributes of what is in it.

BeautifulSoup builds its own tree from libxml2's events, so neither depth nor the number of attributes on a tag hurts;
only size does: 10 to 25 microseconds a tag and 4 an attribute were measured, and 10 MB hold millions of either.
"""

from collections.abc import Iterator
from itertools import islice

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from shared.markup import without_early_end

# The largest real listing seen has 100,000 characters and 1,000 tags, the largest page of any kind 9,000.
MAX_CHARACTERS = 2_000_000
MAX_TAGS = 30_000  # opening and closing ones
LONGEST_TEXT = 600
MOST_NODES = 200
_UNREAD = frozenset(["noscript", "select", "template", "textarea"])


def soup_of(text: str) -> tuple[BeautifulSoup, bool]:
    """Return the parsed page, and whether its end was cut off because it is too large."""
    pieces = text[:MAX_CHARACTERS].split("<", MAX_TAGS + 1)
    kept = "<".join(pieces[: MAX_TAGS + 1])
    # The line feed keeps BeautifulSoup from warning that the text might be a file name, a URL or XML. A class stays as
    # it is written: only whole ones are compared.
    soup = BeautifulSoup("\n" + without_early_end(kept), "lxml", multi_valued_attributes=None)
    return soup, len(kept) < len(text)


def attribute(element: Tag, name: str) -> str:
    """Return an attribute's value, empty where there is none."""
    return str(element.get(name) or "")


def text_of(element: Tag, without: str | None = None) -> str:
    """Return the text in `element`, white space collapsed: at most `LONGEST_TEXT` characters of `MOST_NODES` nodes.

    Scripts, comments and what is not shown are no text; neither is what stands in elements of the tag `without`.
    """
    pieces: list[str] = []
    length = 0
    for node in islice(_nodes(element, without), MOST_NODES):
        if length >= LONGEST_TEXT:
            break
        if type(node) is NavigableString:  # its subclasses are the scripts and comments
            pieces.append(" ".join(node.strip()[: 2 * LONGEST_TEXT].split()))
            length += len(pieces[-1])
    return " ".join(filter(None, pieces))[:LONGEST_TEXT]


def is_large(element: Tag) -> bool:
    """Say whether there is more in `element` than `text_of` looks at."""
    return next(islice(_nodes(element), MOST_NODES, None), None) is not None


def _nodes(element: Tag, without: str | None = None) -> Iterator[PageElement]:
    # Not `descendants`, nor get_text(): they go to the end of an element first, and elements may stand in each other.
    levels = [iter(element.contents)]
    while levels:
        node = next(levels[-1], None)
        if node is None:
            levels.pop()
            continue
        yield node
        if isinstance(node, Tag) and node.name != without and node.name not in _UNREAD:
            levels.append(iter(node.contents))
