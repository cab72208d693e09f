"""Full and half width: one way to write a text, so that two spellings of it compare, and are found, as one."""

import re

from shared.legible import legible

# One character to one character, so that a match in narrowed text has the same offsets in the original.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    **dict.fromkeys([0x3000, 0xA0, 0x202F, 0x205F, *range(0x2000, 0x200B)], 0x20),
    # Times are found written with the ratio sign and with presentation forms of the colon.
    **dict.fromkeys([0x2236, 0xFE30, 0xFE55, 0xA789], ord(":")),
}
_REPLACED = {chr(wide): chr(one) for wide, one in _NARROW.items()}
_WIDE = re.compile(f"[{''.join(map(re.escape, _REPLACED))}]")


def narrow(text: str) -> str:
    """Write full-width forms as half-width ones; the length never changes."""
    if text.isascii():
        return text
    # A text holds few different wide characters: replacing each takes half the time of translating every character.
    for wide in set(_WIDE.findall(text)):
        text = text.replace(wide, _REPLACED[wide])
    return text


def folded(text: str) -> str:
    """Return the text as it is searched: legible, narrow and in one case, whatever database looks."""
    return narrow(legible(text)).casefold()
