"""Characters: white space, full and half width (`shared.legible` has dropped the unseen ones).

Every field is looked for in the same lines, and every page of a site has the same lines around its body, so narrowing
a short text is remembered.
"""

import re
from functools import lru_cache

from shared import width

__all__ = ["SHORT", "key", "narrow", "squeeze"]

SHORT = 200
"""Lines up to this many characters are remembered by the thousand; the few others are each their page's own."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef“”‘’…—"
# A source line broken between two Han characters is no gap to a Chinese reader.
_WRAP = re.compile(f"(?<=[{_HAN}])[ \t]*\n\\s*(?=[{_HAN}])")
_short = lru_cache(maxsize=8192)(width.narrow)
_long = lru_cache(maxsize=8)(width.narrow)


def narrow(text: str) -> str:
    """Write full-width forms as half-width ones; the length never changes."""
    return _short(text) if len(text) <= SHORT else _long(text)


def squeeze(text: str) -> str:
    """Return the text with each run of white space as one space, none at the ends."""
    text = text.strip()
    if "\n" in text:
        text = _WRAP.sub("", text)
    return " ".join(text.split())


def key(text: str) -> str:
    """Return what is compared when two texts are asked to be the same: narrow, and without white space."""
    return "".join(narrow(text).split())
