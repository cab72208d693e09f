"""Deliveries: in order within a notice, one courier at a time, and nobody else waits for the one that fails."""

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event as Flag

import pytest

from services.desk.subscribing import Webhook, find, pause, redrive, resume, subscribe, unsubscribe
from services.simulation.sink import Sink
from shared.db import Ledger
from shared.db.deliveries import ClaimedDelivery
from shared.db.models import Attempt, Delivery, Subscription
from shared.domain.states import DeliveryState, SubscriptionState
from shared.errors import Invalid, NotFound
from shared.http import DEFAULT_LIMITS, NOWHERE, AllowList, Http, Limits, Request, Response
from tests.integration.scene import BOX, event, rows, subscription, together
from worker.deliver.courier import Courier, CourierRules
from worker.relay import Relay

PARKED: dict[str, object] = {"state": DeliveryState.PARKED, "parked_reason": "test", "next_attempt_at": None}
DELIVERED: dict[str, object] = {"state": DeliveryState.DELIVERED, "next_attempt_at": None}


def owe(ledger: Ledger, *subjects: str) -> None:
    """Record and relay one event for each of `subjects`, in this order."""
    for number, subject in enumerate(subjects):
        event(ledger, subject, f"revision/{number}")
    Relay(ledger).relay()


def claim(ledger: Ledger, lease_seconds: float = 60, limit: int = 100) -> list[ClaimedDelivery]:
    with ledger.begin() as uow:
        found = list(uow.deliveries.claim_due(uow.now(), lease_seconds, limit))
        uow.commit()
    return found


def settle(ledger: Ledger, one: ClaimedDelivery, values: dict[str, object]) -> bool:
    assert one.delivery.lease is not None
    with ledger.begin() as uow:
        done = uow.deliveries.settle(one.delivery.id, one.delivery.lease, values)
        uow.commit()
    return done


def at(claimed: list[ClaimedDelivery]) -> list[int]:
    return [one.delivery.position for one in claimed]


def test_the_second_event_of_a_notice_waits_for_the_first(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1")
    (first,) = claim(ledger)
    assert first.delivery.position == 1
    assert claim(ledger) == []
    assert settle(ledger, first, DELIVERED)
    assert at(claim(ledger)) == [2]


def test_the_second_event_waits_while_the_first_is_tried_again_later(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1")
    (first,) = claim(ledger)
    with ledger.reading() as uow:
        tomorrow = uow.now() + timedelta(days=1)
    assert settle(ledger, first, {"attempts": 1, "next_attempt_at": tomorrow})
    assert claim(ledger) == []


def test_other_notices_and_other_subscriptions_do_not_wait(ledger: Ledger) -> None:
    subscription(ledger)
    subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1", "ntc_2", "ntc_2", "ntc_3")
    assert at(claim(ledger)) == [1, 1, 3, 3, 5, 5]


def test_what_is_parked_lets_the_next_one_go(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1")
    (first,) = claim(ledger)
    assert settle(ledger, first, PARKED)
    assert at(claim(ledger)) == [2]


def test_what_is_redriven_neither_waits_nor_keeps_others_waiting(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1", "ntc_1")
    (first,) = claim(ledger)
    assert settle(ledger, first, PARKED)
    (second,) = claim(ledger)
    assert redrive(ledger, first.delivery.id) == [first.delivery.id]
    (again,) = claim(ledger)
    assert (again.delivery.position, again.delivery.out_of_order, again.delivery.attempts) == (1, True, 0)
    assert settle(ledger, second, DELIVERED)
    assert at(claim(ledger)) == [3]


def test_only_what_is_parked_can_be_redriven(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    first, second, _ = claim(ledger)
    assert settle(ledger, first, PARKED)
    assert settle(ledger, second, PARKED)
    assert sorted(redrive(ledger, to.id)) == sorted([first.delivery.id, second.delivery.id])
    assert redrive(ledger, to.id) == []
    with pytest.raises(Invalid, match="not parked"):
        redrive(ledger, first.delivery.id)
    for unknown in ("sub_unknown", "dlv_" + "0" * 26):
        with pytest.raises(NotFound):
            redrive(ledger, unknown)


def test_a_dead_couriers_lease_ends_and_what_it_brings_late_is_refused(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, "ntc_1")
    (slow,) = claim(ledger, lease_seconds=-1)
    (quick,) = claim(ledger)
    assert not settle(ledger, slow, DELIVERED)
    assert rows(ledger, Delivery)[0].state == DeliveryState.DUE
    assert settle(ledger, quick, DELIVERED)
    assert not settle(ledger, quick, PARKED)


def test_paused_subscriptions_are_not_called_and_hear_everything_later(ledger: Ledger) -> None:
    to = subscription(ledger)
    pause(ledger, to.id)
    owe(ledger, "ntc_1", "ntc_2")
    assert claim(ledger) == []
    resume(ledger, to.id)
    assert at(claim(ledger)) == [1, 2]


def test_couriers_never_hold_the_same_delivery_nor_two_of_a_notice(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    subscription(first)
    subjects = [f"ntc_{number}" for number in range(6)] * 5
    owe(first, *subjects)
    brought: list[tuple[str, int]] = []

    def work(ledger: Ledger) -> None:
        while len(brought) < len(subjects):
            for one in claim(ledger, limit=2):
                brought.append((one.delivery.partition_key, one.delivery.position))
                assert settle(ledger, one, DELIVERED)

    together(*(lambda: work(open_another()) for _ in range(3)))
    assert len(brought) == len(set(brought)) == len(subjects)
    for subject in set(subjects):
        mine = [position for key, position in brought if key == subject]
        assert mine == sorted(mine)


def test_a_claim_takes_no_more_than_it_was_asked_for(ledger: Ledger) -> None:
    subscription(ledger)
    owe(ledger, *(f"ntc_{number}" for number in range(10)))
    assert at(claim(ledger, limit=3)) == [1, 2, 3]
    with ledger.reading() as uow:
        assert uow.deliveries.any_due(uow.now())
    assert len(claim(ledger)) == 7
    with ledger.reading() as uow:
        assert not uow.deliveries.any_due(uow.now())


# The courier, with a subscriber on loopback.


class Slow:
    """A way out on which requests wait until they are let through."""

    def __init__(self) -> None:
        self.begun, self.go_on = Flag(), Flag()
        self._http = Http()

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        self.begun.set()
        assert self.go_on.wait(60)
        return self._http.exchange(request, limits=limits, allow=allow)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


def subscribed(ledger: Ledger, sink: Sink, url: str | None = None) -> Subscription:
    made, secret = subscribe(ledger, BOX, Webhook(url or sink.url, allow=["127.0.0.0/8"]))
    sink.set_secret(secret)
    return made


def courier(ledger: Ledger, http: object = None, scale: float = 0.0001) -> Courier:
    rules = CourierRules(threads=4, total_seconds=5, schedule_scale=scale, user_agent="noticewire/test")
    return Courier(ledger, http or Http(), BOX, rules)  # type: ignore[arg-type]


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
    with second.begin() as uow:
        (held,) = uow.deliveries.page()
        held.leased_until = uow.now() - timedelta(seconds=1)
        uow.commit()
    bring_all(second, courier(second))
    delivered_at = rows(second, Delivery)[0].ended_at
    http.go_on.set()
    frozen.close()
    assert len(rows(second, Attempt)) == len(sink.receipts()) == 2
    (one,) = rows(second, Delivery)
    assert (one.state, one.ended_at, one.attempts) == (DeliveryState.DELIVERED, delivered_at, 1)
    assert len({receipt.webhook_id for receipt in sink.receipts()}) == 1
