"""What a document means for a notice: a pure decision, by the newest thing known and the new observation.

never published + text          → Published      gone, confirmed and unlisted      → Withdrawn
other fingerprint               → Revised        back after a withdrawal           → Restored
same fingerprint, or gone once  → Unchanged      older than what was decided on    → Stale
"""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.states import NoticeState


@dataclass(frozen=True)
class Known:
    """The notice as it stands: its state, newest revision and the number of the newest fetch decided on."""

    state: NoticeState
    revision: int
    fingerprint: str
    fetch_number: int


@dataclass(frozen=True)
class Read:
    """A fetch that brought a text."""

    fetch_number: int
    fingerprint: str


@dataclass(frozen=True)
class Gone:
    """A fetch that found the page gone, with what is known of the visits just before it."""

    fetch_number: int
    confirmations: int
    """Visits in a row, this one included, that found it gone."""
    span: timedelta
    """Time from the first to the last of them."""
    still_listed: bool
    """Whether its column's listing, as last recorded, still shows it."""


@dataclass(frozen=True)
class WithdrawalRule:
    """How much must be seen before gone counts as withdrawn (never one visit)."""

    confirmations: int
    span: timedelta


@dataclass(frozen=True)
class Published:
    """The notice's first revision."""

    rule: str = "first-text"


@dataclass(frozen=True)
class Revised:
    """A further revision."""

    number: int
    rule: str = "other-text"


@dataclass(frozen=True)
class Unchanged:
    """Nothing to record but that it was looked at; `rule` says why."""

    rule: str


@dataclass(frozen=True)
class Withdrawn:
    """The notice is gone for good, as far as can be told."""

    rule: str = "gone-confirmed"


@dataclass(frozen=True)
class Restored:
    """The notice is back; `number` is set where its text is another than before."""

    number: int | None
    rule: str = "back"


@dataclass(frozen=True)
class Stale:
    """The fetch is older than one that was decided on already."""

    rule: str = "older-fetch"


Decision = Published | Revised | Unchanged | Withdrawn | Restored | Stale


def decide(known: Known | None, seen: Read | Gone, rule: WithdrawalRule) -> Decision:
    """Return what `seen` means for the notice `known` (None before its first revision)."""
    if known is not None and seen.fetch_number <= known.fetch_number:
        return Stale()
    if isinstance(seen, Gone):
        return _of_absence(known, seen, rule)
    if known is None:
        return Published()
    number = known.revision + 1 if seen.fingerprint != known.fingerprint else None
    if known.state is NoticeState.WITHDRAWN:
        return Restored(number)
    if number is None:
        return Unchanged("same-text")
    return Revised(number)


def _of_absence(known: Known | None, seen: Gone, rule: WithdrawalRule) -> Decision:
    if known is None:
        return Unchanged("never-published")
    if known.state is NoticeState.WITHDRAWN:
        return Unchanged("still-withdrawn")
    if seen.still_listed:
        return Unchanged("gone-but-listed")
    if seen.confirmations < rule.confirmations or seen.span < rule.span:
        return Unchanged("gone-unconfirmed")
    return Withdrawn()
