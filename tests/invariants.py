"""The promises, as one function: called at the end of every e2e and resilience run, after a time of quiet.

I1 every text that stayed up is stored once, none that was never served   I2 one event per cause   I3 gapless positions
I4 every event reaches every active subscriber   I5 in order within a notice   I6 one id, one body
I7 polite at every host   I8 nothing that robots.txt forbids is asked for   I9 nothing is owed
I11 canaries on private addresses hear nothing
L1 what the latest revision of a notice says is entered, and only that   L2 a problem stands as the notices say, and so
ends its history   L3 a notice follows an earlier one about the same body   L4 a republication repeats an original
L5 a notice tells of its files what was extracted from their bytes
C1 a notice lives at one address, and those that it left lead there   C2 it is withdrawn by many visits, never by one
C3 a muted notice says why
What is promised of a whole run (I10, I12, I13) is in `endurance.py` beside this.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session, aliased

from services.simulation.prose import fingerprint as truth_fingerprint
from services.simulation.receipts import Receipt
from services.simulation.sink import Sink
from services.simulation.site import DisclosureSite
from services.simulation.witness import disallowed, hasty
from shared.db import Ledger
from shared.db.facets import FacetsOf
from shared.db.ledgers import Ledgers
from shared.db.models import (
    Account,
    Appointment,
    Delivery,
    Event,
    Fetch,
    FileText,
    Measure,
    Notice,
    Problem,
    RelayState,
    Revision,
    Searchable,
    Status,
    Subscription,
    Target,
)
from shared.db.subscriptions import filter_of
from shared.domain.filters import matches
from shared.domain.states import ContentMode, DeliveryState, SubscriptionState
from shared.envelope import envelope, request_of
from tests.servers.canaries import Canaries
from tests.told import events_tell_what_their_schemas_say
from worker.decide import ABSENT
from worker.follow import standing, written_on

MAKING = ("published", "revised", "restored", "moved")
"""Decisions that may make a revision (`worker.decide`)."""


class Subscriber(Protocol):
    """Whoever receives deliveries at `url`, and keeps receipts."""

    @property
    def url(self) -> str:
        """The address that was subscribed."""
        ...

    def receipts(self) -> list[Receipt]:
        """Return what was received, in order of arrival, whatever was answered."""
        ...


def assert_invariants(
    ledger: Ledger, site: DisclosureSite, sinks: Sequence[Sink], *, delay_seconds: float, crawl_period_seconds: float
) -> None:
    """Raise AssertionError with every promise that is broken; see `broken_promises`."""
    broken = broken_promises(
        ledger, site, sinks, delay_seconds=delay_seconds, crawl_period_seconds=crawl_period_seconds
    )
    assert not broken, "\n".join(broken)


def broken_promises(
    ledger: Ledger,
    site: DisclosureSite,
    sinks: Sequence[Sink],
    *,
    delay_seconds: float,
    crawl_period_seconds: float,
    wrong_clocks: Sequence[tuple[float, float]] = (),
) -> list[str]:
    """Return every promise that is broken, in words, its name first.

    `crawl_period_seconds`: a text that was up for less may be missed; no crawler sees what came and went in between.
    `wrong_clocks`: from when to when (monotonic seconds) a receiver may refuse what bears a wrong time.
    """
    with Session(ledger.engine) as session:
        broken = [
            *texts_are_stored_once(session, site.truth(), crawl_period_seconds),
            *one_event_per_cause(session),
            *visits_say_what_became_of_them(session),
            *positions_are_gapless(session),
            *nothing_is_owed(session),
            *entries_are_of_the_latest_revision(session),
            *problems_stand_as_notices_say(session),
            *followed_notices_are_earlier(session),
            *republications_repeat_originals(session),
            *notices_have_one_home(session, site.truth()),
            *withdrawals_were_confirmed(session),
            *mutes_have_a_reason(session),
            *files_are_told_as_extracted(session),
            *events_tell_what_their_schemas_say(session),
            *days_are_told_once(session),
        ]
        for sink in sinks:
            broken += receipts_are_complete_and_in_order(session, sink, wrong_clocks)
    log = site.log()
    broken += [f"I7 {line}" for line in hasty(log, delay_seconds)]
    broken += [f"I8 {line}" for line in disallowed(log)]
    return broken


def texts_are_stored_once(session: Session, truth: dict[str, Any], crawl_period_seconds: float) -> Iterator[str]:
    """I1: the stored texts of a notice are those that were served, in order; none that lasted is missing."""
    for told in truth["notices"]:
        if told["stirred"]:
            continue  # what is served at each visit is another text; that is not stored without end: C3
        stored = [truth_fingerprint(body.splitlines()) for body in _bodies(session, told["url"])]
        served = [revision["fingerprint"] for revision in told["revisions"]]
        for unknown in set(stored) - set(served):
            yield f"I1 {told['url']}: a text is stored that was never served ({unknown[:8]})"
        if any(before == after for before, after in pairwise(stored)):
            yield f"I1 {told['url']}: the same text is stored twice in a row"
        lasting = [one["fingerprint"] for one in told["revisions"] if _lived(one, told) >= crawl_period_seconds]
        if not _in_order(lasting, stored):
            yield f"I1 {told['url']}: {len(lasting)} texts lasted; not all of them are among the {len(stored)} stored"


def _bodies(session: Session, url: str) -> list[str]:
    query = select(Revision.document).join(Notice).where(Notice.url == url).order_by(Revision.number)
    return [str(document["body"]) for document in session.scalars(query)]


def _lived(revision: dict[str, Any], told: dict[str, Any]) -> float:
    """Return the seconds that a text was to be seen; the last one's end is the notice's withdrawal, or never."""
    end = revision["served_to_monotonic"]
    if end is None:
        if not told["up"]:
            return 0.0
        return float("inf")
    return float(end - revision["served_from_monotonic"])


def _in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(any(one == other for other in rest) for one in wanted)


def one_event_per_cause(session: Session) -> Iterator[str]:
    """I2: each stored revision has exactly one published, republished or revised event, and no cause has two."""
    wanted = set()
    for notice_id, number in session.execute(select(Revision.notice_id, Revision.number)):
        wanted.add(("notice.first" if number == 1 else "notice.revised", notice_id, f"revision/{number}"))
    found = [tuple(row) for row in session.execute(select(Event.type, Event.subject, Event.cause))]
    if len(found) != len(set(found)):
        yield "I2 two events have the same type, subject and cause"
    first = ("notice.published", "notice.republished")
    told = [("notice.first" if one[0] in first else one[0], *one[1:]) for one in found]
    told = [one for one in told if one[0] in ("notice.first", "notice.revised")]
    if len(told) != len(set(told)):
        yield "I2 a text was told both as new and as a republication"
    for one in wanted ^ set(told):
        yield f"I2 {'no event for' if one in wanted else 'an event without'} a revision: {one}"


def visits_say_what_became_of_them(session: Session) -> Iterator[str]:
    """I2: the visit that brought a revision says so; a worker whose lease was over has not written something else."""
    brought = select(Revision.id, Fetch.id, Fetch.decision).join(Fetch, Fetch.id == Revision.fetch_id)
    for revision_id, fetch_id, decision in session.execute(brought.where(Fetch.decision.not_in(MAKING))):
        yield f"I2 {revision_id} came of {fetch_id}, which says that it was {decision}"


def positions_are_gapless(session: Session) -> Iterator[str]:
    """I3: positions are 1, 2, 3 … to the last one handed out, and within a notice in order of recording."""
    rows = session.execute(select(Event.position, Event.partition_key, Event.serial).order_by(Event.position)).all()
    positions = [row[0] for row in rows]
    last = session.scalar(select(RelayState.last_position)) or 0
    if positions != list(range(1, len(rows) + 1)) or last != len(rows):
        yield f"I3 positions are not 1…{last} without a gap: {positions[:20]}…"
    latest: dict[str, int] = defaultdict(int)
    for position, key, serial in rows:
        if serial < latest[key]:
            yield f"I3 position {position} is out of the order in which {key} changed"
        latest[key] = max(latest[key], serial)


def nothing_is_owed(session: Session) -> Iterator[str]:
    """I9: every captured fetch is processed or quarantined, every delivery delivered or parked."""
    owed = Fetch.rung_at.is_not(None) & Fetch.processed_at.is_(None) & Fetch.quarantined_at.is_(None)
    for fetch_id in session.scalars(select(Fetch.id).where(owed)):
        yield f"I9 {fetch_id} is neither processed nor quarantined"
    for delivery_id in session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.DUE)):
        yield f"I9 {delivery_id} is neither delivered nor parked"


def canaries_heard_nothing(canaries: Canaries) -> Iterator[str]:
    """I11: nobody came to a private address, wherever an answer or an address led."""
    for address in canaries.heard:
        yield f"I11 somebody came to {address}"


def entries_are_of_the_latest_revision(session: Session) -> Iterator[str]:
    """L1: kind, accounts, measures and what can be searched are those of the latest revision's document."""
    for notice in session.scalars(select(Notice)):
        latest = select(Revision.document).where(Revision.notice_id == notice.id).order_by(Revision.number.desc())
        document = session.scalars(latest).first() or {}
        problems = [one for aspect in document.get("aspects") or () for one in aspect["problems"]]
        accounts = session.scalars(select(Account).where(Account.notice_id == notice.id).order_by(Account.number)).all()
        measures = select(Measure.problem_number, Measure.text).where(Measure.notice_id == notice.id)
        texts = session.scalars(select(Searchable.number).where(Searchable.notice_id == notice.id))
        told = {
            "kind": (notice.kind, document.get("kind")),
            "accounts": (
                [(one.number, one.title, one.status, one.text) for one in accounts],
                [(one["number"], one["title"], one["status"], one["text"]) for one in problems],
            ),
            "measures": (
                [tuple(row) for row in session.execute(measures.order_by(Measure.problem_number, Measure.number))],
                [(one["number"], text) for one in problems for text in one["measures"]],
            ),
            "searchable": (sorted(texts), [0, *(one["number"] for one in problems)]),
            "problems": (len({one.problem_id for one in accounts}), len(accounts)),
        }
        for name, (entered, said) in told.items():
            if entered != said:
                yield f"L1 {notice.id}: the {name} entered are not those of its latest revision"


