"""Whether two documents tell the same text: a pure decision, by what differs between them.

To take another notice for the same one would keep news from people; to overlook a copy tells them twice. So in doubt
they are two. A copy may have a short line more or less at its ends, other white space, width and punctuation, and a few
words mended; but a figure, a name, a day or a title that differs makes it another notice. Notices written from one
template differ in just these.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from shared.domain.bodies import body_key
from worker.clean.text import key, narrow
from worker.sketch import SHORT

Document = Mapping[str, Any]

EDGE = 80
"""Characters that one of two texts may have more at an end: where it was taken from, who signed it."""
MENDED = 0.02
"""Share of a text's characters that may be other ones."""
LONGEST_MENDED = 40
MOST_GAPS = 10
SHORT_DAYS = 30
"""Days between two publications of a short text beyond which they are two: a closure may be announced every year."""
SHORTEST_TITLE = 8
"""Characters of a title that another may contain: a site's name may stand before it, and its end may be cut off."""

_WINDOW = 200
"""Characters in which two texts must come together again."""
_ANCHOR = 8
"""Characters that must be the same for that."""
_AROUND = 6, 3
"""Characters before and after a difference that are looked at with it: the other part of a name may stand there."""

_UNLETTERED = re.compile(r"[\W_]+")
_FIGURES = re.compile(r"[0-9〇零一二三四五六七八九十百千万亿两]+")
_NAMES = re.compile(
    r"\w{1,6}?[省市区县旗乡镇村局委厅院办处所站队部组校厂]|\w{1,6}?(?:街道|社区|公司|集团|大学|中心|同志|银行|某)"
)


class Gap(NamedTuple):
    """Where two texts differ: from where to where, in the one and in the other."""

    begins: tuple[int, int]
    ends: tuple[int, int]


def difference_between(one: Document, other: Document) -> str | None:
    """Return the name of the first rule by which two documents are not the same text, or None: they are."""
    return next((name for name, differs in RULES if differs(one, other)), None)


def is_earlier(one: str | None, other: str | None) -> bool:
    """Tell whether the first of two publication times (ISO 8601, or None) is of an earlier day."""
    return bool(one and other) and str(one)[:10] < str(other)[:10]


def _bare(text: object) -> str:
    """Return the letters and digits of a text, narrow."""
    return _UNLETTERED.sub("", narrow(str(text or "")))


def _other_kind(one: Document, other: Document) -> bool:
    return one.get("kind") != other.get("kind")


def _other_body(one: Document, other: Document) -> bool:
    names = (body_key((each.get("inspection") or {}).get("inspected")) for each in (one, other))
    return next(names) != next(names)


def _other_title(one: Document, other: Document) -> bool:
    shorter, longer = sorted((_bare(one.get("title")), _bare(other.get("title"))), key=len)
    if shorter == longer:
        return False
    if _is_short(one, other):
        return True
    if not shorter:  # a page without a title
        return False
    contained = len(shorter) >= SHORTEST_TITLE and shorter in longer
    return not contained or _FIGURES.findall(shorter) != _FIGURES.findall(longer)


def _other_day(one: Document, other: Document) -> bool:
    signed = {each.get("signed_on") for each in (one, other)} - {None}
    if len(signed) > 1:
        return True
    return _is_short(one, other) and _days_between(one.get("published_at"), other.get("published_at")) > SHORT_DAYS


def _other_number(one: Document, other: Document) -> bool:
    ours, theirs = one.get("document_numbers"), other.get("document_numbers")
    return bool(ours and theirs) and ours != theirs


def _other_words(one: Document, other: Document) -> bool:
    ours, theirs = (_bare(each.get("body")) for each in (one, other))
    if ours == theirs:
        return not ours  # without a text, nothing tells that it is the same
    if _is_short(one, other):
        return True
    gaps = gaps_between(ours, theirs)
    lines = {_bare(line) for each in (one, other) for line in str(each.get("body")).splitlines()}
    inner = [gap for gap in gaps if not _is_edge(gap, ours, theirs, lines)]
    if len(gaps) > MOST_GAPS or any(_length(gap) > LONGEST_MENDED for gap in inner):
        return True
    if sum(map(_length, inner)) > MENDED * min(len(ours), len(theirs)):
        return True
    return any(_tells(gap, ours, theirs) for gap in inner) or _is_renamed(inner, ours, theirs)


