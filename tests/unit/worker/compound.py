"""Compound files ([MS-CFB]) written byte by byte, with a Word file or a workbook of before 2007 in them."""

import struct
from collections.abc import Mapping, Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096
"""Streams below this size would lie in the mini stream; these here are filled up to it instead."""


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file of these streams: one FAT sector, the directory, then the streams one after the other."""
    contents = {name: content.ljust(_LEAST, b"\x00") for name, content in streams.items()}
    fat, sectors, starts = [_FAT], [b""], {}
    directory = (1 + len(contents) + 3) // 4
    fat += [*range(2, 1 + directory), _END]
    for name, content in contents.items():
        count = -(-len(content) // _SECTOR)
        starts[name] = len(fat)
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    assert len(fat) <= _SECTOR // 4
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    names = list(contents)
    for number, name in enumerate(names, start=1):
        right = number + 1 if number < len(names) else _FREE
        entries.append(_entry(name, 2, starts[name], len(contents[name]), right=right))
    table = b"".join(entries).ljust(directory * _SECTOR, b"\x00")
    sectors = [struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff"), table]
    sectors += [content.ljust(-(-len(content) // _SECTOR) * _SECTOR, b"\x00") for content in contents.values()]
    return _header() + b"".join(sectors)


def _header() -> bytes:
    start = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\x00" * 6
    )
    start += struct.pack("<IIIIIIIII", 0, 1, 1, 0, _LEAST, _END, 0, _END, 0)
    return start + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    spelt = (name + "\x00").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, _FREE, right, child)
    return (
        spelt.ljust(64, b"\x00")
        + struct.pack("<H", len(spelt))
        + links
        + b"\x00" * 36
        + struct.pack("<IQ", start, size)
    )


def word_document(text: str, *, compressed: bool = False, flags: int = 0, magic: int = 0xA5EC) -> bytes:
    """Return a DOC of one piece ([MS-DOC] 2.4.1)."""
    spelt = text.encode("cp1252") if compressed else text.encode("utf-16-le")
    at = 1024
    word = bytearray(at)
    struct.pack_into("<HH", word, 0, magic, 0xC1)
    struct.pack_into("<H", word, 0x0A, flags)
    struct.pack_into("<I", word, 0x4C, len(text))
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, at * 2 | 1 << 30 if compressed else at, 0)
    clx = b"\x01\x02\x00ab" + b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", word, 0x01A2, 0, len(clx))
    return compound({"0Table": clx, "WordDocument": bytes(word) + spelt})


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an XLS of one sheet ([MS-XLS]), its cells spelt out where they stand."""
    opening = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = "1"
    sheet_at = len(opening) + len(_record(0x0085, b"\x00" * 8 + name.encode())) + len(_record(0x000A, b""))
    book = (
        opening
        + _record(0x0085, struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 0) + name.encode())
        + _record(0x000A, b"")
    )
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            spelt = struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
            sheet += _record(0x0204, spelt)
    return compound({"Workbook": book + sheet + _record(0x000A, b"")})


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
