"""One fetch, processed: claim → see → compare → decide → record. Safe to ring for twice, or to be killed in."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.blobs import Blobs
from shared.db import Ledger, UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.domain.events import Fact
from shared.domain.states import Outcome, TargetKind
from shared.errors import LeaseLost, Permanent, Transient, Unavailable
from shared.identity import address_key
from shared.queue import Bell
from shared.urls import host_of
from worker.decide import (
    ABSENT,
    SETTLED,
    SOUGHT,
    Decision,
    Moved,
    Muted,
    Published,
    Restored,
    Revised,
    Unchanged,
    WithdrawalRule,
)
from worker.enter import held
from worker.kin import kin_of
from worker.pages import pages_of
from worker.read import Templates
from worker.record import Seen, record
from worker.see import Look, Sights, see
from worker.shelf import Shelf
from worker.waiting import FILES_AWAITED, FORMER_AWAITED, USUAL, WAITING, FileRules
from worker.weigh import Weighing, weigh
from worker.withhold import is_withheld

log = structlog.get_logger()

REST = timedelta(days=1)
"""Pause between two looks at a page that is muted, or known to be no notice: it is asked for in whole each time."""
ASKED_FIRST = "another of its pages waits for its word"
_NO_PAGE = {"page": {"status": None}}
TRIES = 10
"""Times that a notice is read while other workers decide on its other pages; each time, one of them got on."""


@dataclass(frozen=True)
class ProcessRules:
    """How long a worker holds a fetch, how often one may be tried, when gone means withdrawn, and what of files."""

    lease_seconds: float
    leases: int
    withdrawal: WithdrawalRule
    files: FileRules = USUAL


class Processor:
    """Processes fetches by id."""

    def __init__(self, ledger: Ledger, blobs: Blobs, bell: Bell, rules: ProcessRules) -> None:
        """Wire the processor; nothing is opened yet."""
        self._ledger = ledger
        self._sights = Sights(ledger, Shelf(ledger, blobs), rules.files, Templates())
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
                    look = see(self._sights, fetch, target)
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
            uow.notices.take_turns(look.pages.first.id, *look.homes, *_addresses(fetch, look))
            if pages_of(uow, fetch, target).mark != look.pages.mark or not _is_as_seen(uow, look):
                return False
            now = uow.now()
            decision: Decision
            facts: list[Fact] = []
            if isinstance(look.seen, Seen):
                uow.sketches.hold(look.seen.sketched.bands if look.seen.sketched else ())
                decision, facts = self._decided(uow, look.seen, now)
            else:
                decision = Unchanged(look.seen)
            if not _tell_pages(uow, target, look, decision):
                return False
            if look.asks is not None:
                uow.frontier.ask_at_once(look.asks, now, ASKED_FIRST)
            _owe_namesakes(uow, look, decision)
            marks = {"processed_at": now} | _names(decision)
            assert fetch.lease is not None
            if not uow.fetches.settle(fetch.id, fetch.lease, marks):
                raise LeaseLost(f"another worker holds {fetch.id} by now")
            if is_withheld(fetch):
                uow.fetches.let_pass(fetch.id)
            uow.commit()
        log.info("fetch_processed", fetch_id=fetch.id, events=[fact.type for fact in facts], **_words(decision))
        return True

    def _decided(self, uow: UnitOfWork, seen: Seen, now: datetime) -> tuple[Decision, list[Fact]]:
        kin = uow.notices.by_id(seen.kin_id) if seen.kin_id else None
        notice = held(uow, kin.target_id if kin else seen.target.id, seen.document)
        decision = weigh(Weighing(uow, seen, notice, self._rules.withdrawal))
        if isinstance(decision, Moved) and decision.url and not _is_free(uow, seen.target, decision.url, now):
            decision = decision.then
        facts = record(uow, decision, seen, notice, now)
        _arrange(uow, seen, decision, now)
        return decision, facts

    def _quarantine(self, fetch: Fetch, target: Target, reason: str) -> None:
        with self._ledger.begin() as uow:
            if target.parent_id is not None:
                uow.notices.take_turns(target.parent_id)
            uow.fetches.quarantine(fetch.id, reason, uow.now())
            if is_withheld(fetch):
                uow.fetches.let_pass(fetch.id)
            if target.parent_id is not None:
                owe_pages(uow, target.parent_id)
            uow.commit()
        log.warning("fetch_quarantined", fetch_id=fetch.id, reason=reason)

    def _ring_for_next(self, target: Target) -> None:
        """Ring for the next fetch of the target, whose bell may have rung while this one was still owed.

        And for one of its notice's first page, which may be owed again.
        """
        with self._ledger.reading() as uow:
            others = uow.frontier.namesakes(target) if target.parent_id is None else ()
            pages = [page for page in (target.id, target.parent_id, *others) if page is not None]
            waiting = [fetch_id for page in pages if (fetch_id := uow.fetches.next_owed(page)) is not None]
        for fetch_id in waiting:
            self._bell.ring(fetch_id)


def _tell_pages(uow: UnitOfWork, target: Target, look: Look, decision: Decision) -> bool:
    """Let the notice's further pages be those that it names now; False if one of them is something else by now."""
    now, first = uow.now(), look.pages.first
    if target.parent_id is not None and isinstance(look.seen, str) and look.seen not in WAITING:
        # Others may have waited for just this page or file, which brought nothing to go on with.
        owe_pages(uow, first.id)
    if look.names is None or not (look.names or look.pages.parts) or (isinstance(decision, Moved) and decision.url):
        return True
    # What changed on page 1 may have moved text to the others.
    at_once = target.parent_id is None and isinstance(decision, Revised | Restored | Moved)
    return uow.frontier.name_parts(first, look.names, now, at_once=at_once)