def problems_stand_as_notices_say(session: Session) -> Iterator[str]:
    """L2: a problem that a notice names has the status that follows from the notices, and its history ends with it."""
    for problem in session.scalars(select(Problem)):
        told = list(Ledgers(session).told([problem.id]))
        if told and standing(told).status != problem.status:
            yield f"L2 {problem.id} is {problem.status}, but the notices say {standing(told).status}"
        history = select(Status.status).where(Status.problem_id == problem.id).order_by(Status.serial.desc())
        if session.scalars(history).first() != problem.status:
            yield f"L2 {problem.id} is {problem.status}, but its history ends otherwise"


def followed_notices_are_earlier(session: Session) -> Iterator[str]:
    """L3: links between notices lead back in time, and stay with the body."""
    earlier = aliased(Notice)
    for one, other in session.execute(select(Notice, earlier).join(earlier, earlier.id == Notice.follows_id)):
        days = [written_on(notice.signed_on, notice.published_at) or "" for notice in (other, one)]
        if one.inspected_key != other.inspected_key or days[0] >= days[1]:
            yield f"L3 {one.id} follows {other.id}, which is not an earlier notice about the same body"


def republications_repeat_originals(session: Session) -> Iterator[str]:
    """L4: what a republication repeats is no republication itself."""
    original = aliased(Notice)
    pairs = select(Notice.id, original.id).join(original, original.id == Notice.republishes_id)
    for one, other in session.execute(pairs.where(original.republishes_id.is_not(None))):
        yield f"L4 {one} repeats {other}, which repeats another one"


