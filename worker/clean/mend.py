"""A mark that is opened and never closed (a comment, a title, a text area, a frame) hides the rest of its page.

A browser hides it too, and so does every parser that follows the standard; but where most of the text of a notice is
hidden so, the page was meant to be read. Only then is the mark taken away.

Python's `html.parser` is no way out: how it treats unclosed comments and titles has changed between patch releases
(3.11.14 for one), and the same bytes must give the same document for ever.
"""

import re
from typing import Any

_HAN = re.compile("[\u4e00-\u9fff]+")
_SWALLOWING = ("title", "textarea", "iframe")
_OPENING = {name: re.compile(f"<{name}\\b[^<>]{{0,400}}>?", re.IGNORECASE) for name in _SWALLOWING}
# What SGML allowed, and old browsers still do.
_SGML_END = re.compile(r"--\s{1,20}>")
_MANY = 80


def mended_where_hidden(tree: Any, text: str) -> str | None:
    """Return the markup without the mark that hides most of the Chinese text in it; None where none does."""
    if text.rfind("<!--") > text.rfind("-->"):
        start = text.find("<!--", max(0, text.rfind("-->")))
        if _hides_most(text, start):
            rest = _SGML_END.sub("-->", text[start:])
            kept, closed, unclosed = rest.rpartition("-->")
            return text[:start] + kept + closed + unclosed.replace("<!--", "")
    for element in tree.iter(*_SWALLOWING):
        inside = "".join(element.itertext())
        if "</" in inside and 2 * _han(inside) > _han(text):
            return _OPENING[element.tag].sub("", text)
    return None


def _hides_most(text: str, start: int) -> bool:
    hidden = _han(text[start:])
    return hidden >= _MANY and 2 * hidden > _han(text)


def _han(text: str) -> int:
    return sum(map(len, _HAN.findall(text)))
