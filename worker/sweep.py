"""The sweep: looks for captured work that everybody forgot, and rings for it again; and ends waits that are over."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

import structlog

from shared.db import Ledger
from shared.queue import Bell
from worker.waiting import OVERDUE, USUAL

log = structlog.get_logger()

# More bells than this in the queue mean that workers are busy, not that bells were lost.
ENOUGH_BELLS = 500


@dataclass(frozen=True)
class SweepRules:
    """When a bell counts as lost."""

    ring_again_seconds: float
    attachments_wait_seconds: float = USUAL.wait_seconds
    """After this long, a notice that still waits for its files is read without them."""


class Sweeper:
    """Rings again for what is owed; the ledger says what that is."""

    def __init__(self, ledger: Ledger, bell: Bell, rules: SweepRules) -> None:
        """Wire the sweeper."""
        self._ledger = ledger
        self._bell = bell
        self._rules = rules

    def sweep(self) -> int:
        """Ring for each owed fetch whose bell is old and that nobody holds; return how many bells were rung.

        Ends at the first that nobody hears: the others would wait as long, each, for a queue that does not answer.
        """
        waiting = self._bell.waiting()
        if waiting is None or waiting >= ENOUGH_BELLS:
            return 0
        self._end_waits()
        with self._ledger.reading() as uow:
            now = uow.now()
            lost_before = now - timedelta(seconds=self._rules.ring_again_seconds)
            owed = [fetch.id for fetch in uow.fetches.owed(now, rung_before=lost_before, limit=ENOUGH_BELLS)]
        rung = list(takewhile(self._bell.ring, owed))
        if rung:
            with self._ledger.begin() as uow:
                uow.fetches.mark_rung(rung, uow.now())
                uow.commit()
            log.info("bells_rung_again", count=len(rung))
        return len(rung)

    def _end_waits(self) -> None:
        """Let the notices that have waited long enough, for their files or another address, be read without them."""
        with self._ledger.reading() as uow:
            patience = timedelta(seconds=self._rules.attachments_wait_seconds)
            overdue = uow.fetches.overdue(OVERDUE, uow.now() - patience, ENOUGH_BELLS)
        if overdue:
            with self._ledger.begin() as uow:
                uow.fetches.owe(overdue, uow.now())
                uow.commit()
            log.info("waits_ended", count=len(overdue))
