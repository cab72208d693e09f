"""Characters: white space, full and half width (`shared.legible` has dropped the unseen ones)."""

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef“”‘’…—"
# A source line broken between two Han characters is no gap to a Chinese reader.
_WRAP = re.compile(f"(?<=[{_HAN}])[ \t]*\n\\s*(?=[{_HAN}])")

# One character to one character, so that a match in narrowed text has the same offsets in the original.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    **dict.fromkeys([0x3000, 0xA0, 0x202F, 0x205F, *range(0x2000, 0x200B)], 0x20),
    # Times are found written with the ratio sign and with presentation forms of the colon.
    **dict.fromkeys([0x2236, 0xFE30, 0xFE55, 0xA789], ord(":")),
}


def narrow(text: str) -> str:
    """Write full-width forms as half-width ones; the length never changes."""
    return text.translate(_NARROW)


def squeeze(text: str) -> str:
    """Return the text with each run of white space as one space, none at the ends."""
    if "\n" in text:
        text = _WRAP.sub("", text)
    return " ".join(text.split())


def key(text: str) -> str:
    """Return what is compared when two texts are asked to be the same: narrow, and without white space."""
    return "".join(narrow(text).split())
