"""Which notice follows which, and how a problem stands by all that notices say of it: pure decisions.

A body that was inspected tells of its rectification more than once. The later notice follows the earlier one, whichever
of them was found first, so both decisions look at all that is known and none asks what came last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.domain.problems import Told
from worker.clean.text import key


@dataclass(frozen=True)
class Rectification:
    """A rectification notice, by what tells whose it is and of which inspection."""

    notice_id: str
    source_id: str
    on: str | None
    """The day it was signed or, without one, published (ISO 8601)."""
    body: str | None
    """The inspected body, by its key."""
    authority: str | None
    kind: str | None
    round: str | None
    begins: str | None
    ends: str | None


def written_on(signed_on: str | None, published_at: str | None) -> str | None:
    """Return the day that a notice is of, in ISO 8601."""
    return signed_on or (published_at or "")[:10] or None


def followed_by(notice: Rectification, others: Iterable[Rectification]) -> str | None:
    """Return the notice that `notice` follows: the newest of the earlier ones on the same inspection of its body.

    Of several of one day the one of its own source comes first, then the one that was seen first. None where it is of
    no day: then it is neither earlier nor later than another.
    """
    earlier = [other for other in others if _is_earlier(other, notice) and _of_one_inspection(other, notice)]
    if not earlier:
        return None
    newest = max(str(other.on) for other in earlier)
    of_that_day = [other for other in earlier if other.on == newest]
    return min(of_that_day, key=lambda other: (other.source_id != notice.source_id, other.notice_id)).notice_id


def _is_earlier(one: Rectification, other: Rectification) -> bool:
    return one.on is not None and other.on is not None and one.on < other.on


def _of_one_inspection(one: Rectification, other: Rectification) -> bool:
    return (
        one.body is not None
        and (one.body, one.authority, one.kind) == (other.body, other.authority, other.kind)
        and _agree(one.begins, other.begins)
        and _agree(one.ends, other.ends)
        and _agree_on_round(one.round, other.round)
    )


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _agree_on_round(one: str | None, other: str | None) -> bool:
    """Tell whether two rounds may be one: the term of the committee may stand before it, or not."""
    plain = key(one or ""), key(other or "")
    return plain[0].endswith(plain[1]) or plain[1].endswith(plain[0])


class Standing(NamedTuple):
    """How a problem stands; names as the table's."""

    notice_id: str
    """The earliest notice that names it: the title is its."""
    title: str
    status: str | None
    status_text: str | None
    due_by: str | None
    due_precision: str | None


def standing(told: Sequence[Told]) -> Standing:
    """Return how a problem stands by what notices say of it (at least one does).

    Each fact is from the latest notice that gives it: one that is silent about the status takes nothing back.
    """
    in_order = sorted(told, key=lambda one: (written_on(one.signed_on, one.published_at) or "", one.notice_id))
    first, latest_first = in_order[0], in_order[::-1]
    said = next((one for one in latest_first if one.status is not None), None)
    promised = next((one for one in latest_first if one.due_by or one.due), None)
    return Standing(
        notice_id=first.notice_id,
        title=first.title,
        status=said.status if said else None,
        status_text=said.status_text if said else None,
        due_by=(promised.due_by or promised.due) if promised else None,
        due_precision=promised.due_precision if promised else None,
    )