RULES: tuple[tuple[str, Callable[[Document, Document], bool]], ...] = (
    ("other-kind", _other_kind),
    ("other-body", _other_body),
    ("other-title", _other_title),
    ("other-day", _other_day),
    ("other-number", _other_number),
    ("other-words", _other_words),
)


def _is_short(one: Document, other: Document) -> bool:
    return any(len(key(str(each.get("body") or ""))) < SHORT for each in (one, other))


def _days_between(one: str | None, other: str | None) -> int:
    try:
        return abs((date.fromisoformat(str(one)[:10]) - date.fromisoformat(str(other)[:10])).days)
    except ValueError:
        return 0


def gaps_between(one: str, other: str) -> list[Gap]:
    """Return where two texts differ, in order; at most one more than `MOST_GAPS`, then the rest is not looked at.

    Takes time in proportion to the length, whatever the texts are.
    """
    gaps: list[Gap] = []
    at = (0, 0)
    while len(gaps) <= MOST_GAPS:
        same = _common(one, other, at)
        begins = (at[0] + same, at[1] + same)
        if begins == (len(one), len(other)):
            break
        at = _together_again(one, other, begins)
        gaps.append(Gap(begins, at))
    return gaps


def _common(one: str, other: str, at: tuple[int, int]) -> int:
    """Return how many characters from `at` on are the same."""
    least, most = 0, min(len(one) - at[0], len(other) - at[1])
    while least < most:
        half = (least + most + 1) // 2
        if one[at[0] + least : at[0] + half] == other[at[1] + least : at[1] + half]:
            least = half
        else:
            most = half - 1
    return least


def _together_again(one: str, other: str, at: tuple[int, int]) -> tuple[int, int]:
    """Return where both go on alike, with as little as may be left out of either; their ends where they do not."""
    here, there = at
    reach = min(_WINDOW, len(other) - there)
    places = {other[there + step : there + step + _ANCHOR]: step for step in range(reach, -1, -1)}
    ways = [
        (step + places[anchor], here + step, there + places[anchor])
        for step in range(min(_WINDOW, len(one) - here) + 1)
        if (anchor := one[here + step : here + step + _ANCHOR]) in places
    ]
    if not ways:
        return len(one), len(other)
    _, *found = min(ways)
    return found[0], found[1]


def _length(gap: Gap) -> int:
    return max(end - begin for begin, end in zip(gap.begins, gap.ends, strict=True))


def _is_edge(gap: Gap, ours: str, theirs: str, lines: Collection[str]) -> bool:
    """Tell whether only one of the texts has something here, it is short, and stands at an end.

    A line of its own may also stand near an end: before it there may be the title, behind it the signature.
    """
    extra = [text[begin:end] for text, begin, end in zip((ours, theirs), gap.begins, gap.ends, strict=True)]
    if all(extra) or _length(gap) > EDGE:
        return False
    from_end = min(len(ours) - gap.ends[0], len(theirs) - gap.ends[1])
    distance = min(*gap.begins, from_end)
    return distance == 0 or (distance <= EDGE and "".join(extra) in lines)


def _tells(gap: Gap, ours: str, theirs: str) -> bool:
    """Tell whether a difference is of figures or names."""
    before, after = _AROUND
    sides = zip((ours, theirs), gap.begins, gap.ends, strict=True)
    one, other = (text[max(0, begin - before) : end + after] for text, begin, end in sides)
    return any(pattern.findall(one) != pattern.findall(other) for pattern in (_FIGURES, _NAMES))


def _is_renamed(gaps: list[Gap], ours: str, theirs: str) -> bool:
    """Tell whether the same words were put in the place of the same words twice: that is a name."""
    swaps = Counter((ours[gap.begins[0] : gap.ends[0]], theirs[gap.begins[1] : gap.ends[1]]) for gap in gaps)
    return any(count > 1 and all(swap) for swap, count in swaps.items())
