"""Full and half width: one way to write a text, so that two spellings of it compare, and are found, as one."""

from shared.legible import legible

# One character to one character, so that a match in narrowed text has the same offsets in the original.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    **dict.fromkeys([0x3000, 0xA0, 0x202F, 0x205F, *range(0x2000, 0x200B)], 0x20),
    # Times are found written with the ratio sign and with presentation forms of the colon.
    **dict.fromkeys([0x2236, 0xFE30, 0xFE55, 0xA789], ord(":")),
}


def narrow(text: str) -> str:
    """Write full-width forms as half-width ones; the length never changes."""
    return text.translate(_NARROW)


def folded(text: str) -> str:
    """Return the text as it is searched: legible, narrow and in one case, whatever database looks."""
    return narrow(legible(text)).casefold()
