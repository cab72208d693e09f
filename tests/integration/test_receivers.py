"""Receivers that fail in every way we know: all events arrive, in order within a notice, one body for each id.

I4 every event arrives   I5 in order within a notice, at first receipt   I6 one id, one body   I11 canaries hear nothing
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.desk.delivering import limit, redrive
from services.desk.keys import rotate
from services.desk.subscribing import find, pause, resume, unsubscribe
from services.simulation.receipts import Receipt
from shared.db import Ledger
from shared.db.models import Delivery, Event, Subscription
from shared.domain.states import DeliveryState, Scheme, SubscriptionState
from shared.http import KeptHttp
from tests.integration.scene import BOX, event, rows, together
from tests.integration.test_courier import subscribed
from tests.servers.canaries import Canaries, listening
from tests.servers.subscriber import Sink
from tests.unit.worker.test_sign import verify_v1a
from worker.deliver.courier import Courier, CourierRules
from worker.relay import Relay

FORMS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y")
NOTICES = 8


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


@pytest.fixture
def http() -> Iterator[KeptHttp]:
    one = KeptHttp(16)
    yield one
    one.close()


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    with listening() as them:
        yield them


def quick(ledger: Ledger, http: KeptHttp, total_seconds: float = 5) -> Courier:
    rules = CourierRules(threads=8, total_seconds=total_seconds, schedule_scale=1e-5, user_agent="noticewire/test")
    return Courier(ledger, http, BOX, rules)


def publish(ledger: Ledger, start: int = 0, rounds: int = 2) -> None:
    """Record and relay some events of each of a few notices, in turns."""
    for number in range(start, start + rounds):
        for notice in range(NOTICES):
            event(ledger, f"ntc_{notice}", f"revision/{number}")
    Relay(ledger).relay()


def bring_all(ledger: Ledger, one: Courier) -> None:
    while rows(ledger, Delivery, state=DeliveryState.DUE):
        one.bring()
    one.close()


def assert_kept(ledger: Ledger, sink: Sink, accepted: int) -> None:
    """I4, I5, I6, signatures and envelopes of what a sink received."""
    receipts = sink.receipts()
    taken = [one for one in receipts if one.accepted]
    assert len({one.webhook_id for one in taken}) == accepted
    assert all(one.verified for one in receipts)
    assert len({(one.webhook_id, one.body) for one in receipts}) == len({one.webhook_id for one in receipts})
    for receipt in receipts:
        assert receipt.flaws == []
    for notice in {one.subject for one in receipts}:
        order = first_positions([one for one in taken if one.subject == notice])
        assert order == sorted(order), notice


def first_positions(receipts: list[Receipt]) -> list[int]:
    """Return the positions of events in the order in which they were first received."""
    seen: dict[int, None] = {}
    for one in receipts:
        seen.setdefault(int(one.event["sequence"]))
    return list(seen)


def retry_after(form: str) -> str:
    return (datetime.now(UTC) + timedelta(seconds=1)).strftime(form)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "failures",
    [
        [{"kind": "status", "status": 503, "times": 9}, {"kind": "status", "status": 500, "times": 5}],
        [{"kind": "reset", "times": 6}],
        [{"kind": "acknowledge_and_reset", "times": 6}],
        [{"kind": "slow", "seconds": 0.2, "times": 4}, {"kind": "hang", "seconds": 2, "times": 2}],
        [{"kind": "status", "status": 429, "retry_after": value, "times": 1} for value in ("1", "0", "garbage", "-3")],
        [{"kind": "status", "status": 429, "retry_after": form, "times": 1} for form in FORMS],
        [{"kind": "status", "status": 302, "location": "http://169.254.169.254/", "times": 5}],
        [{"kind": "status", "status": 503, "subject": "ntc_3", "times": 6}],
    ],
    ids=["down", "reset", "acknowledges-and-resets", "slow", "429", "429-until", "302", "one-notice"],
)
def test_whatever_a_receiver_does_everything_arrives_in_order(
    ledger: Ledger, sink: Sink, http: KeptHttp, failures: list[dict[str, Any]]
) -> None:
    subscribed(ledger, sink)
    for failure in failures:
        how = dict(failure)
        if how.get("retry_after") in FORMS:
            how["retry_after"] = retry_after(how["retry_after"])
        sink.fail(how.pop("kind"), **how)
    publish(ledger)
    bring_all(ledger, quick(ledger, http, total_seconds=1))
    assert_kept(ledger, sink, 2 * NOTICES)
    assert {one.state for one in rows(ledger, Delivery)} == {DeliveryState.DELIVERED}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("form", [None, *FORMS], ids=["seconds", "imf-fixdate", "rfc-850", "asctime"])
@pytest.mark.parametrize("status", [429, 503])
def test_nothing_of_a_notice_is_sent_before_what_retry_after_asks_is_over(
    ledger: Ledger, sink: Sink, http: KeptHttp, status: int, form: str | None
) -> None:
    subscribed(ledger, sink)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    sink.fail("status", status=status, retry_after=1 if form is None else until.strftime(form), times=1)
    publish(ledger)
    bring_all(ledger, quick(ledger, http))
    assert_kept(ledger, sink, 2 * NOTICES)
    refused = next(one for one in sink.receipts() if one.status == status)
    after = [one for one in sink.receipts()[refused.number :] if one.subject == refused.subject]
    assert after[0].webhook_id == refused.webhook_id
    if form is None:
        assert after[0].monotonic - refused.monotonic >= 1.0
    else:
        assert datetime.fromisoformat(after[0].received_at) >= until


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("status", "rests"), [(429, True), (503, False)])
def test_who_is_asked_too_often_hears_nothing_at_all_until_retry_after_is_over(
    ledger: Ledger, sink: Sink, http: KeptHttp, status: int, rests: bool
) -> None:
    """What one notice makes the endpoint answer holds up no other; that it is asked too often is said of all."""
    limit(ledger, subscribed(ledger, sink).id, rate_per_minute=None, concurrency=1)
    sink.fail("status", status=status, retry_after=1, times=1)
    publish(ledger)
    bring_all(ledger, quick(ledger, http))
    assert_kept(ledger, sink, 2 * NOTICES)
    refused = next(one for one in sink.receipts() if one.status == status)
    soon = [one for one in sink.receipts()[refused.number :] if one.monotonic - refused.monotonic < 1.0]
    assert (soon == []) is rests


@pytest.mark.timeout(120)
def test_who_answers_410_hears_no_more_and_everything_it_missed_once_it_is_enabled_and_redriven(
    ledger: Ledger, sink: Sink, http: KeptHttp
) -> None:
    to = subscribed(ledger, sink)
    sink.fail("status", status=410)
    publish(ledger)
    one = quick(ledger, http)
    while rows(ledger, Delivery, state=DeliveryState.DUE):
        one.bring()
    heard = len(sink.receipts())
    publish(ledger, start=2, rounds=1)
    assert one.bring() == 0
    assert len(sink.receipts()) == heard
    assert find(ledger, to.id).state == SubscriptionState.DISABLED
    resume(ledger, to.id)
    missed = len(rows(ledger, Delivery, state=DeliveryState.PARKED))
    assert len(redrive(ledger, to.id)) == missed
    bring_all(ledger, one)
    accepted = {receipt.webhook_id for receipt in sink.receipts() if receipt.accepted}
    assert accepted == {event.id for event in rows(ledger, Event)}


@pytest.mark.timeout(120)
def test_a_notice_that_always_fails_is_parked_and_the_others_never_wait(
    ledger: Ledger, sink: Sink, http: KeptHttp
) -> None:
    subscribed(ledger, sink)
    sink.fail("status", status=500, subject="ntc_3", times=None)
    publish(ledger)
    bring_all(ledger, quick(ledger, http))
    assert_kept(ledger, sink, 2 * (NOTICES - 1))
    parked = rows(ledger, Delivery, state=DeliveryState.PARKED)
    assert {(one.partition_key, one.attempts) for one in parked} == {("ntc_3", 11)}
    others = [one.number for one in sink.receipts() if one.accepted]
    failed = [one.number for one in sink.receipts() if one.subject == "ntc_3"]
    assert max(others) < max(failed)


@pytest.mark.timeout(120)
def test_no_redirect_leads_a_delivery_to_a_private_address(
    ledger: Ledger, sink: Sink, http: KeptHttp, canaries: Canaries
) -> None:
    subscribed(ledger, sink)
    for status in (301, 302, 303, 307, 308):
        sink.fail("status", status=status, location=canaries.url, times=2)
    publish(ledger, rounds=1)
    one = quick(ledger, http)
    while len({receipt.webhook_id for receipt in sink.receipts() if receipt.accepted}) < NOTICES:
        one.bring()
    one.close()
    assert canaries.heard == []


@pytest.mark.timeout(120)
def test_a_secret_rotated_in_the_middle_leaves_nothing_unverified(ledger: Ledger, sink: Sink, http: KeptHttp) -> None:
    to = subscribed(ledger, sink)
    one = quick(ledger, http)
    publish(ledger, rounds=1)
    one.bring()
    _, new = rotate(ledger, BOX, to.id, grace_seconds=60)
    publish(ledger, start=1, rounds=1)
    while len(sink.receipts()) < NOTICES:
        one.bring()
    assert new is not None
    changed, _ = rotate(ledger, BOX, to.id, grace_seconds=60, scheme=Scheme.ED25519)
    publish(ledger, start=2, rounds=1)
    bring_all(ledger, one)
    assert_kept(ledger, sink, 3 * NOTICES)
    for receipt in sink.receipts()[-NOTICES:]:
        verify_v1a(changed.public_key, receipt.headers, receipt.body)


@pytest.mark.timeout(120)
def test_a_burst_of_subscribing_pausing_and_removing_keeps_exact_boundaries(ledger: Ledger, sink: Sink) -> None:
    """While events flow, each subscriber hears everything from its beginning on, and nothing after its end."""
    over = threading.Event()
    made: list[Subscription] = []
    removed: list[str] = []

    def flow() -> None:
        for number in range(30):
            event(ledger, "ntc_1", f"revision/{number}")
            Relay(ledger).relay()
        over.set()

    def come_and_go() -> None:
        while not over.is_set() and len(made) < 12:
            to = subscribed(ledger, sink, f"{sink.base_url}/{len(made)}")
            made.append(to)
            pause(ledger, to.id)
            if len(made) % 3 == 0:
                unsubscribe(ledger, to.id)
                removed.append(to.id)
            else:
                resume(ledger, to.id)

    together(flow, come_and_go)
    assert rows(ledger, Subscription, state=SubscriptionState.PAUSED) == []
    positions = {one.position for one in rows(ledger, Event)}
    for to in made:
        owed = sorted(one.position for one in rows(ledger, Delivery, subscription_id=to.id))
        expected = [] if to.id in removed else [one for one in sorted(positions) if one > to.starts_after]
        assert owed == expected


@pytest.mark.timeout(60)
def test_nothing_begins_after_a_pause_has_been_answered(ledger: Ledger, sink: Sink, http: KeptHttp) -> None:
    to = subscribed(ledger, sink)
    publish(ledger)
    one = quick(ledger, http)
    one.bring()
    pause(ledger, to.id)
    while one.busy:
        one.bring()
    heard = len(sink.receipts())
    assert [one.bring() for _ in range(3)] == [0, 0, 0]
    assert len(sink.receipts()) == heard
    resume(ledger, to.id)
    bring_all(ledger, one)
    assert len({receipt.webhook_id for receipt in sink.receipts()}) == 2 * NOTICES