def notices_have_one_home(session: Session, truth: dict[str, Any]) -> Iterator[str]:
    """C1: notice and target agree on the address; what was left leads straight to it, and is no notice of its own."""
    for notice, target in session.execute(select(Notice, Target).join(Target, Target.id == Notice.target_id)):
        if notice.url != target.url or target.moved_to_id is not None:
            yield f"C1 {notice.id} is at {notice.url}, its target at {target.url}, which leads to {target.moved_to_id}"
    left = select(Target.url, Notice.id).join(Notice, Notice.target_id == Target.moved_to_id, isouter=True)
    for url, notice_id in session.execute(left.where(Target.moved_to_id.is_not(None))):
        if notice_id is None:
            yield f"C1 {url} leads to an address that is no notice's"
    for told in truth["notices"]:
        addresses = [told["url"], *told["previous_urls"]]
        ids = session.scalars(select(Notice.id).where(Notice.url.in_(addresses))).all()
        if len(ids) > 1:
            yield f"C1 {told['url']} moved, and is {len(ids)} notices now"


def withdrawals_were_confirmed(session: Session) -> Iterator[str]:
    """C2: before each withdrawal, two visits in a row at least found the notice gone; each withdrawal has its event."""
    for fetch in session.scalars(select(Fetch).where(Fetch.decision == "withdrawn")):
        before = select(Fetch.decision_rule).where(Fetch.target_id == fetch.target_id, Fetch.number < fetch.number)
        decided = before.where(Fetch.decision_rule.is_not(None)).order_by(Fetch.number.desc())
        if session.scalars(decided.limit(1)).first() not in ABSENT:
            yield f"C2 {fetch.id} withdrew a notice that the visit before had not found gone"
        told = select(Event.id).where(Event.type == "notice.withdrawn", Event.cause == fetch.id)
        if len(session.scalars(told).all()) != 1:
            yield f"C2 {fetch.id} withdrew a notice without telling"


