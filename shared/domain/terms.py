"""Many words looked for in one text at once: which of them occur in it.

The text is gone through once, by its pairs of neighbouring characters. A word can only occur where all of its pairs do,
and of those, few do not: so ten thousand words cost little more than those that are found. Where they are many of one
length, up to four characters, they are found among all runs of as many. NumPy does it for all words together.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]

_BITS = 18
_SPREAD = np.uint64(0x9E3779B1)  # 2^32 by the golden ratio: its upper bits put neighbours far apart (Knuth, 6.4)
_LONGEST = 4
"""Units of UTF-16 that a code has room for."""
_FEW = 16
"""Words that are sooner looked for one by one than among the sorted runs of a text."""


class Terms:
    """Words, prepared to be looked for."""

    def __init__(self, terms: Iterable[str]) -> None:
        """Take folded words."""
        coded = [(term, _units(term)) for term in dict.fromkeys(terms)]
        self._single = [term for term, units in coded if len(units) < 2]
        coded = [(term, units) for term, units in coded if len(units) >= 2]
        self._terms = [term for term, _ in coded]
        self._lengths = np.array([len(units) for _, units in coded], dtype=np.int64)
        self._codes = np.array([_runs(units[:_LONGEST], len(units[:_LONGEST]))[0] for _, units in coded], np.uint64)
        pairs = [_runs(units, 2) for _, units in coded]
        self._begins = np.cumsum(self._lengths - 1) - (self._lengths - 1)
        self._places = _place(np.concatenate(pairs)) if pairs else np.empty(0, dtype=np.intp)

    def found_in(self, text: str) -> set[str]:
        """Return the words that occur in a folded text."""
        found = {term for term in self._single if term in text}
        units = _units(text)
        if self._terms and len(units) >= 2:
            occurs = np.zeros(1 << _BITS, dtype=bool)
            occurs[_place(_runs(units, 2))] = True
            likely = np.flatnonzero(np.logical_and.reduceat(occurs[self._places], self._begins))
            lengths = self._lengths[likely]
            for length in range(2, _LONGEST + 1):
                is_so_long = lengths == length
                if np.count_nonzero(is_so_long) > _FEW and len(units) >= length:
                    some, likely, lengths = likely[is_so_long], likely[~is_so_long], lengths[~is_so_long]
                    certain = some[_are_in(self._codes[some], _runs(units, length))]
                    found.update([self._terms[at] for at in certain.tolist()])
            found.update([self._terms[at] for at in likely.tolist() if self._terms[at] in text])
        return found


def _units(text: str) -> Codes:
    """Return a text in UTF-16: a character beyond its first plane is two units, in a text as in a word."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2").astype(np.uint64)


def _runs(units: Codes, length: int) -> Codes:
    """Return a number for each run of so many units, up to four."""
    codes: Any = units[: max(0, len(units) - length + 1)]
    for at in range(1, length):
        codes = (codes << np.uint64(16)) | units[at : at + len(codes)]
    return np.asarray(codes)


def _are_in(some: Codes, runs: Codes) -> NDArray[np.bool_]:
    """Tell which of `some` are among `runs`; for a text's this is quicker than `np.isin`."""
    ordered = np.sort(runs)
    at = np.minimum(np.searchsorted(ordered, some), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[at] == some
    return found


def _place(pairs: Codes) -> NDArray[np.intp]:
    """Return where pairs stand in a table; two seldom stand in one place."""
    return (((pairs * _SPREAD) & np.uint64(0xFFFFFFFF)) >> np.uint64(32 - _BITS)).astype(np.intp)
