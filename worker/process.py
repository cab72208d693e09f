"""One fetch, processed: claim → see → compare → decide → record. Safe to ring for twice, or to be killed in."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.blobs import Blobs
from shared.db import Ledger, UnitOfWork
from shared.db.models import Fetch, Notice, Target
from shared.domain.events import Fact
from shared.domain.states import NoticeState, Outcome
from shared.errors import LeaseLost, Permanent, Transient, Unavailable
from shared.queue import Bell
from worker.decide import (
    Decision,
    Gone,
    Known,
    OtherPage,
    Read,
    Restored,
    Revised,
    Unchanged,
    WithdrawalRule,
    decide,
)
from worker.enter import held
from worker.pages import NO_NOTICE, pages_of
from worker.record import Seen, record
from worker.see import AWAITED, Look, see
from worker.withhold import is_withheld

log = structlog.get_logger()

TRIES = 10
"""Times that a notice is read while other workers decide on its other pages; each time, one of them got on."""


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
            self._quarantine(fetch, target, f"not read in {self._rules.leases} tries")
        else:
            self._see_and_record(fetch, target)
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

    def _see_and_record(self, fetch: Fetch, target: Target) -> None:
        try:
            for _ in range(TRIES):
                try:
                    look = see(self._ledger, self._blobs, fetch, target)
                except Permanent as error:
                    self._quarantine(fetch, target, f"{type(error).__name__}: {error}")
                    return
                if self._decide_and_record(fetch, target, look):
                    return
            raise Unavailable(f"the other pages of {look.pages.first.id} were decided on meanwhile, {TRIES} times")
        except Transient:
            self._give_back(fetch)
            raise

    def _give_back(self, fetch: Fetch) -> None:
        """End the lease without counting it: that a server of ours is down is not the page's doing."""
        with suppress(Transient), self._ledger.begin() as uow:
            uow.fetches.release(fetch)
            uow.commit()

    def _decide_and_record(self, fetch: Fetch, target: Target, look: Look) -> bool:
        """Write what the look at `target` means; False (nothing written) if others moved its notice on meanwhile."""
        with self._ledger.begin() as uow:
            uow.notices.take_turns(look.pages.first.id)
            if pages_of(uow, fetch, target).mark != look.pages.mark:
                return False
            now = uow.now()
            decision: Decision
            facts: list[Fact] = []
            if isinstance(look.seen, Seen):
                uow.sketches.hold(look.seen.sketched.bands if look.seen.sketched else ())
                notice = held(uow, look.seen.target.id, look.seen.document)
                decision = self._decide(uow, look.seen, notice)
                facts = record(uow, decision, look.seen, notice, now)
            else:
                decision = Unchanged(look.seen)
            if not _tell_pages(uow, target, look, decision):
                return False
            marks = {
                "processed_at": now,
                "decision": type(decision).__name__.lower(),
                "decision_rule": decision.rule,
            }
            assert fetch.lease is not None
            if not uow.fetches.settle(fetch.id, fetch.lease, marks):
                raise LeaseLost(f"another worker holds {fetch.id} by now")
            if is_withheld(fetch):
                uow.fetches.let_pass(fetch.id)
            uow.commit()
        log.info("fetch_processed", fetch_id=fetch.id, events=[fact.type for fact in facts], **_words(decision))
        return True

    def _decide(self, uow: UnitOfWork, seen: Seen, notice: Notice | None) -> Decision:
        number, document = seen.number, seen.document
        latest = uow.notices.latest_revision(notice.id) if notice is not None else None
        known = None
        if notice is not None and latest is not None:
            known = Known(NoticeState(notice.state), latest.number, latest.fingerprint, notice.fetch_number)
        if document is None or seen.fingerprint is None:
            return decide(known, self._absence(uow, seen), self._rules.withdrawal)
        if document["page"]["status"] in NO_NOTICE:
            return decide(known, OtherPage(number, document["page"]["status"]), self._rules.withdrawal)
        again = seen.again.fingerprint if seen.again and latest and seen.again.revision_id == latest.id else None
        of_first_page = seen.fetch.target_id == seen.target.id
        return decide(known, Read(number, seen.fingerprint, again, of_first_page), self._rules.withdrawal)

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
        return Gone(seen.number, len(row), span, still_listed)

    def _quarantine(self, fetch: Fetch, target: Target, reason: str) -> None:
        with self._ledger.begin() as uow:
            if target.parent_id is not None:
                uow.notices.take_turns(target.parent_id)
            uow.fetches.quarantine(fetch.id, reason, uow.now())
            if is_withheld(fetch):
                uow.fetches.let_pass(fetch.id)
            if target.parent_id is not None:
                uow.fetches.owe_again(target.parent_id, AWAITED, uow.now())
            uow.commit()
        log.warning("fetch_quarantined", fetch_id=fetch.id, reason=reason)

    def _ring_for_next(self, target: Target) -> None:
        """Ring for the next fetch of the target, whose bell may have rung while this one was still owed.

        And for one of its notice's first page, which may be owed again.
        """
        with self._ledger.reading() as uow:
            pages = [page for page in (target.id, target.parent_id) if page is not None]
            waiting = [fetch_id for page in pages if (fetch_id := uow.fetches.next_owed(page)) is not None]
        for fetch_id in waiting:
            self._bell.ring(fetch_id)


def _tell_pages(uow: UnitOfWork, target: Target, look: Look, decision: Decision) -> bool:
    """Let the notice's further pages be those that it names now; False if one of them is something else by now."""
    now, first = uow.now(), look.pages.first
    if target.parent_id is not None and isinstance(look.seen, str) and look.seen != AWAITED:
        # Page 1 may have waited for just this page, which brought nothing to go on with.
        uow.fetches.owe_again(first.id, AWAITED, now)
    if look.names is None or not (look.names or look.pages.parts):
        return True
    # What changed on page 1 may have moved text to the others.
    at_once = target.parent_id is None and isinstance(decision, Revised | Restored)
    return uow.frontier.name_parts(first, look.names, now, at_once=at_once)


def _words(decision: Decision) -> dict[str, str]:
    return {"decision": type(decision).__name__.lower(), "rule": decision.rule}