def mutes_have_a_reason(session: Session) -> Iterator[str]:
    """C3: a notice is muted wholly or not at all, and then has no revision that was made while it was."""
    for notice in session.scalars(select(Notice)):
        if len({notice.muted_at is None, notice.muted_reason is None, notice.mute is None}) != 1:
            yield f"C3 {notice.id} is muted without saying why, or not muted and says so"
        latest = session.scalars(select(func.max(Revision.created_at)).where(Revision.notice_id == notice.id)).one()
        if notice.muted_at is not None and latest > notice.muted_at:
            yield f"C3 {notice.id} got a revision while it was muted"


def files_are_told_as_extracted(session: Session) -> Iterator[str]:
    """L5: what the latest revision tells of a file is what is kept of its bytes, and of others it says why."""
    for notice_id, document in latest_documents(session):
        for file in document.get("attachments") or ():
            if not file.get("digest"):
                if file.get("status") not in (None, "not_fetched") or (file.get("status") and not file["reason"]):
                    yield f"L5 {notice_id}: {file['url']} is {file['status']} without bytes or a reason"
                continue
            kept = session.get(FileText, file["digest"])
            told = (file["status"] == "read", file["type"], file["reason"])
            if kept is None or told != (kept.text is not None, kept.kind, kept.reason):
                yield f"L5 {notice_id}: {file['url']} is not told as its bytes were read"


def latest_documents(session: Session) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each notice's id and the document of its latest revision."""
    for notice_id in session.scalars(select(Notice.id)):
        latest = select(Revision.document).where(Revision.notice_id == notice_id).order_by(Revision.number.desc())
        yield notice_id, session.scalars(latest).first() or {}


def days_are_told_once(session: Session) -> Iterator[str]:
    """D1: what was judged to be told has its event, and there is no other dated event."""
    dated = or_(Event.type.startswith("commitment."), Event.type.startswith("comment_window."))
    told = Counter((one.type, one.cause.rpartition("/")[2]) for one in session.scalars(select(Event).where(dated)))
    rules = select(Appointment).where(Appointment.rule.startswith("day-"))
    judged = Counter((one.type, one.day) for one in session.scalars(rules))
    if told != judged:
        yield f"D1 told were {told - judged}, and not {judged - told}"


def reader_has_heard(
    session: Session, name: str, heard: Sequence[tuple[int, bytes]], after: int, kinds: Collection[str] = ()
) -> Iterator[str]:
    """I3, I4, I6 for one reader of a window that shows everything (or all of `kinds`) after a position: each once."""
    shown = Event.type.in_(kinds) if kinds else true()
    rows = session.scalars(select(Event).where(Event.position > after, shown).order_by(Event.position)).all()
    positions = [position for position, _ in heard]
    wanted = [event.position for event in rows]
    if positions != sorted(set(positions)):
        low = next(two for one, two in pairwise(positions) if two <= one)
        yield f"I3 {name} heard position {low} again, or after a higher one"
    if missing := sorted(set(wanted) - set(positions)):  # type: ignore[type-var]
        yield f"I4 {name} never heard {len(missing)} events: {missing[:10]}"
    bodies = {event.position: json.loads(envelope(event)) for event in rows}
    for position, body in heard:
        if bodies.get(position) != json.loads(body):
            yield f"I6 {name} heard another body at position {position} than its event has"


