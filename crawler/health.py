"""What is wrong with a column's listing, judged by its own habit: silent, drifted or blocked. Pure.

A column is *blocked* while its listing cannot be had. That is told soon where somebody says so (a challenge, a login,
a rule of robots.txt), and otherwise (errors, 404, no such host, no robots.txt to be had) once it is likely, by its own
habit, that a notice was missed.

A listing *drifts* when it no longer reads as it did: it shows no or few links, or other ones, or none has a date any
more. Two looks must agree, for a page may be caught half-built. A redesign that goes on reading well becomes the usual
shape after some looks; one that shows nothing never does.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from crawler.schedule import Habit, Profile, moment_at
from crawler.silence import evidence_of_silence, is_silent
from shared.domain.states import Ailment, Outcome

DRIFTED_LOOKS = 2
USUAL_LOOKS = 6
"""A changed but readable listing is the usual one after so many looks."""
UNREAD_VISITS = 3
MISSED = 3.0
"""So many notices are to be expected of the time that a listing could not be read, before that is told: then it is
likely (19 in 20) that one was missed."""
SOONEST_HOURS, LATEST_HOURS = 24.0, 168.0
"""But never within a day of the first failure, for servers are mended overnight; and after a week in any case."""
FEW_OF = 8
FEW_SHARE = 0.25
DATED, UNDATED = 0.8, 0.2
PATTERN_SHARE = 0.2
NO_LINKS = "no links"


class Reading(NamedTuple):
    """What a listing's page showed: how many links, which share of them dated, and how most of their addresses look."""

    links: int
    dated: float
    patterns: tuple[str, ...]


NOTHING = Reading(0, 0.0, ())


class Shape(NamedTuple):
    """How a listing usually reads (None: it never showed a link), and how often in a row it did not."""

    usual: Reading | None = None
    odd_looks: int = 0
    oddity: str | None = None


class Unread(NamedTuple):
    """Since when (as by `hours_at`) no visit to a listing brought its list, and how many visits that were."""

    since: float
    visits: int


@dataclass(frozen=True)
class Look:
    """One look at a column's first page, and what is known of the column after it."""

    outcome: Outcome
    rule: str
    habit: Habit
    shape: Shape
    hours: float
    """When it was, as by `hours_at`."""
    unread: Unread | None = None
    """None after a look that brought the list."""
    missed: float = 0.0
    """Notices that are to be expected of the time that it could not be read."""
    status: int | None = None
    """Of the answer, if there was one."""
    reading: Reading | None = None
    """What the page showed; None where none came, or the one of the look before."""


@dataclass(frozen=True)
class Verdict:
    """Which ailments are there, with the evidence, and which certainly are not; of others nothing is known."""

    found: Mapping[Ailment, dict[str, Any]] = field(default_factory=dict)
    gone: Collection[Ailment] = ()


def reading_of(urls: Sequence[str], dated: int) -> Reading:
    """Return what a listing showed by its links' addresses and the number of those with a date."""
    if not urls:
        return NOTHING
    counted = Counter(pattern_of(url) for url in urls)
    common = sorted(pattern for pattern, count in counted.items() if count >= PATTERN_SHARE * len(urls))
    return Reading(len(urls), dated / len(urls), tuple(common[:5]))


def pattern_of(url: str) -> str:
    """Return an address with what differs from notice to notice taken out: the query's values, numbers, the name."""
    parts = urlsplit(url)
    folders, _, name = parts.path.rpartition("/")
    ending = name.rpartition(".")[2] if "." in name else ""
    return re.sub(r"\d+", "0", f"{parts.netloc}{folders}/{ending}")[:100]


def reshaped(shape: Shape, reading: Reading | None) -> Shape:
    """Return the shape after a look; `reading` None for a page that had not changed since the look before."""
    if reading is None:
        return shape._replace(odd_looks=shape.odd_looks + 1) if shape.oddity else shape
    oddity = oddity_of(shape.usual, reading)
    if oddity is None:
        return Shape(reading)
    odd_looks = shape.odd_looks + 1
    if reading.links and odd_looks >= USUAL_LOOKS:
        return Shape(reading)
    return Shape(shape.usual, odd_looks, oddity)


