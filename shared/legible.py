"""Legible text: what no reader sees is dropped, so that neither a database nor a terminal is surprised by it."""

import re

# Tab and line feed stay; C0, DEL, C1, soft hyphen, zero-width and bidi marks, surrogates and non-characters go.
# One class, not repeated: only so is a text without any passed by at full speed.
_ILLEGIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"
)
_LINE_ENDS = ("\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")


def legible(text: str) -> str:
    """Drop what no reader sees (NUL, control and zero-width characters) and write every line end as a line feed."""
    # Looking for one character is a hundred times faster than for a class of them, and most pages have none.
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    for end in _LINE_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    return _ILLEGIBLE.sub("", text)
