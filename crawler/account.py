"""A host's account of the day: requests begin only outside of its quiet hours and within its budget, counted ahead."""

from dataclasses import dataclass

from crawler.terms import Terms, day_of, quiet_seconds, seconds_to_next_day
from shared.db import Ledger, UnitOfWork
from shared.db.hosts import Allowance
from shared.db.turns import Turn

LOOK_AGAIN_SECONDS = 3600.0
"""Longest that a host is held for a budget or quiet hours, so that other terms hold soon after an operator set them."""


@dataclass(frozen=True)
class Wait:
    """No request may begin for `seconds`; `reason` is shown."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Bill:
    """A request that was counted: its host's day, and the bytes that were counted ahead for its body."""

    name: str
    allowance: Allowance
    size: int

    def settle(self, uow: UnitOfWork, came: int) -> None:
        """Count what really came instead; a request that ended without an answer keeps what was counted ahead."""
        uow.hosts.give_back(self.name, self.allowance.day, self.size - came)


class Account:
    """The account of one host, or of all names on one server."""

    def __init__(self, ledger: Ledger, name: str, terms: Terms) -> None:
        """Count in `ledger` under `name`, which is the turn's."""
        self._ledger = ledger
        self._name = name
        self._terms = terms

    def begin(self, turn: Turn, hold_seconds: float, size: int) -> Bill | Wait:
        """Write ahead in `turn` and in the account that a request begins, whose body has `size` bytes at most.

        Written in this order: killed in between, the host is left in peace for `hold_seconds`, and nothing was asked.
        """
        with self._ledger.reading() as uow:
            now = uow.now()
        if (quiet := quiet_seconds(self._terms, now)) > 0:
            turn.hold_for(max(min(quiet, LOOK_AGAIN_SECONDS), turn.wait_seconds()))
            return Wait(quiet, "the quiet hours of its host")
        if not turn.begin(hold_seconds):
            return Wait(turn.wait_seconds(), "the host's pause is not over")
        bill = Bill(self._name, Allowance(day_of(self._terms, now), self._terms.requests, self._terms.bytes), size)
        with self._ledger.begin() as uow:
            enough = uow.hosts.spend(self._name, bill.allowance, size)
            uow.commit()
        if enough:
            return bill
        rest = seconds_to_next_day(self._terms, now)
        turn.hold_for(min(rest, LOOK_AGAIN_SECONDS))
        return Wait(rest, "the day's budget of its host is spent")
