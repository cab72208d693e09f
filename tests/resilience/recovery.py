"""When what a blow broke has been made up for: the facts that show it, and how long each took."""

import os
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from shared.db.models import Event, Fetch, Target
from shared.errors import Unavailable
from tests.endurance import Struck
from tests.resilience.blow import Blow, Fact

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

GIVEN_UP_SECONDS = 90.0
DISRUPTING = frozenset({"processes", "queue", "database", "clocks", "origin", "health"})
"""Groups of blows that may hold up what befalls the line; a receiver holds up nobody but itself."""


class _Awaited(NamedTuple):
    blow: Blow
    struck: Struck
    fact: Fact


def strain() -> float:
    """Return how much longer things may take on this machine just now: half the load of each core, 1 at least."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 2)


class Recoveries:
    """Everything that is still to be made up for, and what has been."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab
        self.waiting: list[_Awaited] = []

    def expect(self, blow: Blow, struck: Struck) -> None:
        """The blow is over: from now on, watch for what shows that it has been made up for."""
        if blow.recovers is not None:
            with suppress(Unavailable):
                self.waiting.append(_Awaited(blow, struck, blow.recovers(self._lab)))

    def look(self) -> None:
        """See what has recovered, and what takes too long."""
        for one in list(self.waiting):
            took = time.monotonic() - (one.struck.over or 0.0)
            try:
                recovered = one.fact()
            except Unavailable:
                recovered = False
            if recovered:
                one.struck.recovered_seconds = took
                self.waiting.remove(one)
                self._judge(one, took)
            elif took > GIVEN_UP_SECONDS:
                self._give_up(one)

    def give_up(self) -> None:
        """Wait for nothing any more."""
        for one in list(self.waiting):
            self._give_up(one)

    def _give_up(self, one: _Awaited) -> None:
        self.waiting.remove(one)
        self._judge(one, time.monotonic() - (one.struck.over or 0.0))

    def _judge(self, one: _Awaited, took: float) -> None:
        """A recovery that took too long breaks a promise, unless other blows fell meanwhile and held it up."""
        undisturbed = time.monotonic() - self._last_disturbed(one)
        if min(took, undisturbed) > one.blow.within_seconds * strain():
            self._lab.say(f"recovery: {one.blow.name} (no. {one.struck.number}) was made up for in {took:.1f} s only")

    def _last_disturbed(self, one: _Awaited) -> float:
        others = [other for other in self._lab.log if other is not one.struck and other.group in DISRUPTING]
        return max((other.over or time.monotonic() for other in others), default=float("-inf"))


# Facts; each takes the lab when the blow is over, and returns what to look for from then on ---------------------------


def reading_again(lab: "Lab") -> Fact:
    """A fetch is processed."""
    since = _now(lab)
    return lambda: _scalar(lab, select(Fetch.id).where(Fetch.processed_at > since).limit(1))


def telling_again(lab: "Lab") -> Fact:
    """An event gets its position."""
    before = _scalar(lab, select(func.max(Event.position))) or 0
    return lambda: (_scalar(lab, select(func.max(Event.position))) or 0) > before  # type: ignore[operator]


def asking_again(lab: "Lab") -> Fact:
    """A request is made."""
    before = lab.rig.site.exchanges()
    return lambda: lab.rig.site.exchanges() > before


def all_at_work(lab: "Lab") -> Fact:
    """Pages are asked for, read and told of."""
    facts = [reading_again(lab), telling_again(lab), asking_again(lab)]
    return lambda: all(fact() for fact in facts)


def held_is_done(lab: "Lab") -> Fact:
    """Nothing is held any more by the leases of this moment."""
    now = _now(lab)
    with lab.looking() as session:
        fetches = set(session.scalars(select(Fetch.lease).where(Fetch.leased_until > now)))
        targets = set(session.scalars(select(Target.lease).where(Target.leased_until > now)))

    def is_done() -> bool:
        with lab.looking() as session:
            owed = Fetch.processed_at.is_(None) & Fetch.quarantined_at.is_(None)
            held = select(Fetch.id).where(Fetch.lease.in_(fetches), owed).limit(1)
            return not session.scalar(held) and not session.scalar(select(Target.id).where(Target.lease.in_(targets)))

    return is_done


def green_again(lab: "Lab") -> Fact:
    """Health says that everything moves."""
    since = time.monotonic()
    return lambda: lab.gauges.is_green(since)


def _now(lab: "Lab") -> datetime:
    """Return the ledger's time: the server's, or on SQLite this machine's."""
    with lab.rig.line.wiring.ledger.reading() as uow:
        return uow.now()


def _scalar(lab: "Lab", query: object) -> object:
    with lab.looking() as session:
        return session.scalar(query)  # type: ignore[call-overload]
