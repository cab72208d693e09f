"""The text of a Word file from 1997 to 2003 (DOC, and WPS, which writes the same), by its piece table.

[MS-DOC] 2.4.1 tells how: the FIB says which table stream has the Clx and where; the Clx ends with the PlcPcd; each of
its pieces tells from where in the WordDocument stream so many characters are to be taken, and whether by one byte each.
No library that is kept reads this; `olefile` reads the container.
"""

import re
import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from worker.attachments.reasons import BROKEN, EMPTY, ENCRYPTED, UNSUPPORTED, NoText

_WORD_97 = 0xA5EC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
# Offsets in the FIB ([MS-DOC] 2.5.1, 2.5.4, 2.5.6).
_FLAGS, _CCP_TEXT, _FC_CLX = 0x0A, 0x4C, 0x01A2
_PRC, _PCDT = 1, 2
_COMPRESSED = 1 << 30
_CELLS = "\x07"
# A field: what it is made of, and (after U+0014) what it shows ([MS-DOC] 2.8.25).
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))")
_DROPPED = re.compile("[\x00-\x06\x08\x0e-\x1f\ufffe\uffff]")


def text_of(content: bytes, most_characters: int) -> str:
    """Return the text of a DOC, a paragraph or table row a line; raises `NoText` where there is none."""
    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            word = ole.openstream("WordDocument").read()
            flags = struct.unpack_from("<H", word, _FLAGS)[0]
            if struct.unpack_from("<H", word)[0] != _WORD_97:
                raise NoText(UNSUPPORTED)
            if flags & _ENCRYPTED:
                raise NoText(ENCRYPTED)
            table = ole.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
        text = "".join(_pieces(word, table, most_characters))
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise NoText(BROKEN) from error
    plain = _plain(text)
    if not plain.strip():
        raise NoText(EMPTY)
    return plain


def _pieces(word: bytes, table: bytes, most_characters: int) -> Iterator[str]:
    """Yield the text of the main document, piece by piece; what follows are footnotes, headers and the like."""
    plc = _piece_table(table, *struct.unpack_from("<II", word, _FC_CLX))
    count = (len(plc) - 4) // 12
    starts = struct.unpack_from(f"<{count + 1}I", plc)
    end = min(struct.unpack_from("<I", word, _CCP_TEXT)[0], most_characters)
    for number in range(count):
        first, last = starts[number], min(starts[number + 1], end)
        if last <= first:
            continue
        at = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        if at & _COMPRESSED:
            start = (at & ~_COMPRESSED) // 2
            yield word[start : start + last - first].decode("cp1252", "replace")
        else:
            yield word[at : at + 2 * (last - first)].decode("utf-16-le", "replace")


def _piece_table(table: bytes, at: int, size: int) -> bytes:
    """Return the PlcPcd of the Clx at `at`, behind whatever properties precede it."""
    end = at + size
    while at < end and table[at] == _PRC:
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at >= end or table[at] != _PCDT:
        raise NoText(BROKEN)
    length = struct.unpack_from("<I", table, at + 1)[0]
    return table[at + 5 : min(at + 5 + length, end)]


def _plain(text: str) -> str:
    """Return the text without its marks: paragraphs and rows end in line breaks, cells in tabs."""
    shown = _FIELD.sub("", text)
    rows = shown.replace(_CELLS * 2, "\n").replace(_CELLS, "\t")
    lines = rows.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x1e", "-")
    return _DROPPED.sub("", lines)
