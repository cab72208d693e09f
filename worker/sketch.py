"""The sketch of a text: a few hundred bytes by which the same text, or nearly the same, is found among all others.

MinHash by one permutation (Li, Owen and Zhang, 2012): each shingle is hashed once and falls into one of the bins, and
each bin keeps its least hash; an empty bin borrows from the next one (Shrivastava and Li, 2014). Equal bins estimate
the Jaccard similarity of two texts' shingles. Rows of bins are hashed into bands: texts that share one are candidates.

The hashes are our own arithmetic over NumPy's arrays, for they are stored: a library whose next release hashes
otherwise would make every stored sketch worthless.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.bodies import body_key
from worker.clean.text import key

Document = Mapping[str, Any]
Words = npt.NDArray[np.uint64]

SHINGLE = 5
"""Characters: of Chinese, two or three words."""
SHORTEST = 20
"""Characters of a body below which it tells nothing of its own: "见附件" is not the same text as another "见附件"."""
SHORT = 400
"""Characters of a body below which only the very same text, with its title, is the same: announcements of few lines
are written from templates, and what tells them apart is a name."""
LONGEST = 200_000
"""Characters of a body that are sketched; what a hostile page has beyond them does not count."""
BANDS = 16
ROWS = 6
"""Of two texts with a similarity of 0.9, 99.999 in 100 share a band of six minima; with one of 0.5, 22 do."""
BINS = BANDS * ROWS

_SCHEME = 1
"""To be raised with any change to the arithmetic: sketches of two schemes share no band."""
_FNV = np.uint64(0x100000001B3)
_MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_HALF, _THIRD = np.uint64(32), np.uint64(33)
_LOW = np.uint64(0xFFFFFFFF)
_EMPTY = np.uint64(2**64 - 1)


class Sketched(NamedTuple):
    """What a text is recognised by."""

    minima: bytes | None
    """`BINS` little-endian numbers of 32 bits; None of a short text."""
    bands: tuple[int, ...]
    """Signed numbers of 64 bits. The first is that of the very text with its title, whatever the length."""


def sketch(document: Document) -> Sketched | None:
    """Return the sketch of a document's text, or None where there is too little of it."""
    text = key(str(document.get("body") or ""))
    if len(text) < SHORTEST:
        return None
    whole = _band(0, key(str(document.get("title") or "")), text)
    if len(text) < SHORT:
        return Sketched(None, (whole,))
    minima = _minima(text[:LONGEST])
    # Announcements of one template about different bodies are alike in most of their words, and not the same: with
    # the body in each band they do not even meet.
    about = body_key((document.get("inspection") or {}).get("inspected")) or ""
    rows = [minima[at : at + 4 * ROWS].hex() for at in range(0, len(minima), 4 * ROWS)]
    return Sketched(minima, (whole, *(_band(place, about, row) for place, row in enumerate(rows, 1))))


def resemblance(one: bytes, other: bytes) -> float:
    """Return how alike two texts are by their minima, from 0 to 1; off by 0.05 at most, in two of three cases."""
    ours, theirs = (np.frombuffer(minima, dtype="<u4") for minima in (one, other))
    return float(np.count_nonzero(ours == theirs)) / BINS


def shared_part(one: str, other: str) -> float:
    """Return which share of the shorter text's shingles the other has, too, from 0 to 1; 0 where it has hardly any."""
    texts = [key(text)[:LONGEST] for text in (one, other)]
    if min(map(len, texts)) < SHORTEST:
        return 0.0
    ours, theirs = (np.unique(_hashes(text)) for text in texts)
    return len(np.intersect1d(ours, theirs, assume_unique=True)) / min(len(ours), len(theirs))


def _minima(text: str) -> bytes:
    hashes = _hashes(text)
    bins = ((hashes >> _HALF) * np.uint64(BINS)) >> _HALF
    least = np.full(BINS, _EMPTY)
    np.minimum.at(least, bins.astype(np.intp), hashes & _LOW)
    filled = np.flatnonzero(least != _EMPTY)
    places = np.arange(BINS)
    lenders = filled[np.searchsorted(filled, places) % len(filled)]
    steps = ((lenders - places) % BINS).astype(np.uint64)
    # The distance counts too: else two bins that borrow from one would agree, or not, together.
    lent = _mixed(least[lenders] + (steps << _HALF)) & _LOW
    return np.where(steps == 0, least[lenders], lent).astype("<u4").tobytes()


def _hashes(text: str) -> Words:
    """Return the hash of each shingle."""
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    count = len(characters) - SHINGLE + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE):
        hashes = hashes * _FNV + characters[place : place + count]
    return _mixed(hashes)


def _mixed(hashes: Words) -> Words:
    """Return the hashes with every bit depending on every other (the last step of MurmurHash3)."""
    for factor in _MIX:
        hashes = (hashes ^ (hashes >> _THIRD)) * factor
    return hashes ^ (hashes >> _THIRD)


def _band(*parts: object) -> int:
    text = "\n".join(map(str, (_SCHEME, *parts)))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
