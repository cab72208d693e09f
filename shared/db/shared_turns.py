"""Turns that several host names share, because one server answers to them all.

The turn, the pause and the budget are those of the first name of a group. The others' rows show the same pause: for
people, and for the sieve that keeps hosts on hold out of a crawler's way.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from shared.db.turns import LONGEST_HOLD_SECONDS, SHOWN_FROM_SECONDS, Turn, Turns
from shared.db.uow import Ledger
from shared.errors import Invalid
from shared.urls import host_of


class SharedHosts:
    """Which names stand for one server."""

    def __init__(self, groups: Sequence[Sequence[str]] = ()) -> None:
        """Each of `groups` is of names on one server. Raises Invalid where a name is in two of them."""
        self._firsts: dict[str, str] = {}
        self._groups: Mapping[str, Sequence[str]] = {group[0]: group for group in groups}
        for group in groups:
            for name in group:
                if name in self._firsts:
                    raise Invalid(f"{name} shares a turn twice; name all that are on its server in one group")
                self._firsts[name] = group[0]

    @classmethod
    def parse(cls, text: str | None) -> "SharedHosts":
        """Read `www.a.example=a.example, b.example=c.example=d.example`. Raises Invalid."""
        groups = [part.split("=") for part in (text or "").split(",") if part.strip()]
        if any(len(group) < 2 for group in groups):
            raise Invalid("names on one server are written a.example=b.example, several groups with commas")
        return cls([[host_of(f"http://{name.strip()}/") for name in group] for group in groups])

    def turn_of(self, host: str) -> str:
        """Return the name whose turn, pause and budget hold for `host`."""
        return self._firsts.get(host, host)

    def others(self, host: str) -> Sequence[str]:
        """Return the other names of a group by its first."""
        return self._groups.get(host, (host,))[1:]


class SharedTurns:
    """Turns of which several names have one together."""

    def __init__(self, turns: Turns, hosts: SharedHosts, ledger: Ledger) -> None:
        """Hand out those of `turns`."""
        self._turns = turns
        self._hosts = hosts
        self._ledger = ledger

    @contextmanager
    def take(self, host: str) -> Iterator[Turn | None]:
        """See `Turns.take`."""
        first = self._hosts.turn_of(host)
        others = self._hosts.others(first)
        with self._turns.take(first) as turn:
            yield _SharedTurn(turn, others, self._ledger) if turn is not None and others else turn


class _SharedTurn:
    def __init__(self, turn: Turn, others: Sequence[str], ledger: Ledger) -> None:
        self._turn = turn
        self._others = others
        self._ledger = ledger

    def wait_seconds(self) -> float:
        return self._turn.wait_seconds()

    def begin(self, seconds: float) -> bool:
        return self._turn.begin(seconds)

    def hold_for(self, seconds: float) -> None:
        self._turn.hold_for(seconds)
        if seconds >= SHOWN_FROM_SECONDS:
            self._show(seconds)

    def _show(self, seconds: float) -> None:
        with self._ledger.begin() as uow:
            until = uow.now() + timedelta(seconds=min(seconds, LONGEST_HOLD_SECONDS))
            for name in self._others:
                uow.hosts.set_next_allowed(name, until)
            uow.commit()
