"""Undoing the content coding of a body while it arrives, so that a compression bomb never unfolds."""

import zlib
from collections.abc import Iterable, Iterator

from shared.errors import TooLarge, Unreachable
from shared.http.exchange import Limits

_PIECE = 64 * 1024
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
# Codings that we never ask for and cannot undo; any other unknown word (utf-8, none, …) is a mistake for "identity".
_NOT_ASKED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})


def read_body(chunks: Iterable[bytes], coding: str | None, limits: Limits) -> tuple[bytes, bool]:
    """Return the decoded body and whether it was cut, of `chunks` as they arrive under the header `coding`.

    Raises TooLarge above `limits`, Unreachable for a body that is broken or coded in a way that was not asked for.
    """
    body = bytearray()
    arrived = 0

    def counted() -> Iterator[bytes]:
        nonlocal arrived
        for chunk in chunks:
            arrived += len(chunk)
            yield chunk

    for piece in _decoded(counted(), coding):
        body += piece
        if len(body) > limits.max_bytes:
            if limits.cut:
                return bytes(body[: limits.max_bytes]), True
            raise TooLarge(f"the answer is longer than {limits.max_bytes} bytes")
        if len(body) > limits.ratio_after and len(body) > limits.max_ratio * arrived:
            raise TooLarge(f"the answer inflates more than {limits.max_ratio} times")
    return bytes(body), False


def _decoded(chunks: Iterator[bytes], coding: str | None) -> Iterable[bytes]:
    codings = [word.strip() for word in (coding or "").lower().split(",")]
    packed = [word for word in codings if word in ("gzip", "x-gzip", "deflate")]
    if len(packed) > 1 or _NOT_ASKED.intersection(codings):
        raise Unreachable("the answer is compressed in a way that was not asked for")
    return _inflated(chunks, gzip=packed[0] != "deflate") if packed else chunks


def _inflated(chunks: Iterator[bytes], *, gzip: bool) -> Iterator[bytes]:
    inflater: zlib._Decompress | None = None
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        while waiting:
            if inflater is None or inflater.eof:
                if len(waiting) < 2:
                    break  # two bytes tell the form
                if inflater is not None and not (gzip and waiting.startswith(b"\x1f\x8b")):
                    waiting = b""  # padding behind the stream
                    break
                inflater = zlib.decompressobj(_GZIP if gzip else _deflate_form(waiting))
            try:
                yield inflater.decompress(waiting, _PIECE)
            except zlib.error as error:
                raise Unreachable("the compressed answer is broken") from error
            waiting = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    # HEAD, 304 and empty bodies carry the header without a stream.
    if (inflater is None and waiting) or (inflater is not None and not inflater.eof):
        raise Unreachable("the compressed answer broke off")


def _deflate_form(head: bytes) -> int:
    """Tell RFC 1950 ("deflate" as specified) from the bare RFC 1951 stream that some servers send."""
    return _ZLIB if head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0 else _RAW
