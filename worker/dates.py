"""What is told of promises and comment windows, on which day, and whether it is still so by then: pure decisions.

A promise falls due as its last day begins, and is overdue as the day after it begins; a window opens as its first day
begins, is closing some days before its last one, and has closed as the day after that begins. Days are those of China.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from shared.domain import events
from shared.domain.states import FINISHED, NoticeState
from shared.domain.zones import CHINA

LATE_AFTER = timedelta(hours=1)
"""What is told later than this after its time is marked as late."""


class Known(NamedTuple):
    """What is known of a promise or a window when its time has come."""

    day: str | None
    """Its day, by what notices say now; None where none says so any more."""
    status: str | None = None
    """Of the problem that was promised to be finished."""
    state: str = NoticeState.LIVE
    """Of the notice whose window it is."""
    opens_on: str | None = None


class Judgement(NamedTuple):
    """Whether it is told, and by which rule."""

    told: bool
    rule: str


def lateness(due_at: datetime, now: datetime) -> dict[str, bool | int]:
    """Return what an event says of how late it is told: at `now`, when it was to be at `due_at`."""
    late = now - due_at
    return {"late": late > LATE_AFTER, "late_seconds": max(0, int(late.total_seconds()))}


def offsets(closing_days: int) -> Mapping[str, int]:
    """Return how many days after the day that it is about each type is told, in the order of one day's events."""
    return {
        events.COMMENT_WINDOW_CLOSED: 1,
        events.COMMITMENT_OVERDUE: 1,
        events.COMMENT_WINDOW_OPENED: 0,
        events.COMMENT_WINDOW_CLOSING: -closing_days,
        events.COMMITMENT_DUE: 0,
    }


OF_PROMISES = (events.COMMITMENT_DUE, events.COMMITMENT_OVERDUE)
_OF_OPENINGS = (events.COMMENT_WINDOW_OPENED,)
_OF_ENDS = (events.COMMENT_WINDOW_CLOSING, events.COMMENT_WINDOW_CLOSED)
_RULES = {
    events.COMMITMENT_DUE: "day-arrived",
    events.COMMITMENT_OVERDUE: "day-passed-unfinished",
    events.COMMENT_WINDOW_OPENED: "day-arrived",
    events.COMMENT_WINDOW_CLOSING: "day-near",
    events.COMMENT_WINDOW_CLOSED: "day-passed",
}


def of_promise(day: str | None, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what is to be told of a promise, and the day that it is about, unless that had passed when it was read."""
    return _ahead(OF_PROMISES, day, now)


def of_window(opens_on: str | None, closes_on: str | None, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what is to be told of a window, each with its day, but for days that had passed when it was read."""
    yield from _ahead(_OF_OPENINGS, opens_on, now)
    yield from _ahead(_OF_ENDS, closes_on, now)


def _ahead(kinds: tuple[str, ...], day: str | None, now: datetime) -> Iterator[tuple[str, str]]:
    if day is not None and is_day(day) and day >= day_of(now):
        yield from ((kind, day) for kind in kinds)


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, in ISO 8601 with hyphens."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def missed(now: datetime) -> dict[str, str]:
    """Return the last day of each type that was to be told yesterday or before, however soon windows are closing."""
    return {kind: shifted(day_of(now), -1 - days) for kind, days in offsets(closing_days=0).items()}


def day_of(moment: datetime) -> str:
    """Return the day (ISO 8601) that it is in China at a moment."""
    return moment.astimezone(CHINA).date().isoformat()


def shifted(day: str, days: int) -> str:
    """Return the day so many days later; the last day of the calendar where there is none."""
    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def due_at(told_on: str, made_at: datetime) -> datetime:
    """Return when something was to be told: as its day began in China, or when it was first read, if that was later."""
    return max(datetime.combine(date.fromisoformat(told_on), time(), CHINA).astimezone(UTC), made_at)


def judge(kind: str, day: str, told_on: str, known: Known) -> Judgement:
    """Return whether what was to be told of `day` on the day `told_on` is still so; the first rule that holds wins."""
    if known.day is None:
        return Judgement(False, "no-longer-said")
    if known.day != day:
        return Judgement(False, "another-day")
    if kind in OF_PROMISES:
        return Judgement(False, "finished") if known.status in FINISHED else Judgement(True, _RULES[kind])
    if known.state == NoticeState.WITHDRAWN:
        return Judgement(False, "withdrawn")
    if kind == events.COMMENT_WINDOW_CLOSING and (known.opens_on or "") > told_on:
        return Judgement(False, "short-window")
    return Judgement(True, _RULES[kind])
