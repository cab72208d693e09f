"""One fetch, processed: claim → read → fingerprint → decide → record. Safe to ring for twice, or to be killed in."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.blobs import Blobs
from shared.db import Ledger, UnitOfWork
from shared.db.models import Fetch, Notice, Target
from shared.domain.states import NoticeState, Outcome
from shared.errors import LeaseLost, NotFound, Permanent, Transient
from shared.queue import Bell
from worker.decide import Decision, Gone, Known, Read, WithdrawalRule, decide
from worker.fingerprint import fingerprint
from worker.read import Hints, read
from worker.record import Seen, record

log = structlog.get_logger()


@dataclass(frozen=True)
class ProcessRules:
    """How long a worker holds a fetch, how often one may be tried, and when gone means withdrawn."""

    lease_seconds: float
    leases: int
    withdrawal: WithdrawalRule


class Processor:
    """Processes fetches by id."""

    def __init__(self, ledger: Ledger, blobs: Blobs, bell: Bell, rules: ProcessRules) -> None:
        """Wire the processor; nothing is opened yet."""
        self._ledger = ledger
        self._blobs = blobs
        self._bell = bell
        self._rules = rules

    def process(self, fetch_id: str) -> None:
        """Process one fetch, if it is still owed; every result, also that it cannot be read, is a row.

        Raises `Transient` where a server of ours is down: the fetch is owed still, and the sweep rings for it again.
        """
        claimed = self._claim(fetch_id)
        if claimed is None:
            return
        fetch, target = claimed
        # Counted when leased: a page that kills its reader would otherwise be tried for ever.
        if fetch.leases > self._rules.leases:
            self._quarantine(fetch, f"not read in {self._rules.leases} tries")
        else:
            self._read_and_record(fetch, target)
        self._ring_for_next(target)

    def _claim(self, fetch_id: str) -> tuple[Fetch, Target] | None:
        with self._ledger.begin() as uow:
            fetch = uow.fetches.claim(fetch_id, uow.now(), self._rules.lease_seconds)
            if fetch is None:
                return None
            target = uow.frontier.by_id(fetch.target_id)
            uow.commit()
            assert target is not None
            return fetch, target

    def _read_and_record(self, fetch: Fetch, target: Target) -> None:
        try:
            try:
                seen = self._read(fetch, target)
            except Permanent as error:
                self._quarantine(fetch, f"{type(error).__name__}: {error}")
            else:
                self._decide_and_record(seen)
        except Transient:
            self._give_back(fetch)
            raise

    def _give_back(self, fetch: Fetch) -> None:
        """End the lease without counting it: that a server of ours is down is not the page's doing."""
        with suppress(Transient), self._ledger.begin() as uow:
            uow.fetches.release(fetch)
            uow.commit()

    def _read(self, fetch: Fetch, target: Target) -> Seen:
        if fetch.outcome == Outcome.GONE:
            return Seen(fetch, target, None, None)
        if fetch.digest is None:
            raise NotFound("a captured fetch names no snapshot")
        hints = Hints(title=target.hint_title, date=target.hint_date)
        document = read(self._blobs.get(fetch.digest), url=target.url, content_type=fetch.content_type, hints=hints)
        return Seen(fetch, target, document.as_json(), fingerprint(document))

    def _decide_and_record(self, seen: Seen) -> None:
        fetch = seen.fetch
        with self._ledger.begin() as uow:
            now = uow.now()
            notice = uow.notices.of_target(seen.target.id)
            decision = self._decide(uow, seen, notice)
            facts = record(uow, decision, seen, notice, now)
            marks = {
                "processed_at": now,
                "decision": type(decision).__name__.lower(),
                "decision_rule": decision.rule,
            }
            assert fetch.lease is not None
            if not uow.fetches.settle(fetch.id, fetch.lease, marks):
                raise LeaseLost(f"another worker holds {fetch.id} by now")
            uow.commit()
        log.info("fetch_processed", fetch_id=fetch.id, events=[fact.type for fact in facts], **_words(decision))

    def _decide(self, uow: UnitOfWork, seen: Seen, notice: Notice | None) -> Decision:
        known = _known(uow, notice)
        if seen.fingerprint is not None:
            return decide(known, Read(seen.fetch.number, seen.fingerprint), self._rules.withdrawal)
        return decide(known, self._absence(uow, seen), self._rules.withdrawal)

    def _absence(self, uow: UnitOfWork, seen: Seen) -> Gone:
        """Gather what the visits before tell: how often in a row, and for how long, the page was gone."""
        wanted = self._rules.withdrawal.confirmations
        visits = uow.fetches.recent_outcomes(seen.target.id, seen.fetch.number, wanted + 20)
        row = []
        for visit in visits:
            if visit.outcome != Outcome.GONE:
                break
            row.append(visit.started_at)
        column = uow.sources.column(seen.target.column_id)
        target = uow.frontier.by_id(seen.target.id)
        listed = column is None or target is None or column.listed_at is None or target.listed_at is None
        still_listed = listed or target.listed_at >= column.listed_at  # type: ignore[union-attr,operator]
        span = row[0] - row[-1] if row else timedelta()
        return Gone(seen.fetch.number, len(row), span, still_listed)

    def _quarantine(self, fetch: Fetch, reason: str) -> None:
        with self._ledger.begin() as uow:
            uow.fetches.quarantine(fetch.id, reason, uow.now())
            uow.commit()
        log.warning("fetch_quarantined", fetch_id=fetch.id, reason=reason)

    def _ring_for_next(self, target: Target) -> None:
        """Ring for the target's next fetch: its own bell may have rung while this one was still owed."""
        with self._ledger.reading() as uow:
            waiting = uow.fetches.next_owed(target.id)
        if waiting is not None:
            self._bell.ring(waiting)


def _known(uow: UnitOfWork, notice: Notice | None) -> Known | None:
    latest = uow.notices.latest_revision(notice.id) if notice is not None else None
    if notice is None or latest is None:
        return None
    return Known(NoticeState(notice.state), latest.number, latest.fingerprint, notice.fetch_number)


def _words(decision: Decision) -> dict[str, str]:
    return {"decision": type(decision).__name__.lower(), "rule": decision.rule}
