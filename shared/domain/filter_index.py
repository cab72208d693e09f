"""An index of filters: who wants an event, without asking everybody. A thousand cost about as much as those that match.

Each filter is found by one of its conditions, the first of `ANCHORS` that it has; whoever is found is then asked for
the others, so that the answer is that of `matches`, one by one. A keyword is found by its longest term. The text is
gone through once for all terms: only those are looked for in it whose pairs of characters all occur.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from shared.domain.filters import Facets, Filter, matches_but_for_words
from shared.domain.terms import Terms

Key = TypeVar("Key", bound=Hashable)

# From the most selective to the least: by which values a filter is found.
ANCHORS: Mapping[str, Callable[[Filter], Iterable[str]]] = {
    "bodies": lambda one: {name for names in one.names for name in names},
    "columns": lambda one: one.columns,
    "keywords": lambda one: {max(terms, key=len) for terms in one.terms},
    "sources": lambda one: one.sources,
    "statuses": lambda one: one.statuses,
    "kinds": lambda one: one.kinds,
    "types": lambda one: one.types,
}


class FilterIndex(Generic[Key]):
    """Who wants what; built once, asked often."""

    def __init__(self, wanted: Iterable[tuple[Key, Filter]]) -> None:
        """Index the filters of some, by whatever names them; one filter of several is asked once for all."""
        who: dict[Filter, list[Key]] = defaultdict(list)
        for key, one in wanted:
            who[one].append(key)
        self._filters = list(who)
        self._who = list(who.values())
        self._anywhere: list[int] = []
        self._by: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in ANCHORS}
        for number, one in enumerate(self._filters):
            self._place(number, one)
        terms = Terms({term for one in who for terms in one.terms for term in terms})
        # A notice has many events at once, with one text.
        self._found_in = lru_cache(4)(terms.found_in)
        self.reads_notices = any(one.reads_notices for one in who)
        """Whether any filter must know more of an event than stands in its row."""
        self.reads_text = any(one.reads_text for one in who)
        """Whether any filter must know the text."""

    def matching(self, facets: Facets) -> list[Key]:
        """Return who wants an event, each once, in no order."""
        terms = self._found_in(facets.text)
        found = (number for number in self._candidates(facets, terms) if self._matches(number, facets, terms))
        return [key for number in found for key in self._who[number]]

    def _matches(self, number: int, facets: Facets, found: set[str]) -> bool:
        one = self._filters[number]
        if one.keywords and not any(found.issuperset(terms) for terms in one.terms):
            return False
        return matches_but_for_words(one, facets)

    def _candidates(self, facets: Facets, terms: set[str]) -> set[int]:
        has: Mapping[str, Iterable[str | None]] = {
            "bodies": facets.names,
            "columns": (facets.column,),
            "keywords": terms,
            "sources": (facets.source,),
            "statuses": facets.statuses,
            "kinds": (facets.kind,),
            "types": (facets.type,),
        }
        found = set(self._anywhere)
        for name, values in has.items():
            places: Mapping[str | None, list[int]] = self._by[name]  # type: ignore[assignment]
            for value in values if places else ():
                found.update(places.get(value, ()))
        return found

    def _place(self, number: int, one: Filter) -> None:
        for name, values in ANCHORS.items():
            if getattr(one, name):
                for value in values(one):
                    self._by[name][value].append(number)
                return
        self._anywhere.append(number)
