"""The courier: what it brings to a subscriber on loopback, and that nobody waits for another's endpoint."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag
from typing import Any

import pytest
from cryptography.fernet import Fernet

from services.desk.subscribing import Webhook, find, subscribe, unsubscribe
from shared.clock import SystemClock
from shared.db import Ledger
from shared.db.models import Attempt, Delivery, Subscription
from shared.domain.states import DeliveryState, SubscriptionState
from shared.http import DEFAULT_LIMITS, NOWHERE, AllowList, Http, KeptHttp, Limits, Request, Response
from shared.secrets import SecretBox
from tests.integration.scene import BOX, consented, event, now, rows
from tests.integration.test_deliveries import owe
from tests.servers.hostile import answer, serving
from tests.servers.subscriber import Sink
from worker.deliver.courier import SLACK_SECONDS, Courier, CourierRules
from worker.relay import Relay


class Slow:
    """A way out on which requests wait until they are let through."""

    def __init__(self) -> None:
        self.begun, self.go_on = Flag(), Flag()
        self._http = Http()

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        self.begun.set()
        assert self.go_on.wait(60)
        return self._http.exchange(request, limits=limits, allow=allow)


class Frozen(ThreadPoolExecutor):
    """Threads of a process that is frozen for a while before they begin."""

    def __init__(self, clock: "Later") -> None:
        super().__init__(4)
        self._clock = clock

    def submit(self, step: Callable[[], Any], /) -> Future[Any]:  # type: ignore[override]
        def late() -> object:
            self._clock.later = SLACK_SECONDS + 0.1
            return step()

        return super().submit(late)


class Later(SystemClock):
    """A clock on which time can have gone by."""

    later = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.later


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


def subscribed(ledger: Ledger, sink: Sink, url: str | None = None) -> Subscription:
    made, secret = subscribe(ledger, BOX, Webhook(url or sink.url, allow=["127.0.0.0/8"]))
    sink.set_secret(secret)
    return consented(ledger, made)


def asked_already(ledger: Ledger, url: str) -> Subscription:
    return consented(ledger, subscribe(ledger, BOX, Webhook(url))[0])


def courier(
    ledger: Ledger, http: object = None, scale: float = 0.0001, box: SecretBox = BOX, pool: Executor | None = None
) -> Courier:
    rules = CourierRules(threads=4, total_seconds=5, schedule_scale=scale, user_agent="noticewire/test")
    return Courier(ledger, http or Http(), box, rules, pool=pool)  # type: ignore[arg-type]


def bring_all(ledger: Ledger, one: Courier) -> None:
    while rows(ledger, Delivery, state=DeliveryState.DUE):
        one.bring()
    one.close()


def test_each_event_is_brought_signed_and_every_attempt_leaves_a_row(ledger: Ledger, sink: Sink) -> None:
    subscribed(ledger, sink)
    owe(ledger, "ntc_1", "ntc_1", "ntc_2")
    sink.fail("status", times=2, status=503)
    bring_all(ledger, courier(ledger))
    accepted = [one for one in sink.receipts() if one.accepted]
    assert len(accepted) == 3
    assert all(one.verified and not one.flaws for one in sink.receipts())
    attempts = rows(ledger, Attempt)
    assert sorted(one.status for one in attempts).count(503) == 2
    assert len(attempts) == len(sink.receipts()) == 5
    assert {one.state for one in rows(ledger, Delivery)} == {DeliveryState.DELIVERED}


def test_a_courier_that_was_frozen_before_it_asked_asks_no_more(ledger: Ledger, sink: Sink) -> None:
    subscribed(ledger, sink)
    owe(ledger, "ntc_1")
    ledger.clock = clock = Later()
    late = courier(ledger, pool=Frozen(clock))
    assert late.bring() == 1
    late.close()
    assert sink.receipts() == []
    assert rows(ledger, Attempt) == []
    (still_due,) = rows(ledger, Delivery)
    assert (still_due.state, still_due.attempts) == (DeliveryState.DUE, 0)


def test_410_parks_the_delivery_and_disables_the_subscription(ledger: Ledger, sink: Sink) -> None:
    to = subscribed(ledger, sink)
    owe(ledger, "ntc_1")
    sink.fail("status", times=1, status=410)
    bring_all(ledger, courier(ledger))
    assert find(ledger, to.id).state == SubscriptionState.DISABLED
    (parked,) = rows(ledger, Delivery)
    assert (parked.state, parked.parked_reason) == (DeliveryState.PARKED, "the endpoint answered 410 Gone")


def test_an_address_that_is_no_longer_allowed_is_parked_at_once(ledger: Ledger, sink: Sink) -> None:
    to = subscribed(ledger, sink)
    with ledger.begin() as uow:
        kept = uow.subscriptions.by_id(to.id)
        assert kept is not None
        kept.allow = []
        uow.commit()
    owe(ledger, "ntc_1")
    bring_all(ledger, courier(ledger))
    (parked,) = rows(ledger, Delivery)
    assert (parked.state, parked.attempts) == (DeliveryState.PARKED, 1)
    assert sink.receipts() == []


@pytest.mark.parametrize(("status", "state"), [("200 OK", "delivered"), ("410 Gone", "parked")])
def test_the_status_counts_though_the_body_of_the_answer_cannot_be_read(
    ledger: Ledger, sink: Sink, status: str, state: str
) -> None:
    http = KeptHttp(1)
    with serving(answer(b"not gzip", "Content-Encoding: gzip", status=status)) as server:
        subscribed(ledger, sink, server.url())
        owe(ledger, "ntc_1")
        bring_all(ledger, courier(ledger, http))
    http.close()
    (one,) = rows(ledger, Delivery)
    (attempt,) = rows(ledger, Attempt)
    assert (one.state, attempt.status, attempt.answer) == (state, int(status[:3]), "")


def test_an_endpoint_that_nobody_serves_is_tried_to_the_end_and_parked(ledger: Ledger, sink: Sink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    subscribed(ledger, sink, f"http://127.0.0.1:{port}/")
    owe(ledger, "ntc_1")
    bring_all(ledger, courier(ledger, scale=1e-7))
    (parked,) = rows(ledger, Delivery)
    assert (parked.state, parked.attempts) == (DeliveryState.PARKED, 11)
    assert parked.parked_reason.endswith("; 11 attempts failed")
    assert len(rows(ledger, Attempt)) == 11


def test_unsubscribing_during_an_attempt_disturbs_nobody(ledger: Ledger, sink: Sink) -> None:
    to = subscribed(ledger, sink)
    owe(ledger, "ntc_1")
    http = Slow()
    one = courier(ledger, http)
    assert one.bring() == 1
    assert http.begun.wait(60)
    unsubscribe(ledger, to.id)
    http.go_on.set()
    one.close()
    assert one.bring() == 0
    assert rows(ledger, Delivery) == rows(ledger, Attempt) == []
    assert len(sink.receipts()) == 1


def steal_lease(ledger: Ledger) -> None:
    """Let the lease of the one delivery be over."""
    with ledger.begin() as uow:
        (held,) = uow.deliveries.page()
        held.leased_until = uow.now() - timedelta(seconds=1)
        uow.commit()


def test_a_courier_that_lost_its_lease_keeps_its_attempt_and_changes_nothing_else(
    open_another: Callable[[], Ledger], sink: Sink
) -> None:
    first, second = open_another(), open_another()
    subscribed(first, sink)
    owe(first, "ntc_1")
    http = Slow()
    frozen = courier(first, http)
    assert frozen.bring() == 1
    assert http.begun.wait(60)
    steal_lease(second)
    bring_all(second, courier(second))
    delivered_at = rows(second, Delivery)[0].ended_at
    http.go_on.set()
    frozen.close()
    assert len(rows(second, Attempt)) == len(sink.receipts()) == 2
    (one,) = rows(second, Delivery)
    assert (one.state, one.ended_at, one.attempts) == (DeliveryState.DELIVERED, delivered_at, 1)
    assert len({receipt.webhook_id for receipt in sink.receipts()}) == 1


def test_a_410_that_comes_after_its_lease_was_lost_disables_nobody(
    open_another: Callable[[], Ledger], sink: Sink
) -> None:
    first, second = open_another(), open_another()
    to = subscribed(first, sink)
    owe(first, "ntc_1")
    http = Slow()
    frozen = courier(first, http)
    assert frozen.bring() == 1
    assert http.begun.wait(60)
    steal_lease(second)
    bring_all(second, courier(second))
    sink.fail("status", times=1, status=410)
    http.go_on.set()
    frozen.close()
    assert sorted(one.status for one in rows(second, Attempt)) == [204, 410]
    assert find(second, to.id).state == SubscriptionState.ACTIVE


class Hanging:
    """A way out on which `slow.example` does not answer until it is let go, and everybody else does at once."""

    def __init__(self) -> None:
        self.go_on, self.reached = Flag(), Flag()

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        if "slow.example" in request.url:
            assert self.go_on.wait(60)
        else:
            self.reached.set()
        return Response(request.url, 200, {}, b"", 0.0, 0.0)


@pytest.mark.timeout(60)
def test_an_endpoint_that_hangs_holds_half_of_the_threads_and_others_are_called_meanwhile(ledger: Ledger) -> None:
    asked_already(ledger, "https://slow.example/")
    owe(ledger, *(f"ntc_{number}" for number in range(10)))
    http = Hanging()
    one = courier(ledger, http)
    try:
        assert one.bring() == 2
        assert one.bring() == 0
        asked_already(ledger, "https://quick.example/")
        event(ledger, "ntc_last")
        Relay(ledger).relay()
        assert one.bring() == 1
        assert http.reached.wait(30)
    finally:
        http.go_on.set()
        one.close()


def let_all_end(ledger: Ledger, one: Courier) -> None:
    """Wait for the attempts under way; closing a courier cancels those that no thread has taken up yet."""
    while any(one.lease for one in rows(ledger, Delivery)):
        one.bring()


@pytest.mark.timeout(60)
def test_turns_go_round_the_subscriptions_that_wait(ledger: Ledger) -> None:
    """However old one's backlog is: otherwise all events of the others would come after it."""
    patient = asked_already(ledger, "https://quick.example/long")
    owe(ledger, *(f"ntc_{number}" for number in range(10)))
    late = [asked_already(ledger, f"https://quick.example/{number}") for number in range(3)]
    event(ledger, "ntc_last")
    Relay(ledger).relay()
    one = courier(ledger, Hanging())
    assert one.bring() == 4
    let_all_end(ledger, one)
    one.close()
    brought = rows(ledger, Delivery, state=DeliveryState.DELIVERED)
    assert {delivery.subscription_id for delivery in brought} == {patient.id, *(to.id for to in late)}


@pytest.mark.timeout(60)
def test_a_wrong_secret_key_of_ours_is_not_the_endpoints_fault(ledger: Ledger, sink: Sink) -> None:
    subscribed(ledger, sink)
    owe(ledger, "ntc_1")
    wrong = courier(ledger, box=SecretBox(Fernet.generate_key().decode()))
    assert wrong.bring() == 1
    let_all_end(ledger, wrong)
    wrong.close()
    (held,) = rows(ledger, Delivery)
    assert (held.state, held.attempts, held.lease) == (DeliveryState.DUE, 0, None)
    assert held.next_attempt_at > now(ledger) + timedelta(minutes=4)
    assert rows(ledger, Attempt) == sink.receipts() == []
