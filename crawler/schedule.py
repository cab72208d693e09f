"""When to look at a target again, and why then: pure, by what the last visits brought."""

from dataclasses import dataclass

from shared.domain.states import Outcome, TargetKind

DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Cadence:
    """The settings that the schedule goes by, all in seconds."""

    listing: float
    detail_first: float
    detail_last: float
    gone_again: float
    """Pause between the visits that confirm a page gone."""


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


@dataclass(frozen=True)
class Next:
    """When a target is due again (None: not until something asks for it), and the reason that is shown."""

    seconds: float | None
    reason: str


def next_visit(history: History, cadence: Cadence, luck: float) -> Next:
    """Return the next visit; `luck` in [0, 1) spreads visits by ±10 %, so that nothing stays synchronised."""
    planned = _planned(history, cadence)
    if planned.seconds is None:
        return planned
    return Next(planned.seconds * (0.9 + 0.2 * luck), planned.reason)


def _planned(history: History, cadence: Cadence) -> Next:
    first = cadence.listing if history.kind is TargetKind.LISTING else cadence.detail_first
    if history.outcome in (Outcome.FAILED, Outcome.BLOCKED):
        # Doubling from the usual pause, at most a day: a failure never stops a target for ever.
        return Next(
            min(first * 2 ** min(history.failures - 1, 20), max(first, DAY_SECONDS)), f"after {history.outcome}"
        )
    if history.kind is TargetKind.LISTING:
        if history.page > 1:
            return Next(None, "read once, until the first page shows something new")
        return Next(cadence.listing, "the column's usual pace")
    if history.outcome is Outcome.GONE:
        # A few visits to be sure, then ever fewer: what came back must still be noticed.
        pause = cadence.gone_again * 2 ** min(max(0, history.quiet_visits - 3), 20)
        return Next(min(pause, cadence.detail_last), "to see whether it is really gone")
    if history.outcome is Outcome.CAPTURED:
        return Next(cadence.detail_first, "it is new or has just changed")
    pause = cadence.detail_first * 2 ** min(history.quiet_visits, 30)
    return Next(min(pause, cadence.detail_last), f"unchanged {history.quiet_visits} times in a row")
