"""Legible text: what no reader sees is dropped, so that neither a database nor a terminal is surprised by it."""

import re

# Tab and line feed stay; C0, DEL, C1, soft hyphen, zero-width and bidi marks, surrogates and non-characters go.
_ILLEGIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
    "|[\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def legible(text: str) -> str:
    """Drop what no reader sees (NUL, control and zero-width characters) and write every line end as a line feed."""
    return _ILLEGIBLE.sub("", _LINE_ENDS.sub("\n", text))