def receipts_are_complete_and_in_order(
    session: Session, sink: Subscriber, wrong_clocks: Sequence[tuple[float, float]] = ()
) -> Iterator[str]:
    """I4, I5, I6 for the one subscriber of a sink."""
    subscription = session.scalars(select(Subscription).where(Subscription.url == sink.url)).one()
    yield from subscriber_has_heard(session, subscription, sink.receipts(), wrong_clocks)


def subscriber_has_heard(
    session: Session,
    subscription: Subscription,
    receipts: Sequence[Receipt],
    wrong_clocks: Sequence[tuple[float, float]] = (),
) -> Iterator[str]:
    """I4, I5, I6 for one subscriber, by what it received."""
    receipts = [one for one in receipts if one.status]
    for one in receipts:
        if any(began <= one.monotonic <= ended for began, ended in wrong_clocks) and "timestamp" in (one.reason or ""):
            continue
        if not one.verified or one.flaws:
            yield f"I6 a delivery is not genuine: {one.webhook_id} {one.reason} {one.flaws}"
    yield from subscriber_was_told(session, subscription, [str(one.webhook_id) for one in receipts if one.accepted])
    yield from _one_body(session, receipts)


def subscriber_was_told(session: Session, subscription: Subscription, told: Sequence[str]) -> Iterator[str]:
    """I4, I5 for one subscriber, by the ids of the events that it was told of, in order, with what came again."""
    yield from _complete(session, subscription, set(told))
    yield from _ordered(session, subscription, told)


def _complete(session: Session, subscription: Subscription, told: Collection[str]) -> Iterator[str]:
    if subscription.state != SubscriptionState.ACTIVE:
        return
    parked = Delivery.state == DeliveryState.PARKED
    given_up = set(
        session.scalars(select(Delivery.event_id).where(Delivery.subscription_id == subscription.id, parked))
    )
    wanted = filter_of(subscription)
    events = session.scalars(select(Event).where(Event.position > subscription.starts_after)).all()
    for event, facets in zip(events, FacetsOf(session).events(events, wanted), strict=True):
        if matches(wanted, facets) and event.id not in told and event.id not in given_up:
            yield f"I4 event {event.position} ({event.type}) never reached {subscription.url}"


def _one_body(session: Session, receipts: Sequence[Receipt]) -> Iterator[str]:
    bodies: dict[str | None, set[str]] = defaultdict(set)
    for one in receipts:
        bodies[one.webhook_id].add(hashlib.sha256(one.body).hexdigest())
    for event in session.scalars(select(Event).where(Event.position.is_not(None))):
        seen = bodies.pop(event.id, set())
        if seen - {hashlib.sha256(request_of(event, mode)[1]).hexdigest() for mode in ContentMode}:
            yield f"I6 event {event.id} was sent with another body than it has"
    for unknown in bodies:
        yield f"I6 {unknown} was sent and is no event"


def _ordered(session: Session, subscription: Subscription, told: Sequence[str]) -> Iterator[str]:
    """First receipts within a notice come in order of position; what was redriven is exempt."""
    exempt = set(
        session.scalars(
            select(Delivery.event_id).where(Delivery.subscription_id == subscription.id, Delivery.out_of_order)
        )
    )
    rows = session.scalars(select(Event).where(Event.id.in_(set(told))))
    known = {one.id: (one.partition_key, one.position or 0) for one in rows}
    latest: dict[str, int] = {}
    for name in dict.fromkeys(one for one in told if one in known and one not in exempt):
        key, position = known[name]
        if position < latest.get(key, 0):
            yield f"I5 {key}: position {position} came after {latest[key]}"
        latest[key] = max(position, latest.get(key, 0))
