"""10,000 filters asked of one event, by the index and one by one; both must answer alike."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from statistics import median
from typing import Any

from shared.domain.events import EVENT_TYPES
from shared.domain.filter_index import FilterIndex
from shared.domain.filters import KINDS, STATUSES, Facets, Filter, matches
from shared.ids import new_id
from shared.width import folded
from tests.bench.events.figures import Figure

COUNT = 10_000
EVENTS = 30
LENGTHS = (3_000, 12_000)
"""Characters of a notice's text: the median of real ones, and one of the longest."""
_CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]
_VOCABULARY = 20_000
_PLACES = "清源云岭江州海青山河东西南北安平和永兴福"


class Language:
    """Invented words of two to four characters, as often in a text as words are: by Zipf's law."""

    def __init__(self, chance: random.Random) -> None:
        """Invent the words, the most frequent first."""
        lengths = chance.choices((2, 3, 4), (3, 1, 1), k=_VOCABULARY)
        self.words = ["".join(chance.choices(_CHARACTERS, k=length)) for length in lengths]
        self._weights = list(accumulate(1 / rank for rank in range(1, _VOCABULARY + 1)))
        self._chance = chance

    def text(self, length: int) -> str:
        """Return so many characters."""
        drawn = self._chance.choices(self.words, cum_weights=self._weights, k=length // 2)
        return "".join(drawn)[:length]

    def keyword(self) -> str:
        """Return what somebody may look for: seldom the commonest words."""
        return self.words[min(_VOCABULARY - 1, int(100 * 200 ** self._chance.random()))]


def filters(chance: random.Random, language: Language, count: int) -> list[Filter]:
    """Return random filters: most by words, some by body, place, status or day, few by a type alone."""
    sources = [new_id("src") for _ in range(200)]
    return [Filter.parse(_conditions(chance, language, sources)) for _ in range(count)]


def _conditions(chance: random.Random, language: Language, sources: Sequence[str]) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    if chance.random() < 0.5:
        drawn["keywords"] = [language.keyword() for _ in range(chance.randint(1, 4))]
    if chance.random() < 0.2:
        drawn["bodies"] = [f"{''.join(chance.sample(_PLACES, 2))}{chance.choice('区县镇')}" for _ in range(3)]
    if chance.random() < 0.2:
        drawn["sources"] = chance.sample(sources, 3)
    if chance.random() < 0.2:
        drawn["statuses"] = chance.sample(STATUSES, 2)
    if chance.random() < 0.1:
        drawn["kinds"] = [chance.choice(KINDS)]
    if chance.random() < 0.1:
        drawn["due_before"] = f"2026-{chance.randint(1, 12):02d}-01"
    return drawn or {"types": chance.sample(EVENT_TYPES, 2), "due_from": f"2026-01-{chance.randint(1, 28):02d}"}


def event(chance: random.Random, language: Language, length: int) -> Facets:
    """Return an event about a notice of so many characters."""
    return Facets(
        type=chance.choice(EVENT_TYPES),
        source=new_id("src"),
        kind=chance.choice(KINDS),
        bodies=frozenset([f"{''.join(chance.sample(_PLACES, 2))}区水务局"]),
        text=folded(language.text(length)),
        statuses=frozenset(chance.sample(STATUSES, 2)),
        due=("2026-06-30",),
    )


def figures() -> Iterator[Figure]:
    """Ask; each event is another, so that nothing is remembered from the one before."""
    chance = random.Random(5)
    language = Language(chance)
    wanted = filters(chance, language, COUNT)
    began = time.perf_counter()
    index = FilterIndex(enumerate(wanted))
    built = 1000 * (time.perf_counter() - began)
    yield Figure(f"build the index of {COUNT:,} filters", built, "ms")
    for length in LENGTHS:
        events = [event(chance, language, length) for _ in range(EVENTS)]
        ours, answers = _timed(index.matching, events)
        theirs, others = _timed(lambda one: [at for at, each in enumerate(wanted) if matches(each, one)], events)
        assert [sorted(one) for one in answers] == others
        what = f"{COUNT:,} filters, an event of {length:,} characters, {median(map(len, others)):.0f} want it"
        yield Figure(what, ours, "ms", "one by one", theirs, "≤ 20 ms")


def _timed(ask: Callable[[Facets], list[int]], events: Sequence[Facets]) -> tuple[float, list[list[int]]]:
    """Return the median of milliseconds of CPU time, and the answers."""
    took, answers = [], []
    for one in events:
        began = time.process_time()
        answers.append(ask(one))
        took.append(1000 * (time.process_time() - began))
    return median(took), answers
