"""When to look at a target again, by what the last visits brought; a listing's usual pace is the timetable's word."""

from dataclasses import dataclass, field

from crawler.schedule.timetable import Budget, Next
from shared.domain.states import Outcome, TargetKind

DAY_SECONDS = 86_400.0
SOFT_WEIGHT = 0.5
SOFT_RULES = frozenset(
    {"rate-limited", "server-error", "timed-out", "unreachable", "maintenance", "truncated", "partial-content"}
)
"""Failures that say little of the page: the server was busy, or the way to it broken. They weigh half."""


@dataclass(frozen=True)
class Cadence:
    """The settings that the schedule goes by, all in seconds but the budget."""

    listing: float | None
    """A fixed pause between two looks at any listing; None: the timetable's, within the budget."""
    detail_first: float
    detail_last: float
    gone_again: float
    """Pause between the visits that confirm a page gone."""
    budget: Budget = field(default_factory=Budget)
    attachment_first: float = DAY_SECONDS
    """First look back at a file: they are large and hardly ever change."""

    @property
    def listing_average(self) -> float:
        """What two looks at a listing are apart, on the average."""
        return DAY_SECONDS / self.budget.looks_a_day if self.listing is None else self.listing


@dataclass(frozen=True)
class History:
    """A target's last visits, this one included."""

    kind: TargetKind
    page: int
    outcome: Outcome
    quiet_visits: int
    """Visits in a row that brought nothing new."""
    failures: int
    """Failures in a row."""
    rule: str = ""
    """The name of the rule that judged this one."""


def next_visit(history: History, cadence: Cadence, luck: float, planned: Next | None = None) -> Next:
    """Return the next visit; `planned` is what the timetable says of a listing's first page.

    `luck` in [0, 1) spreads visits by ±10 %, so that nothing stays synchronised; a planned one has its own phase.
    """
    usual = _usual(history, cadence)
    if usual is None:
        if planned is not None and cadence.listing is None:
            return planned
        usual = Next(cadence.listing_average, "the column's usual pace")
    if usual.seconds is None:
        return usual
    return Next(usual.seconds * (0.9 + 0.2 * luck), usual.reason)


def _usual(history: History, cadence: Cadence) -> Next | None:
    """Return the next visit, or None where the column's pace decides."""
    if history.kind is TargetKind.ATTACHMENT:
        return _of_file(history, cadence)
    if history.outcome in (Outcome.FAILED, Outcome.BLOCKED):
        return _after_failure(history, cadence)
    if history.kind is TargetKind.LISTING:
        return Next(None, "read once, until the first page shows something new") if history.page > 1 else None
    if history.outcome is Outcome.GONE:
        # A few visits to be sure, then ever fewer: what came back must still be noticed.
        pause = cadence.gone_again * 2 ** min(max(0, history.quiet_visits - 3), 20)
        return Next(min(pause, cadence.detail_last), "to see whether it is really gone")
    if history.outcome is Outcome.CAPTURED:
        return Next(cadence.detail_first, "it is new or has just changed")
    # Some ten looks in the first month, then one a month: a quiet notice costs little, and is never given up.
    pause = cadence.detail_first * 2 ** min(history.quiet_visits, 30)
    return Next(min(pause, cadence.detail_last), f"unchanged {history.quiet_visits} times in a row")


def _of_file(history: History, cadence: Cadence) -> Next:
    """Return when to look at a file again: rarely, but soon while a notice may be without its text."""
    first, reason = cadence.attachment_first, f"unchanged {history.quiet_visits} times in a row"
    if history.outcome is Outcome.CAPTURED:
        return Next(first, "it is new or has just changed")
    if history.outcome is not Outcome.UNCHANGED:
        # Ever more rarely then, for it may be too large for ever.
        first, reason = cadence.detail_first, f"after {history.outcome}"
    pause = first * 2 ** min(max(history.failures - 1, history.quiet_visits), 20)
    return Next(min(pause, cadence.detail_last), reason)


def _after_failure(history: History, cadence: Cadence) -> Next:
    """Return a pause that grows from the usual one to a day at most: a failure never stops a target for ever."""
    first = cadence.listing_average if history.kind is TargetKind.LISTING else cadence.detail_first
    soft = history.rule in SOFT_RULES
    growth = 2.0 ** (min(history.failures - 1, 20) * (SOFT_WEIGHT if soft else 1.0))
    reason = f"after {history.outcome}" + (f", which may pass: {history.rule}" if soft else "")
    return Next(min(first * growth, max(first, DAY_SECONDS)), reason)
