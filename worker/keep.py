"""The keeper: lets go of what the rules of retention no longer keep, a small batch at a time.

A step is one transaction, or (of snapshots) aside, asked about, deleted, and only then marked: killed between any two,
the next walk comes by again and counts it once. Revisions, their bytes and their fetches always stay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle

import structlog

from shared.blobs import Store
from shared.db import Ledger, UnitOfWork
from shared.db.retention import Batch

log = structlog.get_logger()

BATCH = 500
REST_SECONDS = 6 * 3600.0
"""Between the ends of all walks and the next ones."""
TOUCHED = timedelta(days=1)
"""Bytes that were put since may be named by a row that is not written yet."""
LIVED_SECONDS = 600.0
"""How often it is written down how far time has come."""
FASTER = 2.0
"""What was missed while nobody ran is caught up at this pace, and a clock that was set wrong is followed no faster."""
WHATS = ("events", "attempts", "visits", "snapshots", "episodes", "recrawls", "audit")


@dataclass(frozen=True)
class KeepRules:
    """Days that each is kept; 0: for ever."""

    events: int = 0
    attempts: int = 0
    visits: int = 0
    snapshots: int = 0
    audit: int = 0

    def days(self, what: str) -> int:
        """Return the days of one of `WHATS`: of what has none of its own, those of visits."""
        own: int = getattr(self, what, self.visits)
        return own


class Keeper:
    """Walks through what is old; the caller holds the leadership."""

    def __init__(self, ledger: Ledger, blobs: Store, rules: KeepRules) -> None:
        """Wire the keeper."""
        self._ledger = ledger
        self._blobs = blobs
        self._walks = [what for what in WHATS if rules.days(what)]
        self._rules = rules
        self._order = cycle(self._walks)
        self._what = next(self._order, None)
        self._after = ""
        self._ended = 0
        self._rests_until = float("-inf")
        self._lived: datetime | None = None
        self._lived_at = 0.0

    def keep(self) -> int:
        """Take one step of the walk that is under way; return how much went."""
        now = self._ledger.clock.monotonic()
        if self._what is None:
            return 0
        lived = self._live(now)
        if now < self._rests_until:
            return 0
        what = self._what
        before = lived - timedelta(days=self._rules.days(what))
        batch = self._snapshots(lived, before) if what == "snapshots" else self._rows(what, before)
        if batch.after is None:
            self._what, self._after = next(self._order), ""
            self._ended += 1
            if self._ended % len(self._walks) == 0:
                self._rests_until = now + REST_SECONDS
        else:
            self._after = batch.after
        if batch.gone:
            log.info("let_go", what=what, count=batch.gone)
        return batch.gone

    def _live(self, now: float) -> datetime:
        """Return how far time has come: no further than it can have while this process ran, whatever the clock says.

        A clock that is 400 days ahead for an hour must not make everything old.
        """
        if self._lived is None:
            self._lived_at = now
        elif now - self._lived_at < LIVED_SECONDS:
            return self._lived
        with self._ledger.begin() as uow:
            self._lived = uow.retention.live(uow.now(), FASTER * (now - self._lived_at))
            uow.commit()
        self._lived_at = now
        return self._lived

    def _rows(self, what: str, before: datetime) -> Batch:
        with self._ledger.begin() as uow:
            batch = self._drop(uow, what, before)
            uow.retention.count(what, batch.gone, uow.now())
            uow.commit()
        return batch

    def _drop(self, uow: UnitOfWork, what: str, before: datetime) -> Batch:
        kept = uow.retention
        if what in ("attempts", "visits"):
            walk = kept.drop_attempts if what == "attempts" else kept.drop_visits
            return walk(before, self._after, BATCH)
        drops = {"events": kept.drop_events, "episodes": kept.drop_episodes, "recrawls": kept.drop_recrawls}
        gone = drops.get(what, kept.drop_audit)(before, BATCH)
        return Batch(gone, "" if gone == BATCH else None)

    def _snapshots(self, lived: datetime, before: datetime) -> Batch:
        with self._ledger.reading() as uow:
            found, after = uow.retention.snapshots(before, self._after, BATCH)
            going = {one.digest for one in found} - uow.retention.needed({one.digest for one in found}, before)

        touched = (lived - TOUCHED).timestamp()
        gone = [one for one in sorted(going) if self._blobs.let_go(one, touched, partial(self._is_needed, one, before))]
        if gone:
            with self._ledger.begin() as uow:
                uow.retention.mark_let_go(gone, before, uow.now())
                uow.retention.count("snapshots", len(gone), uow.now())
                uow.commit()
        return Batch(len(gone), after)

    def _is_needed(self, digest: str, before: datetime) -> bool:
        with self._ledger.reading() as uow:
            return bool(uow.retention.needed({digest}, before))
