"""Text to a tree: is it markup at all, and how hostile markup is tamed before libxml2 sees it.

Measured with libxml2 2.14: one tag with 100,000 attributes takes 106 s (each is compared with all before it), and the
parser gives up at a depth of 2,048, losing the rest of the page. So long tags are reduced to the few attributes that
reading needs, and a page that is too deep is parsed again without its inline tags, then without any structure.
"""

import re
from typing import Any

from lxml import etree

Element = Any  # lxml ships no types

_MARKUP = re.compile(
    r"<!--|<(?:!doctype|/?(?:html|head|body|title|meta|div|p|br|table|tr|td|ul|ol|li|span|font|a|h[1-6]|strong|b|img|section"
    r"|article|center|pre|script|style|form|ucapcontent))(?=[\s/>])",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(r"<(?:!doctype\s+html|html|body|table|div|p)(?=[\s/>])", re.IGNORECASE)

# Comments and raw text are matched only to be stepped over. Every alternative succeeds on unclosed input (`\Z`), and
# the repetitions are possessive, so the scan is linear.
_TOKEN = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style|textarea)\b(?:.*?</(?P=raw)|.*)"
    r"|<(?P<name>[A-Za-z][A-Za-z0-9:]{0,30}+)(?P<rest>(?:[^>\"']|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_LONG_TAG = 256
# The largest real page seen has 9,000 tags; a tree costs some 15 microseconds an element to walk.
_MOST_TAGS = 200_000
_KEPT_ATTRIBUTE = re.compile(
    r"(?<![\w-])(id|class|name|content|href|src|title|style|lang|colspan)\s*=\s*(\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'>]{1,500})",
    re.IGNORECASE,
)
# A page may carry its own closing tags in the middle (the head of a portal, included as a whole page): what follows
# would be lost.
_CLOSING_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}>")
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
    text = _CLOSING_PAGE.sub("", _DECLARATION.sub("", _tame(text)))
    tree, complete = _tree(text)
    if not complete:
        tree, complete = _tree(_INLINE_TAG.sub("", text))
    return tree if complete else None


def flatten(text: str) -> str:
    """Strip all tags, keeping a line for each block: the last resort for a page that cannot be parsed."""
    text = _TOKEN.sub(lambda token: "" if token["name"] is None else token[0], text)
    return _ANY_TAG.sub("", _BLOCK_TAG.sub("\n", text))


def _tame(text: str) -> str:
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        if token["name"] and len(token["rest"]) > _LONG_TAG:
            kept: dict[str, str] = {}
            for attribute in _KEPT_ATTRIBUTE.finditer(token["rest"]):
                kept.setdefault(attribute[1].lower(), attribute[2])
            parts += (
                text[at : token.start()],
                f"<{token['name']} ",
                " ".join(f"{n}={v}" for n, v in kept.items()),
                ">",
            )
            at = token.end()
    return "".join([*parts, text[at:]])


def _tree(text: str) -> tuple[Element | None, bool]:
    parser = etree.HTMLParser(huge_tree=True, remove_pis=True)
    try:
        tree = etree.fromstring(text, parser)
    except etree.LxmlError:
        return None, False
    if tree is None:
        return None, False
    etree.strip_elements(tree, "script", "style", "template", with_tail=False)
    return tree, all("Excessive depth" not in entry.message for entry in parser.error_log)