def _addresses(fetch: Fetch, look: Look) -> list[str]:
    """Return the keys of the addresses that the notice may have after this look: no two may be decided on at once."""
    source = look.pages.first.source_id
    return [f"{source} {address_key(url)}" for url in (look.pages.first.url, fetch.final_url) if url]


def _is_as_seen(uow: UnitOfWork, look: Look) -> bool:
    """Tell whether no notice came to, or left, the address since it was looked at; nor one that it may be."""
    if not isinstance(look.seen, Seen) or (look.seen.document or _NO_PAGE)["page"]["status"] != "notice":
        return True
    own = uow.notices.id_at(look.pages.first.id)
    now = [own] if own else [one.text.notice.id for one in kin_of(uow, look.pages.first, look.seen.fetch.started_at)]
    return now == list(look.notice_ids)


def _is_free(uow: UnitOfWork, target: Target, url: str, now: datetime) -> bool:
    """Tell whether a notice may live at `url`: it may be a detail's address, and is no other notice's."""
    found = uow.frontier.destination(target, Link(url, host_of(url)), now)
    return found is not None and uow.notices.id_at(found.id) is None


def _arrange(uow: UnitOfWork, seen: Seen, decision: Decision, now: datetime) -> None:
    """Let the next visits show what can only be seen by whole pages, and at what pace there is something to see."""
    brought_a_page = seen.fetch.outcome == Outcome.CAPTURED
    if isinstance(decision, Moved):
        decision = decision.then
    if isinstance(decision, Muted):
        uow.frontier.ask_anew(seen.target.id, not_before=now + REST, reason="it is muted: every visit changes it")
    elif decision.rule in ABSENT and brought_a_page:
        rests = now + REST if decision.rule in SETTLED else None
        uow.frontier.ask_anew(seen.target.id, not_before=rests, reason="to see whether it is back")
    if decision.rule == SOUGHT:
        uow.frontier.seek(seen.target.column_id, now)
    if decision.rule in ABSENT and decision.rule not in SETTLED:
        uow.frontier.look_at_former(seen.target.id, now)


def _owe_namesakes(uow: UnitOfWork, look: Look, decision: Decision) -> None:
    """Let those be decided on again that waited for the word of this address, which they may have been left for."""
    if isinstance(decision, Published) or look.asks is not None:
        return
    others = uow.frontier.namesakes(look.pages.first)
    parts = [part.id for other in others for part in uow.frontier.parts(other)]
    uow.fetches.owe_again([*others, *parts], [FORMER_AWAITED], uow.now())


def _names(decision: Decision) -> dict[str, str]:
    return {"decision": type(decision).__name__.lower(), "decision_rule": decision.rule}


def owe_pages(uow: UnitOfWork, first_id: str) -> None:
    """Let page 1 of a notice be decided on again if it waited for others, and a further page if it did for files."""
    now = uow.now()
    uow.fetches.owe_again([first_id], WAITING, now)
    parts = [part.id for part in uow.frontier.parts(first_id) if part.kind == TargetKind.PART]
    uow.fetches.owe_again(parts, [FILES_AWAITED], now)


def _words(decision: Decision) -> dict[str, str]:
    return {"decision": type(decision).__name__.lower(), "rule": decision.rule}
