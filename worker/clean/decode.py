"""Bytes to text, or a refusal: what is no page, declares a hazardous encoding, or is garbage however it is decoded.

Where the evidence that both sides go by (shared/decoding.py) is not enough, a detector guesses.
"""

from charset_normalizer import from_bytes

from shared import decoding
from shared.charsets import BOMS, HAZARDOUS, declared_labels
from shared.decoding import Decoded, decoded_as
from shared.legible import legible
from worker.clean.unreadable import Unreadable

__all__ = ["MAX_BYTES", "MAX_REPLACEMENT_SHARE", "decode", "decode_as_declared"]

MAX_BYTES = 16 * 1024 * 1024
MAX_REPLACEMENT_SHARE = 0.05
_MAX_CONTROL_SHARE = 0.05
_SAMPLE = 64 * 1024

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP container (perhaps an office document)"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"RIFF", "a RIFF medium"),
    (b"\x7fELF", "a program"),
)


def decode(snapshot: bytes, content_type: str | None = None) -> Decoded:
    """Decode a snapshot; raises `Unreadable` where it is no text."""
    _refuse_binary(snapshot)
    _refuse_hazardous(snapshot, content_type)
    return _checked(decoding.decode(snapshot, content_type) or _detected(snapshot))


def decode_as_declared(snapshot: bytes, content_type: str | None = None) -> Decoded | None:
    """Decode a snapshot in which nothing is doubtful; None for any other. Illegible characters stay in the text."""
    _refuse_binary(snapshot)
    _refuse_hazardous(snapshot, content_type)
    found = decoding.decode(snapshot, content_type)
    return None if found is None or found.replacement_share else found


def _refuse_binary(snapshot: bytes) -> None:
    if len(snapshot) > MAX_BYTES:
        raise Unreadable(f"the snapshot has {len(snapshot)} bytes; a page of more than {MAX_BYTES} is not read")
    for magic, what in _MAGIC:
        if snapshot.startswith(magic):
            raise Unreadable(f"the snapshot is {what}, not a page")


def _refuse_hazardous(snapshot: bytes, content_type: str | None) -> None:
    if snapshot.startswith(tuple(mark for mark, _ in BOMS)):
        return  # a byte order mark outranks whatever is declared
    for label in declared_labels(snapshot, content_type):
        if label in HAZARDOUS:
            raise Unreadable(f"the page declares the hazardous encoding {label}")


def _detected(snapshot: bytes) -> Decoded:
    utf8 = decoded_as("utf-8", snapshot)
    allowed = ["utf_8", "gb18030", "big5hkscs", "cp932", "cp949", "cp1252", "cp1251", "iso8859_15"]
    best = from_bytes(snapshot[:_SAMPLE], cp_isolation=allowed, preemptive_behaviour=False).best()
    if best is None:
        return utf8
    found = decoded_as(best.encoding, snapshot)
    return found if found.replacement_share <= utf8.replacement_share else utf8


def _checked(found: Decoded) -> Decoded:
    text = legible(found.text)
    if found.replacement_share > MAX_REPLACEMENT_SHARE:
        percent = round(100 * found.replacement_share)
        raise Unreadable(f"{percent} % of the characters cannot be decoded, even as {found.encoding}")
    if len(found.text) - len(text) > _MAX_CONTROL_SHARE * len(found.text) + found.text.count("\r"):
        raise Unreadable("the snapshot is binary: it is full of control characters")
    return Decoded(text, found.encoding, round(found.replacement_share, 6))
