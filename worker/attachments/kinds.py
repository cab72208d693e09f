"""What a file is, by its content: the name that it bears says nothing that can be relied on."""

import re
import zipfile
from io import BytesIO

import olefile

from worker.attachments.reasons import BROKEN, ENCRYPTED, TOO_LARGE, NoText

MOST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_RATIO = 200
"""Unpacked bytes for each packed one, judged once more than `_RATIO_AFTER` are unpacked; as for transfers."""
_RATIO_AFTER = 16 * 1024 * 1024
MOST_ENTRIES = 20_000
_PDF_WITHIN = 1024
"""Bytes before which a PDF's header may stand (ISO 32000-1, annex H.3, note 13)."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
)
_MARKUP = re.compile(rb"\A\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_IN_ZIP = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("ppt/presentation.xml", "pptx"),
    ("OFD.xml", "ofd"),
)
_IN_OLE = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)


def container_of(content: bytes) -> str:
    """Return what the first bytes say: the kind, or `zip` or `ole`, which hold several; nothing is unpacked."""
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return "pdf"
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if _MARKUP.match(content[:1024].removeprefix(b"\xef\xbb\xbf")):
        return "markup"
    return "unknown" if b"\x00" in content[:4096].replace(b"\x00\n", b"") and not _is_utf16(content) else "text"


def kind_of(content: bytes) -> str:
    """Return the kind of a file, by what its container holds; raises `NoText` where that is broken or a bomb."""
    kind = container_of(content)
    if kind == "zip":
        return _in_zip(content)
    return _in_ole(content) if kind == "ole" else kind


def _is_utf16(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _in_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoText(BROKEN) from error
    names = {entry.filename for entry in entries}
    kind = next((kind for name, kind in _IN_ZIP if name in names), "zip")
    # An entry never yields more than its header says (`zipfile` cuts it there), so that what is said can be summed.
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > _RATIO_AFTER and unpacked > MOST_RATIO * len(content)
    if kind != "zip" and (unpacked > MOST_UNPACKED_BYTES or len(entries) > MOST_ENTRIES or bomb):
        raise NoText(TOO_LARGE)
    return kind


def _in_ole(content: bytes) -> str:
    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            kind = next((kind for name, kind in _IN_OLE if ole.exists(name)), "ole")
    except (OSError, ValueError, IndexError) as error:
        raise NoText(BROKEN) from error
    if kind == "encrypted":
        raise NoText(ENCRYPTED)
    return kind