def shows_list(outcome: Outcome, links: int, shape: Shape) -> bool:
    """Tell whether a look brought the column's list, `shape` being how it read before."""
    return links > 0 or (outcome is Outcome.UNCHANGED and shape.oddity != NO_LINKS)


def unread_after(unread: Unread | None, hours: float) -> Unread:
    """Return how long a list was not to be had, after one more look without it."""
    return Unread(hours, 1) if unread is None else unread._replace(visits=unread.visits + 1)


def missed_by(unread: Unread | None, habit: Habit, hours: float, profile: Profile) -> float:
    """Return how many notices are to be expected of the time that a list could not be read, until `hours`."""
    return 0.0 if unread is None else habit.rate * profile.busy_hours(unread.since, hours)


def oddity_of(usual: Reading | None, now: Reading) -> str | None:
    """Return what is odd about a listing, in words, or None."""
    if not now.links:
        return NO_LINKS
    if usual is None:
        return None
    if usual.links >= FEW_OF and now.links < FEW_SHARE * usual.links:
        return f"{now.links} links where there were {usual.links}"
    if usual.dated >= DATED and now.dated <= UNDATED:
        return "links without dates where they had some"
    if usual.patterns and now.patterns and not set(usual.patterns) & set(now.patterns):
        return f"other addresses: {now.patterns[0]} where there was {usual.patterns[0]}"
    return None


def judge_health(look: Look) -> Verdict:
    """Return what a look tells of its column's health."""
    if look.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED):
        return Verdict({Ailment.BLOCKED: _evidence_of_block(look)} if _is_shut(look) else {})
    found: dict[Ailment, dict[str, Any]] = {}
    shape, habit = look.shape, look.habit
    if shape.oddity and shape.odd_looks >= DRIFTED_LOOKS:
        found[Ailment.DRIFTED] = _evidence_of_drift(shape.oddity, look)
    if not shape.oddity and is_silent(habit, look.hours):
        found[Ailment.SILENT] = evidence_of_silence(habit, look.hours)
    gone = [Ailment.BLOCKED]
    gone += [Ailment.DRIFTED] if not shape.oddity else []
    gone += [Ailment.SILENT] if habit.quiet == 0 else []
    return Verdict(found, gone)


def _is_shut(look: Look) -> bool:
    unread = look.unread
    if unread is None or unread.visits < UNREAD_VISITS:
        return False
    if look.outcome is Outcome.BLOCKED:
        return True
    hours = look.hours - unread.since
    return hours >= LATEST_HOURS or (hours >= SOONEST_HOURS and look.missed >= MISSED)


def _evidence_of_block(look: Look) -> dict[str, Any]:
    assert look.unread is not None
    return {
        "rule": look.rule,
        "status": look.status,
        "visits": look.unread.visits,
        "since": moment_at(look.unread.since).isoformat(timespec="seconds"),
        "missed": round(look.missed, 1),
    }


def _evidence_of_drift(oddity: str, look: Look) -> dict[str, Any]:
    usual, now = look.shape.usual, NOTHING if oddity == NO_LINKS else look.reading
    return {
        "oddity": oddity,
        "looks": look.shape.odd_looks,
        "usual_links": usual.links if usual else None,
        "usual_dated": round(usual.dated, 3) if usual else None,
        "links": now.links if now else None,
        "dated": round(now.dated, 3) if now else None,
    }


def stored_shape(shape: Shape) -> dict[str, Any]:
    """Return the shape as JSON."""
    usual = shape.usual
    return shape._asdict() | {"usual": usual._asdict() | {"patterns": list(usual.patterns)} if usual else None}


def restored_shape(kept: Mapping[str, Any] | None) -> Shape:
    """Return the shape that was stored; one that knows nothing where none was."""
    if not kept:
        return Shape()
    usual = kept["usual"]
    return Shape(**{**kept, "usual": Reading(**{**usual, "patterns": tuple(usual["patterns"])}) if usual else None})


def stored_unread(unread: Unread | None) -> dict[str, Any] | None:
    """Return it as JSON."""
    return None if unread is None else {"since": round(unread.since, 6), "visits": unread.visits}


def restored_unread(kept: Mapping[str, Any] | None) -> Unread | None:
    """Return what `stored_unread` stored."""
    return Unread(**kept) if kept else None
