"""What a document means for a notice: a pure decision, by the newest thing known and the new observation.

never published + text          → Published      gone, confirmed and unlisted      → Withdrawn
other fingerprint               → Revised        back after a withdrawal           → Restored
same fingerprint, or gone once  → Unchanged      older than what was decided on    → Stale
no notice but another page      → Unchanged      another text at every visit       → Muted
found at another address        → Moved, and what its text means (worker/weigh.py has the evidence)

Fingerprints are compared like with like: the reader may have changed since the latest revision was read, so where the
two differ, the older text was read again, and that is what the new one is held against.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.states import NoticeState
from worker.listed import Doubt, Place
from worker.mute import Mute


@dataclass(frozen=True)
class Known:
    """The notice as it stands: its state, newest revision and how far it was looked at (by its pages' fetches)."""

    state: NoticeState
    revision: int
    fingerprint: str
    fetch_number: int
    mute: Mute | None = None
    """Set while the notice is muted."""


@dataclass(frozen=True)
class Read:
    """A fetch that brought a text."""

    fetch_number: int
    fingerprint: str
    again: str | None = None
    """The fingerprint of the latest revision, had today's reader read it; None where it was not read again."""
    of_first_page: bool = True
    """Whether the fetch was of its first page: what else is up does not make a withdrawn notice be back."""
    mute: Mute | None = None
    """Of a notice that is not muted: where its texts differ, if each of the last visits brought another one, and this
    one does too. Of a muted one: its mute, if this text differs only where it always does."""


@dataclass(frozen=True)
class OtherPage:
    """A fetch that brought a page that is neither a notice nor says that there is none: a listing."""

    fetch_number: int
    status: str


@dataclass(frozen=True)
class Gone:
    """A fetch that found the page gone, with what is known of the visits just before it."""

    fetch_number: int
    confirmations: int
    """Visits in a row, this one included, that found it gone."""
    span: timedelta
    """Time from the first to the last of them."""
    place: Place
    """What its column's listing says of it."""
    doubt: Doubt | None = None
    """What makes it likely that the site has changed, and not the notice."""


@dataclass(frozen=True)
class WithdrawalRule:
    """How much must be seen before gone counts as withdrawn (never one visit).

    Where no listing covers the notice, only its page speaks: then twice the visits must agree, over `beyond`. Where
    the site itself is in doubt, they must over `doubted`: redesigns and outages are over by then, or told.
    """

    confirmations: int
    span: timedelta
    beyond: timedelta = timedelta(days=3)
    doubted: timedelta = timedelta(days=14)

    def is_met(self, gone: Gone) -> bool:
        """Tell whether enough visits found the page gone, for long enough."""
        if gone.doubt is not None:
            return gone.confirmations >= 2 * self.confirmations and gone.span >= max(self.span, self.doubted)
        if gone.place is Place.BEYOND:
            return gone.confirmations >= 2 * self.confirmations and gone.span >= max(self.span, self.beyond)
        return gone.confirmations >= max(2, self.confirmations) and gone.span >= self.span


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
class Muted:
    """Another text, but only where the notice's texts always differ: nothing to tell; `mute` is remembered."""

    mute: Mute
    rule: str = "changes-at-every-visit"


@dataclass(frozen=True)
class Stale:
    """The fetch is older than one that was decided on already."""

    rule: str = "older-fetch"


READ_ANEW = ("same-text-read-anew", "back-read-anew")
"""The rules by which the text is the one that is known, and only its reading is new: the known one is refreshed."""


@dataclass(frozen=True)
class Moved:
    """The notice lives at another address now; what its text means there is decided on as ever."""

    then: "Published | Revised | Unchanged | Withdrawn | Restored | Muted | Stale | Moved"
    rule: str
    url: str | None = None
    """Where to; None if it is the address that was just looked at."""


SOUGHT = "gone-and-sought"
"""The rule by which the further pages of its listing are read for a notice that is gone beyond them: once."""
ABSENT = (
    "never-published",
    "still-gone",
    "gone-but-listed",
    "gone-while-its-listing-fails",
    *Doubt,
    SOUGHT,
    "gone-unconfirmed",
    "gone-beyond-its-listing",
    "gone-confirmed",
)
"""The rules by which a fetch found no notice, whatever page it brought."""
SETTLED = ("never-published", "still-gone")
"""Those of them after which there is nothing to confirm."""
HELD_STILL = "held-still"
"""The rule by which a muted notice is muted no longer, without a change."""
STILL_VISITS = 2
"""Visits in a row that must bring a muted notice's text again before it counts as holding still."""
RESTLESS_VISITS = 4
"""Visits in a row that each brought a revision, after which a further small one mutes the notice."""

Decision = Published | Revised | Unchanged | Withdrawn | Restored | Muted | Moved | Stale


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
    if known.mute is not None and not back:
        return _of_muted(known, known.mute, seen)
    if seen.fingerprint == known.fingerprint:
        return Restored(None) if back else Unchanged("same-text")
    if seen.fingerprint == seen.again:
        same, returned = READ_ANEW
        return Restored(None, returned) if back else Unchanged(same)
    number = known.revision + 1
    if back:
        return Restored(number)
    return Muted(seen.mute) if seen.mute else Revised(number)


def _of_muted(known: Known, mute: Mute, seen: Read) -> Decision:
    stored = seen.fingerprint in (known.fingerprint, seen.again)
    still = mute.still + 1 if seen.fingerprint == mute.fingerprint else 0
    if still >= STILL_VISITS:
        return Unchanged(HELD_STILL) if stored else Revised(known.revision + 1, HELD_STILL)
    if stored or seen.mute is not None:
        return Muted(replace(mute, fingerprint=seen.fingerprint, still=still), "still-muted")
    return Revised(known.revision + 1, "change-elsewhere")


def _of_absence(known: Known | None, seen: Gone, rule: WithdrawalRule) -> Decision:
    if known is None:
        return Unchanged("never-published")
    if known.state is NoticeState.WITHDRAWN:
        return Unchanged("still-gone")
    if seen.place is Place.LISTED:
        return Unchanged("gone-but-listed")
    if seen.place is Place.UNKNOWN:
        return Unchanged("gone-while-its-listing-fails")
    if seen.doubt is Doubt.COLUMN_AILS:
        return Unchanged(seen.doubt)
    if rule.is_met(seen):
        return Withdrawn()
    if seen.place is Place.BEYOND and seen.confirmations == rule.confirmations:
        return Unchanged(SOUGHT)
    return Unchanged(seen.doubt or ("gone-beyond-its-listing" if seen.place is Place.BEYOND else "gone-unconfirmed"))
