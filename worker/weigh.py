"""What the rows tell of a notice, gathered into the values that the decider takes; nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.db import UnitOfWork
from shared.db.models import Fetch, Notice, Revision
from shared.domain.states import NoticeState, Outcome
from shared.identity import address_key, family_of
from shared.urls import host_of
from worker.decide import (
    ABSENT,
    RESTLESS_VISITS,
    Decision,
    Gone,
    Known,
    Moved,
    OtherPage,
    Read,
    Stale,
    Unchanged,
    WithdrawalRule,
    decide,
)
from worker.listed import Company, Doubt, Listing, Place, doubt_of, place_of
from worker.mute import Mute, mute_of, stays_within
from worker.record import Seen

GONE_PAGES = ("gone", "soft_404")
"""What a page may say that stands where the notice was, whatever its status: as good as a 404."""
REDIRECTS_SEEN = 3
"""Visits in a row that must be led to the same address before that counts as the notice's own."""
_MORE_VISITS = 20


@dataclass(frozen=True)
class Weighing:
    """A look that is to be decided on: what was seen, and the notice that it is about, if there is one."""

    uow: UnitOfWork
    seen: Seen
    notice: Notice | None
    rule: WithdrawalRule


def weigh(one: Weighing) -> Decision:
    """Return what the look means."""
    seen = one.seen
    home = one.uow.frontier.by_id(seen.target.id)
    if home is not None and home.moved_to_id is not None and not seen.kin_id:
        return Unchanged("moved-away")
    latest = one.uow.notices.latest_revision(one.notice.id) if one.notice is not None else None
    known = _known(one.notice, latest)
    if seen.kin_id and known is not None:
        # The visits of another address are counted anew.
        read = replace(_read(one, latest), of_first_page=True)  # by whichever page it became whole
        then = decide(replace(known, fetch_number=-1), read, one.rule)
        return Moved(then, _kinship(seen.target.url, one.notice))
    if seen.document is None or seen.fingerprint is None or seen.document["page"]["status"] in GONE_PAGES:
        return decide(known, _absence(one), one.rule)
    if seen.document["page"]["status"] != "notice":
        return decide(known, OtherPage(seen.number, seen.document["page"]["status"]), one.rule)
    decision = decide(known, _read(one, latest), one.rule)
    rule = _redirected(one) if known is not None and not isinstance(decision, Stale) else None
    return Moved(decision, rule, seen.fetch.final_url) if rule else decision


def _kinship(url: str, notice: Notice | None) -> str:
    """Return the rule by which another address is that of the notice."""
    if notice is None or notice.address_key != address_key(url):
        return "took-its-line"
    return "same-article-id" if family_of(url) else "same-page"


def _known(notice: Notice | None, latest: Revision | None) -> Known | None:
    if notice is None or latest is None:
        return None
    mute = Mute.of_json(notice.mute) if notice.mute else None
    return Known(NoticeState(notice.state), latest.number, latest.fingerprint, notice.fetch_number, mute)


def _read(one: Weighing, latest: Revision | None) -> Read:
    seen = one.seen
    assert seen.fingerprint is not None
    again = seen.again.fingerprint if seen.again and latest and seen.again.revision_id == latest.id else None
    own = seen.fetch.target_id == seen.target.id
    differs = latest is not None and seen.fingerprint not in (latest.fingerprint, again)
    mute = _mute(one, latest) if latest is not None and differs and own else None
    return Read(seen.number, seen.fingerprint, again, own, mute)


def _mute(one: Weighing, latest: Revision) -> Mute | None:
    """Return where the notice's texts differ, this one included, as far as that is furniture."""
    seen, notice = one.seen, one.notice
    assert notice is not None
    assert seen.document is not None
    assert seen.fingerprint is not None
    if notice.mute:
        mute = Mute.of_json(notice.mute)
        stored = seen.again.document if seen.again and seen.again.revision_id == latest.id else latest.document
        return mute if stays_within(mute, stored, seen.document) else None
    visits = one.uow.fetches.visits(seen.target.id, seen.fetch.number, RESTLESS_VISITS)
    if len(visits) < RESTLESS_VISITS or any(visit.decision != "revised" for visit in visits):
        return None
    revisions = one.uow.notices.revisions(notice.id, after=max(0, latest.number - RESTLESS_VISITS))
    return mute_of([*(revision.document for revision in revisions), seen.document], seen.fingerprint)


def _redirected(one: Weighing) -> str | None:
    """Return the rule by which the notice lives where redirects led to, if it does: on its own host only."""
    fetch, target = one.seen.fetch, one.seen.target
    final = fetch.final_url
    if fetch.target_id != target.id or not final or final == target.url or host_of(final) != host_of(target.url):
        return None
    if fetch.moved_for_good:
        return "redirected-for-good"
    there = one.uow.frontier.by_url(final)
    if there and one.notice and one.notice.id in {each.id for each in one.uow.notices.replaced_by(there)}:
        return "redirected-to-its-line"
    visits = one.uow.fetches.visits(target.id, fetch.number, REDIRECTS_SEEN - 1)
    always = len(visits) == REDIRECTS_SEEN - 1 and all(visit.final_url == final for visit in visits)
    return "redirected-every-time" if always else None


def _absence(one: Weighing) -> Gone:
    """Gather what the visits before tell: how often in a row, and for how long, the page was gone; and its listing."""
    seen = one.seen
    visits = one.uow.fetches.visits(seen.target.id, seen.fetch.number, 2 * one.rule.confirmations + _MORE_VISITS)
    gone = [seen.fetch, *_absences(visits)]
    since = gone[-1].started_at
    span = max(timedelta(), seen.fetch.started_at - since)
    return Gone(seen.number, len(gone), span, _place(one, gone[-1]), _doubt(one, since))


def _doubt(one: Weighing, since: datetime) -> Doubt | None:
    """Return what makes it likely that the site has changed, and not the notice, gone since `since`."""
    uow = one.uow
    if one.notice is None or (target := uow.frontier.by_id(one.seen.target.id)) is None:
        return None
    own = uow.episodes.open_kinds(target.column_id)
    siblings = uow.episodes.open_kinds_of_source(target.source_id)
    companies = (Company(*uow.absences.vanished_with(target)), Company(*uow.absences.gone_since(target, since)))
    return doubt_of(own, siblings, companies)


def _absences(visits: Sequence[Fetch]) -> list[Fetch]:
    """Return the visits, from the newest on, that found no notice; what was unchanged is what was found before."""
    found: list[Fetch] = []
    unchanged: list[Fetch] = []
    for visit in visits:
        if visit.outcome == Outcome.UNCHANGED:
            unchanged.append(visit)
        elif visit.outcome == Outcome.GONE or visit.decision_rule in ABSENT:
            found += [*unchanged, visit]
            unchanged = []
        else:
            break
    return found


def _place(one: Weighing, first: Fetch) -> Place:
    target = one.uow.frontier.by_id(one.seen.target.id) or one.seen.target
    column, page = one.uow.sources.column(target.column_id), one.uow.frontier.listing_of(target.column_id)
    if column is None or page is None:
        return Place.UNKNOWN
    others = column.listed_at is None or one.uow.frontier.others_unlisted(column.id, target.id, column.listed_at)
    listing = Listing(
        outcome=page.last_outcome,
        looked_at=column.looked_at,
        listed_at=column.listed_at,
        covered_from=column.covered_from,
        whole=column.covered_to_end and not others,
        warned=column.warning is not None,
        shown_at=one.uow.frontier.shown_at(target.id),
        day=target.hint_date,
    )
    return place_of(listing, first.started_at)
