"""Which problem is which: purely, by how two revisions of a notice, or a notice and its follow-up, name their problems.

A title that is the same is the same problem. Of the others, two are one where each is the most alike to the other, by
far enough: typing errors are mended and numbers shift, but no problem ever becomes another one of its notice.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from shared.domain.problems import Naming
from worker.clean.text import key

_LONGEST = 120
"""Characters of a title that are compared: few titles are longer, and the work grows with the square."""
_MOST_PAIRS = 2_500
"""Compared at most for one notice: 50 problems that were all renamed at once. On a hostile page, two seconds' work."""


class Likeness(NamedTuple):
    """How alike two titles must be (0 to 1, by `difflib`), where their printed numbers are the same, and where not."""

    same_number: float
    other_number: float


# Within a notice the number is all that tells two problems of one template apart.
REVISED = Likeness(same_number=0.8, other_number=2.0)
FOLLOWED = Likeness(same_number=0.8, other_number=0.9)


class Pool(NamedTuple):
    """Problems that are known, and how alike a name must be to one of theirs."""

    known: Sequence[Naming]
    likeness: Likeness


def identified(new: Sequence[Naming], pools: Sequence[Pool]) -> dict[int, str]:
    """Return which known problem each of the `new` ones is, by number; the earlier pools come first.

    No problem is found twice; what is found nowhere is left out.
    """
    found: dict[int, str] = {}
    compared = 0
    for pool in pools:
        taken = set(found.values())
        left = [naming for naming in new if naming.number not in found]
        free = [naming for naming in pool.known if naming.problem_id is not None and naming.problem_id not in taken]
        pairs = _same(left, free)
        left = _without({one.number for one, _ in pairs}, left)
        free = _without({other.number for _, other in pairs}, free)
        compared += len(left) * len(free)
        if compared <= _MOST_PAIRS:
            pairs += _alike(left, free, pool.likeness)
        found |= {one.number: str(other.problem_id) for one, other in pairs}
    return found


def _without(numbers: Collection[int], namings: Sequence[Naming]) -> list[Naming]:
    return [naming for naming in namings if naming.number not in numbers]


def _same(new: Sequence[Naming], known: Sequence[Naming]) -> list[tuple[Naming, Naming]]:
    """Pair what has the same title; where several have, in the order of the notice."""
    by_title: dict[str, deque[Naming]] = defaultdict(deque)
    for naming in known:
        by_title[key(naming.title)].append(naming)
    titles = ((naming, by_title[key(naming.title)]) for naming in new if key(naming.title))
    return [(naming, candidates.popleft()) for naming, candidates in titles if candidates]


def _alike(new: Sequence[Naming], known: Sequence[Naming], likeness: Likeness) -> list[tuple[Naming, Naming]]:
    """Pair what is alike enough, where each of the two has no other that is as alike."""
    best: dict[tuple[str, int], float] = defaultdict(float)
    rivals: dict[tuple[str, int], int] = defaultdict(int)
    weighed = list(_weighed(new, known, likeness))
    for one, other, ratio in weighed:
        for place in (("new", one.number), ("known", other.number)):
            if ratio > best[place]:
                best[place], rivals[place] = ratio, 0
            rivals[place] += ratio == best[place]
    return [
        (one, other)
        for one, other, ratio in weighed
        if all(best[place] == ratio and rivals[place] == 1 for place in (("new", one.number), ("known", other.number)))
    ]


def _weighed(
    new: Sequence[Naming], known: Sequence[Naming], likeness: Likeness
) -> Iterator[tuple[Naming, Naming, float]]:
    rivals = [(other, key(other.title)[:_LONGEST]) for other in known]
    for one in new:
        title = key(one.title)[:_LONGEST]
        for other, its_title in rivals:
            same = one.printed_number is not None and one.printed_number == other.printed_number
            wanted = likeness.same_number if same else likeness.other_number
            ratio = _ratio(title, its_title, wanted)
            if ratio >= wanted:
                yield one, other, ratio


def _ratio(one: str, other: str, wanted: float) -> float:
    """Return how alike two titles are, or 0 where a bound shows that it is not enough."""
    if wanted > 1:
        return 0.0
    # In one order, because the ratio is not the same both ways.
    matcher = SequenceMatcher(None, min(one, other), max(one, other), autojunk=False)
    if matcher.real_quick_ratio() < wanted or matcher.quick_ratio() < wanted:
        return 0.0
    return matcher.ratio()
