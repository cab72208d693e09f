"""A host's account of the day: requests begin only outside of its quiet hours and within its budget, counted ahead."""

from dataclasses import dataclass
from datetime import datetime

from crawler.terms import Terms, day_of, quiet_seconds, seconds_to_next_day
from shared.db import UnitOfWork
from shared.db.hosts import Allowance

LOOK_AGAIN_SECONDS = 3600.0
"""Longest that a host is held for a budget or quiet hours, so that other terms hold soon after an operator set them."""


@dataclass(frozen=True)
class Wait:
    """No request may begin for `seconds`; `reason` is shown."""

    seconds: float
    reason: str

    @property
    def hold_seconds(self) -> float:
        """For how long the host is to be left alone because of it."""
        return min(self.seconds, LOOK_AGAIN_SECONDS)


@dataclass(frozen=True)
class Bill:
    """A request that was counted: its host's day, and the bytes that were counted ahead for its body."""

    name: str
    allowance: Allowance
    size: int

    def settle(self, uow: UnitOfWork, came: int) -> None:
        """Count what really came instead; a request that ended without an answer keeps what was counted ahead."""
        uow.hosts.give_back(self.name, self.allowance.day, self.size - came)


@dataclass(frozen=True)
class Receipt:
    """What the ledger is still to be told of a request that was answered well.

    It is written with the visit. Should that never be, the request has cost the host's day all that was counted ahead.
    """

    bill: Bill
    came: int
    recovered: str | None
    """The host, where it is worth noting that it answers."""

    def enter(self, uow: UnitOfWork, now: datetime) -> None:
        """Write it down."""
        self.bill.settle(uow, self.came)
        if self.recovered is not None:
            uow.hosts.record_answer(self.recovered, failures=0, error=None, at=now)


def count(uow: UnitOfWork, name: str, terms: Terms, size: int, now: datetime) -> Bill | Wait:
    """Count a request ahead, whose body has `size` bytes at most, in the account of `name`, which is the turn's.

    It may begin once this is committed, and is counted whatever becomes of us.
    """
    if (quiet := quiet_seconds(terms, now)) > 0:
        return Wait(quiet, "the quiet hours of its host")
    bill = Bill(name, Allowance(day_of(terms, now), terms.requests, terms.bytes), size)
    if uow.hosts.spend(name, bill.allowance, size):
        return bill
    return Wait(seconds_to_next_day(terms, now), "the day's budget of its host is spent")
