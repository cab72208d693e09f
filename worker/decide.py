"""What a document means for a notice: a pure decision, by the newest thing known and the new observation.

never published + text          → Published      gone, confirmed and unlisted      → Withdrawn
other fingerprint               → Revised        back after a withdrawal           → Restored
same fingerprint, or gone once  → Unchanged      older than what was decided on    → Stale
no notice but another page      → Unchanged

Fingerprints are compared like with like: the reader may have changed since the latest revision was read, so where the
two differ, the older text was read again, and that is what the new one is held against.
"""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.states import NoticeState


@dataclass(frozen=True)
class Known:
    """The notice as it stands: its state, newest revision and how far it was looked at (by its pages' fetches)."""

    state: NoticeState
    revision: int
    fingerprint: str
    fetch_number: int


@dataclass(frozen=True)
class Read:
    """A fetch that brought a text."""

    fetch_number: int
    fingerprint: str
    again: str | None = None
    """The fingerprint of the latest revision, had today's reader read it; None where it was not read again."""
    of_first_page: bool = True
    """Whether the fetch was of its first page: what else is up does not make a withdrawn notice be back."""


@dataclass(frozen=True)
class OtherPage:
    """A fetch that brought a page, but no notice: a listing, or an error page that says it is well."""

    fetch_number: int
    status: str
    """`listing`, `gone` or `soft_404`."""


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


READ_ANEW = ("same-text-read-anew", "back-read-anew")
"""The rules by which the text is the one that is known, and only its reading is new: the known one is refreshed."""

Decision = Published | Revised | Unchanged | Withdrawn | Restored | Stale


def decide(known: Known | None, seen: Read | OtherPage | Gone, rule: WithdrawalRule) -> Decision:
    """Return what `seen` means for the notice `known` (None before its first revision)."""
    if known is not None and seen.fetch_number <= known.fetch_number:
        return Stale()
    if isinstance(seen, Gone):
        return _of_absence(known, seen, rule)
    if isinstance(seen, OtherPage):
        return Unchanged(f"page-{seen.status}")
    if known is None:
        return Published()
    return _of_text(known, seen)


def _of_text(known: Known, seen: Read) -> Decision:
    back = known.state is NoticeState.WITHDRAWN
    if back and not seen.of_first_page:
        return Unchanged("still-withdrawn")
    if seen.fingerprint == known.fingerprint:
        return Restored(None) if back else Unchanged("same-text")
    if seen.fingerprint == seen.again:
        same, returned = READ_ANEW
        return Restored(None, returned) if back else Unchanged(same)
    number = known.revision + 1
    return Restored(number) if back else Revised(number)


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
