"""Whether the wire works, judged by progress: what is owed and nobody takes, never by who claims to be alive. Pure.

A backlog at a slow site, a page that kills its reader or an endpoint that is down makes old rows too, but stalls
nothing; so the rules look at work that has been free to be taken, while nothing of its kind moved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# Red within 30 s of a stall: this, and at most 5 s for whoever asks.
STALL_SECONDS = 25.0
# A leader beats every 2 s.
BEAT_SECONDS = 15.0


@dataclass(frozen=True)
class FailingHost:
    """A host that failed last time: how often in a row, and how."""

    host: str
    failures: int
    error: str


@dataclass(frozen=True)
class LedgerFacts:
    """What one look at the ledger found; all times are seconds ago, None where there is nothing of the kind."""

    ages: Mapping[str, float | None]
    relay_beat: float | None
    last_position: int
    fetch_unclaimed: float | None
    delivery_unclaimed: float | None
    last_attempt: float | None
    neglected: bool
    """A target has been due, and its host free to be asked, for `STALL_SECONDS`."""
    last_fetch: float | None
    quarantined: int
    parked: int
    failing_hosts: Sequence[FailingHost] = ()
    column_warnings: Sequence[tuple[str, str]] = ()
    host_remarks: Sequence[tuple[str, str]] = ()
    ailing: Mapping[str, int] = field(default_factory=dict)
    """Columns with an open episode, by its kind."""
    days_missed: int = 0
    """Days of promises and windows that were to be told yesterday or before, and were not."""


def problems(facts: LedgerFacts) -> list[str]:
    """Return what stands still and what to do about it, in sentences; empty if everything moves."""
    return [sentence for _, rule in _RULES if (sentence := rule(facts)) is not None]


def checks(facts: LedgerFacts | None) -> dict[str, bool | None]:
    """Return of each kind of work whether it moves; None where that could not be found out."""
    if facts is None:
        return {name: None for name, _ in _RULES}
    return {name: not any(rule(facts) for other, rule in _RULES if other == name) for name, _ in _RULES}


def warnings(facts: LedgerFacts) -> list[str]:
    """Return what somebody should look at, though the wire works."""
    counts = {
        "host(s) failed last time; see failing_hosts": len(facts.failing_hosts),
        "column(s) read oddly; see column_warnings": len(facts.column_warnings),
        "host(s) want an operator's look; see host_remarks": len(facts.host_remarks),
        **{f"column(s) {kind}; see GET /v1/sources": count for kind, count in sorted(facts.ailing.items())},
        "day(s) of promises or windows were to be told before today; see the relay's log": facts.days_missed,
        "fetch(es) in quarantine could not be read": facts.quarantined,
        "delivery(ies) are parked; see GET /v1/deliveries?state=parked": facts.parked,
    }
    return [f"{count} {words}" for words, count in counts.items() if count]


def _nothing_for(seconds: float | None) -> bool:
    return seconds is None or seconds > STALL_SECONDS


def _relay(facts: LedgerFacts) -> str | None:
    if facts.relay_beat is None:
        return "no relay has ever led; start one: noticewire relay"
    if facts.relay_beat > BEAT_SECONDS:
        return f"no relay has led for {facts.relay_beat:.0f} s; start one: noticewire relay"
    return None


def _events(facts: LedgerFacts) -> str | None:
    waited = facts.ages.get("oldest_unrelayed_event")
    if waited is None or waited <= STALL_SECONDS:
        return None
    return f"events have waited {waited:.0f} s for the relay; see its log"


def _fetches(facts: LedgerFacts) -> str | None:
    if facts.fetch_unclaimed is None or facts.fetch_unclaimed <= STALL_SECONDS:
        return None
    return f"fetches have waited {facts.fetch_unclaimed:.0f} s for a worker; start or add one: noticewire work"


def _deliveries(facts: LedgerFacts) -> str | None:
    waited = facts.delivery_unclaimed
    if waited is None or waited <= STALL_SECONDS or not _nothing_for(facts.last_attempt):
        return None
    return f"deliveries have been due for {waited:.0f} s and none is attempted; start a relay: noticewire relay"


def _crawl(facts: LedgerFacts) -> str | None:
    if not facts.neglected or not _nothing_for(facts.last_fetch):
        return None
    since = "ever" if facts.last_fetch is None else f"for {facts.last_fetch:.0f} s"
    return f"pages are due but none was fetched {since}; start a crawler: noticewire crawl"


_RULES: tuple[tuple[str, Callable[[LedgerFacts], str | None]], ...] = (
    ("crawling", _crawl),
    ("reading", _fetches),
    ("relaying", _events),
    ("relaying", _relay),
    ("delivering", _deliveries),
)
"""What stands still, and of which kind of work that is."""
