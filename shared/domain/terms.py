"""Many words looked for in one text at once: which of them occur in it.

The text is gone through once, by its pairs of neighbouring characters. A word can only occur where all of its pairs do,
and of those, few do not: so ten thousand words cost little more than those that are found. NumPy does it for all words
together.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

_BITS = 20
_SPREAD = 0x9E37  # odd: characters that follow each other in a script are put far apart


class Terms:
    """Words, prepared to be looked for."""

    def __init__(self, terms: Iterable[str]) -> None:
        """Take folded words."""
        coded = [(term, _pairs(term)) for term in dict.fromkeys(terms)]
        self._single = [term for term, pairs in coded if not len(pairs)]
        coded = [(term, pairs) for term, pairs in coded if len(pairs)]
        self._terms = [term for term, _ in coded]
        lengths = np.array([len(pairs) for _, pairs in coded], dtype=np.int64)
        self._begins = np.cumsum(lengths) - lengths
        self._pairs = np.concatenate([pairs for _, pairs in coded]) if coded else _pairs("")
        self._is_pair = lengths == 1
        self._places = _place(self._pairs)

    def found_in(self, text: str) -> set[str]:
        """Return the words that occur in a folded text."""
        found = {term for term in self._single if term in text}
        pairs = _pairs(text)
        if self._terms and len(pairs):
            occurs = np.zeros(1 << _BITS, dtype=bool)
            occurs[_place(pairs)] = True
            likely = np.flatnonzero(np.logical_and.reduceat(occurs[self._places], self._begins))
            is_pair = self._is_pair[likely]
            short, long = likely[is_pair], likely[~is_pair]
            short = short[_are_in(self._pairs[self._begins[short]], pairs)]
            found.update(self._terms[at] for at in short)
            found.update(self._terms[at] for at in long if self._terms[at] in text)
        return found


def _pairs(text: str) -> Codes:
    """Return a number for each pair of neighbours in UTF-16.

    A character beyond its first plane is a pair by itself, in a text as in a word.
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2").astype(np.int64)
    return (units[:-1] << 16) | units[1:]


def _are_in(some: Codes, pairs: Codes) -> NDArray[np.bool_]:
    """Tell which of `some` are among `pairs`; for a text's this is quicker than `np.isin`."""
    ordered = np.sort(pairs)
    at = np.searchsorted(ordered, some).clip(max=len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[at] == some
    return found


def _place(pairs: Codes) -> Codes:
    """Return where pairs stand in a table; two seldom stand in one place."""
    return ((pairs >> 16) * _SPREAD + pairs) & ((1 << _BITS) - 1)
