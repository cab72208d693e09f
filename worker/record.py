"""Recording a decision: revision, notice, entries and events, all within the caller's one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.db import UnitOfWork
from shared.db.models import Fetch, Notice, Revision, Target
from shared.domain.events import (
    NOTICE_MOVED,
    NOTICE_PUBLISHED,
    NOTICE_REPUBLISHED,
    NOTICE_RESTORED,
    NOTICE_REVISED,
    NOTICE_WITHDRAWN,
    PROBLEM_STATUS_CHANGED,
    Fact,
)
from shared.domain.states import NoticeState
from shared.identity import address_key
from shared.ids import new_id
from worker.again import Again, refresh
from worker.decide import (
    HELD_STILL,
    READ_ANEW,
    RESTLESS_VISITS,
    Decision,
    Moved,
    Muted,
    Published,
    Restored,
    Revised,
    Stale,
    Withdrawn,
)
from worker.difference import difference, shortened
from worker.enter import Entry, StatusChange, enter
from worker.mute import Mute, reason_of
from worker.republish import Twin, keep, link, unlink
from worker.sketch import Sketched
from worker.telling import Origin, event_row, of_fetch, of_notice, of_problem, of_revision
from worker.withhold import facts_of, is_withheld


@dataclass(frozen=True)
class Seen:
    """What a fetch brought: its rows and, where there was a text, the document (as JSON) and its fingerprint."""

    fetch: Fetch
    """Of whichever page."""
    target: Target
    """Of the notice's first page."""
    document: dict[str, Any] | None
    fingerprint: str | None
    again: Again | None = None
    """The latest revision, read by the same reader, where their fingerprints were not the same and it could be read."""
    digests: tuple[str, ...] = ()
    """Of the snapshots that the text was read from, page 1's first."""
    number: int = 0
    """How far the notice was looked at by this fetch (`worker.pages.Pages.number`)."""
    sketched: Sketched | None = None
    """Of a text that is another than the latest revision's: what it is recognised by at other addresses."""
    kin_id: str | None = None
    """The notice of another address that this one is another address of; None where the address has its own."""
    files: dict[str, Any] = field(default_factory=dict)
    """What was known of its attachments, as a revision's row keeps it (`worker.files.to_store`)."""


def record(uow: UnitOfWork, decision: Decision, seen: Seen, notice: Notice | None, now: datetime) -> list[Fact]:
    """Write what `decision` says and return the facts that were recorded; the caller commits.

    The caller holds the bands of a new text, and the notice by `held`.
    """
    facts = _facts(uow, decision, seen, notice, now)
    republished = any(fact.type == NOTICE_REPUBLISHED for fact in facts)
    told_before = republished or (notice is not None and notice.republishes_id is not None)
    origin = Origin(seen.target.source_id, seen.target.column_id, now)
    uow.events.append([event_row(fact, origin) | {"republication": told_before} for fact in facts])
    return facts


def _facts(uow: UnitOfWork, decision: Decision, seen: Seen, notice: Notice | None, now: datetime) -> list[Fact]:
    if isinstance(decision, Published):
        notice = _new_notice(uow, seen, now)
        twin = link(uow, notice, seen.document or {}, seen.sketched)
        facts = _published(uow, notice, seen, twin or decision, now)
    elif notice is None or isinstance(decision, Stale):
        return []
    else:
        facts = _of_known(uow, decision, seen, notice, now)
    notice.fetch_number = seen.number
    notice.address_key = address_key(notice.url)
    if isinstance(decision, Moved):
        _settle_in(uow, notice, seen, decision)
    return facts


def _of_known(uow: UnitOfWork, decision: Decision, seen: Seen, notice: Notice, now: datetime) -> list[Fact]:
    facts: list[Fact] = []
    match decision:
        case Moved(then=then):
            facts = [_moved(uow, notice, seen, decision, now), *_facts(uow, then, seen, notice, now)]
        case Muted(mute=mute):
            _mute(notice, mute, now)
        case Revised(number=number):
            facts = _revised(uow, notice, seen, number, decision.rule, now)
        case Withdrawn():
            notice.state, notice.changed_at = NoticeState.WITHDRAWN, now
            facts = [Fact(NOTICE_WITHDRAWN, notice.id, seen.fetch.id, _visited(uow, notice, seen, decision.rule))]
        case Restored(number=number):
            notice.state, notice.changed_at = NoticeState.LIVE, now
            facts = [Fact(NOTICE_RESTORED, notice.id, seen.fetch.id, _visited(uow, notice, seen, decision.rule))]
            if number is not None:
                facts += _revised(uow, notice, seen, number, "other-text", now)
    if decision.rule in READ_ANEW:
        _refresh(uow, notice, seen)
    if decision.rule == HELD_STILL:
        _unmute(notice, now)
    return facts


def _moved(uow: UnitOfWork, notice: Notice, seen: Seen, decision: Moved, now: datetime) -> Fact:
    """Let the notice live at its new address; what it is told by comes after."""
    to = decision.url or seen.target.url
    told = {"from": notice.url, "to": to}
    notice.url, notice.address_key, notice.changed_at = to, address_key(to), now
    return Fact(NOTICE_MOVED, notice.id, seen.fetch.id, _visited(uow, notice, seen, decision.rule) | told)


