"""Text to a tree: is it markup at all, and what becomes of a page that is too deep or too large for libxml2.

Measured with libxml2 2.14: the parser gives up at a depth of 2,048, losing the rest of the page. So a page that is too
deep is parsed again without its inline tags, then without any structure.
"""

import re
from typing import Any

from lxml import etree

from shared.markup import tamed, without_raw
from worker.clean.mend import mended_where_hidden

Element = Any  # lxml ships no types

_MARKUP = re.compile(
    r"<!--|<(?:!doctype|/?(?:html|head|body|title|meta|div|p|br|table|tr|td|ul|ol|li|span|font|a|h[1-6]|strong|b|img|section"
    r"|article|center|pre|script|style|form|ucapcontent))(?=[\s/>])",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(r"<(?:!doctype\s+html|html|body|table|div|p)(?=[\s/>])", re.IGNORECASE)

# The largest real page seen has 9,000 tags; a tree costs some 15 microseconds an element to walk.
_MOST_TAGS = 200_000
_DEEPEST = 2_048
_INLINE_TAG = re.compile(
    r"</?(?:font|span|b|strong|i|em|u|big|small|center|a|o:p|st1:\w{1,40}|label|sub|sup|s)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|table|section|article|td)\b[^<>]{0,400}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<!--.{0,4000}?-->|</?[A-Za-z!][^<>]{0,2000}>", re.DOTALL)


def is_markup(text: str, content_type: str | None = None) -> bool:
    """Tell whether the text holds HTML; a page sent as text/plain is still a page."""
    if (content_type or "").strip().lower().startswith("text/plain"):
        return _WHOLE_PAGE.search(text) is not None
    return _MARKUP.search(text) is not None


def parse(text: str) -> Element | None:
    """Parse HTML into an lxml tree without scripts and styles; None where there is nothing, or too much, to parse."""
    if text.count("<") > _MOST_TAGS:
        return None
    text = tamed(text)
    tree, complete = _tree(text)
    if not complete:
        tree, complete = _tree(_INLINE_TAG.sub("", text))
    if tree is not None and (mended := mended_where_hidden(tree, text)):
        tree, complete = _tree(mended)
    return tree if complete else None


def flatten(text: str) -> str:
    """Strip all tags, keeping a line for each block: the last resort for a page that cannot be parsed."""
    return _ANY_TAG.sub("", _BLOCK_TAG.sub("\n", without_raw(text)))


def _tree(text: str) -> tuple[Element | None, bool]:
    # Nobody looks an element up by its id, so no table of them is made.
    parser = etree.HTMLParser(huge_tree=True, remove_pis=True, collect_ids=False)
    try:
        tree = etree.fromstring(text, parser)
    except etree.LxmlError:
        return None, False
    if tree is None:
        return None, False
    etree.strip_elements(tree, "script", "style", "template", with_tail=False)
    # Each entry of the log costs as much as ten elements, and no page is deeper than it has tags.
    deep = text.count("<") > _DEEPEST and any("Excessive depth" in entry.message for entry in parser.error_log)
    return tree, not deep
