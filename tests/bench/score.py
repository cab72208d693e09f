"""Marks: how near the answers come to the labels; white space and full or half width never count."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from tests.bench.contenders import Answer
from tests.bench.pages import Label
from worker.clean.text import key, narrow

_SHINGLE = 5
_DAY = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)")
_TIME = re.compile(r"(\d{1,2}):(\d\d)")


class Marks(NamedTuple):
    """Sums over the labelled pages; `None` where a contender never tells such a thing."""

    pages: int
    f1: float  # mean of the pages
    least_f1: float
    leaks: int  # boilerplate texts found in bodies
    samples: int  # boilerplate texts that the labels name
    titles: int  # exact ones
    days: int | None  # exact ones of `dated`
    times: int | None  # exact to the minute, of `timed`
    dated: int
    timed: int


def f1(one: str, other: str) -> float:
    """Return the harmonic mean of precision and recall, 0 to 1, over the five-character shingles of two texts."""
    ours, theirs = _shingles(one), _shingles(other)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def _shingles(text: str) -> Counter[str]:
    plain = key(text)
    return Counter(plain[at : at + _SHINGLE] for at in range(max(1, len(plain) - _SHINGLE + 1)))


def leaks(body: str, label: Label) -> int:
    """Count the label's boilerplate texts that occur in a body and not in the true one."""
    found, right = key(body), key(label.body)
    return sum(sample in found and sample not in right for sample in map(key, label.boilerplate))


def day_of(text: str | None) -> tuple[int, ...] | None:
    """Return year, month and day however they are punctuated: the contenders write dates each in a way of its own."""
    found = _DAY.search(narrow(text or ""))
    return tuple(map(int, found.groups())) if found else None


def minute_of(text: str | None) -> tuple[int, ...] | None:
    """Return year, month, day, hour and minute; None where the text has a day alone."""
    plain = narrow(text or "")
    day = _DAY.search(plain)
    time = _TIME.search(plain, day.end()) if day else None
    return tuple(map(int, (*day.groups(), *time.groups()))) if day and time else None


def marks(pairs: Sequence[tuple[Answer, Label]]) -> Marks | None:
    """Mark a contender's answers; None where no page has a label."""
    if not pairs:
        return None
    scores = [f1(answer.body, label.body) for answer, label in pairs]
    days = [(day_of(answer.published), day_of(label.published)) for answer, label in pairs if label.published]
    minutes = [(minute_of(answer.published), minute_of(label.published)) for answer, label in pairs]
    timed = [(ours, right) for ours, right in minutes if right]
    return Marks(
        pages=len(pairs),
        f1=mean(scores),
        least_f1=min(scores),
        leaks=sum(leaks(answer.body, label) for answer, label in pairs),
        samples=sum(len(label.boilerplate) for _, label in pairs),
        titles=sum(key(answer.title or "") == key(label.title) for answer, label in pairs),
        days=_exact(days),
        times=_exact(timed),
        dated=len(days),
        timed=len(timed),
    )


def _exact(pairs: Sequence[tuple[object, object]]) -> int | None:
    return sum(ours == right for ours, right in pairs) if any(ours for ours, _ in pairs) else None