def _settle_in(uow: UnitOfWork, notice: Notice, seen: Seen, decision: Moved) -> None:
    """Let the notice's own target be that of its new address, and its former one lead there."""
    before, after = notice.target_id, seen.target
    if decision.url is not None:
        found = uow.frontier.by_url(decision.url)
        assert found is not None  # `worker.process` has made it
        after = found
        notice.fetch_number = uow.fetches.looked_at([after.id]).get(after.id, 0)
    notice.target_id = after.id
    uow.frontier.move(before, after.id)


def _mute(notice: Notice, mute: Mute, now: datetime) -> None:
    if notice.muted_at is None:
        notice.muted_at, notice.changed_at = now, now
        notice.muted_reason = reason_of(mute, RESTLESS_VISITS + 1)
    notice.mute = mute.as_json()


def _unmute(notice: Notice, now: datetime) -> None:
    if notice.muted_at is not None:
        notice.muted_at, notice.changed_at = None, now
    notice.muted_reason = notice.mute = None


def _new_notice(uow: UnitOfWork, seen: Seen, now: datetime) -> Notice:
    document, target = seen.document or {}, seen.target
    notice = Notice(
        id=new_id("ntc"),
        source_id=target.source_id,
        column_id=target.column_id,
        target_id=target.id,
        url=target.url,
        address_key=address_key(target.url),
        state=NoticeState.LIVE,
        title=document.get("title"),
        published_at=document.get("published_at"),
        fetch_number=seen.number,
        first_seen_at=now,
        changed_at=now,
    )
    uow.notices.add(notice)
    return notice


def _append(uow: UnitOfWork, notice: Notice, seen: Seen, number: int, now: datetime) -> Revision:
    assert seen.document is not None
    assert seen.fingerprint is not None
    digest, *part_digests = seen.digests
    revision = Revision(
        id=new_id("rev"),
        notice_id=notice.id,
        number=number,
        fetch_id=seen.fetch.id,
        digest=digest,
        part_digests=part_digests or None,
        files=seen.files or None,
        fingerprint=seen.fingerprint,
        document=seen.document,
        created_at=now,
    )
    uow.notices.append_revision(revision)
    keep(uow, notice, number, seen.sketched)
    notice.changed_at = now
    _unmute(notice, now)
    return revision


def _published(uow: UnitOfWork, notice: Notice, seen: Seen, why: Published | Twin, now: datetime) -> list[Fact]:
    """Record the first revision: one event, whether the text is new or was told from another address before."""
    revision = _append(uow, notice, seen, 1, now)
    changes = enter(uow, Entry(notice, 1, now), revision.document)
    if isinstance(why, Twin):
        kind, told = NOTICE_REPUBLISHED, _telling(notice, revision, "same-text-elsewhere") | why.telling()
    else:
        kind, told = NOTICE_PUBLISHED, _telling(notice, revision, why.rule)
    if seen.target.backfill_id:
        told["backfilled"] = True  # old news: subscribers may want to be quiet about it
    return [Fact(kind, notice.id, "revision/1", told), *_status_changes(notice, revision, changes)]


def _revised(uow: UnitOfWork, notice: Notice, seen: Seen, number: int, rule: str, now: datetime) -> list[Fact]:
    before = uow.notices.latest_revision(notice.id)
    assert before is not None
    revision = _append(uow, notice, seen, number, now)
    unlink(uow, notice, revision.document)
    changes = enter(uow, Entry(notice, number, now), revision.document)
    # What the reader alone reads otherwise by now is no change of the text.
    compared = seen.again.document if seen.again and seen.again.revision_id == before.id else before.document
    if is_withheld(seen.fetch):
        compared = facts_of(compared)  # an earlier text that was kept is not told again
    data = _telling(notice, revision, rule) | {
        "previous": of_revision(before),
        "diff": difference(compared, revision.document),
    }
    revised = Fact(NOTICE_REVISED, notice.id, f"revision/{number}", data)
    return [revised, *_status_changes(notice, revision, changes, before)]


def _refresh(uow: UnitOfWork, notice: Notice, seen: Seen) -> None:
    assert seen.again is not None
    latest = uow.notices.latest_revision(notice.id)
    assert latest is not None
    refresh(uow, notice, latest, seen.again)


def _status_changes(
    notice: Notice, revision: Revision, changes: Sequence[StatusChange], before: Revision | None = None
) -> list[Fact]:
    telling = _telling(notice, revision, "other-status") | {"previous": of_revision(before) if before else None}
    return [
        Fact(
            PROBLEM_STATUS_CHANGED,
            notice.id,
            f"revision/{revision.number}/{change.problem_id}",
            telling | _turn(change),
        )
        for change in changes
    ]


def _turn(change: StatusChange) -> dict[str, Any]:
    return {
        "problem": of_problem(change.problem_id, change.title, change.number),
        "from": change.before,
        "to": change.after,
        "status_text": shortened(change.text),
    }


def _telling(notice: Notice, revision: Revision, rule: str) -> dict[str, Any]:
    return {"notice": of_notice(notice), "rule": rule, "revision": of_revision(revision)}


def _visited(uow: UnitOfWork, notice: Notice, seen: Seen, rule: str) -> dict[str, Any]:
    """Return the evidence of a visit that need not bring a text: what it found, and the last text that is known."""
    latest = uow.notices.latest_revision(notice.id)
    found = {"fetch": of_fetch(seen.fetch), "revision": of_revision(latest) if latest else None}
    return {"notice": of_notice(notice), "rule": rule} | found
