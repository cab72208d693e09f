"""Deliveries: in order within a notice, one courier at a time, and nobody else waits for the one that fails."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.desk.delivering import redrive
from services.desk.subscribing import pause, resume
from shared.db import Ledger
from shared.db.errands import ClaimedDelivery
from shared.db.models import Delivery
from shared.domain.states import DeliveryState, SubscriptionState
from shared.errors import Invalid, NotFound
from tests.integration.scene import claimed, event, rows, settled, subscription, together
from worker.relay import Relay

PARKED: dict[str, object] = {"state": DeliveryState.PARKED, "parked_reason": "test", "next_attempt_at": None}
DELIVERED: dict[str, object] = {"state": DeliveryState.DELIVERED, "next_attempt_at": None}


def owe(ledger: Ledger, *subjects: str) -> None:
    """Record and relay one event for each of `subjects`, in this order."""
    for number, subject in enumerate(subjects):
        event(ledger, subject, f"revision/{number}")
    Relay(ledger).relay()


def claim(ledger: Ledger, lease_seconds: float = 60, limit: int = 100, to: str | None = None) -> list[ClaimedDelivery]:
    with ledger.begin() as uow:
        found = claimed(uow, uow.now(), lease_seconds, limit, to)
        uow.commit()
    return found


def settle(ledger: Ledger, one: ClaimedDelivery, values: dict[str, object]) -> bool:
    with ledger.begin() as uow:
        done = settled(uow, one, **values)
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
    assert len(claim(ledger)) == 7


def test_who_waits_is_told_and_one_subscriptions_deliveries_can_be_claimed_alone(ledger: Ledger) -> None:
    first, second, idle = sorted(subscription(ledger).id for _ in range(3))
    pause(ledger, idle)
    owe(ledger, "ntc_1", "ntc_1", "ntc_2")

    def waiting() -> list[str]:
        with ledger.reading() as uow:
            return sorted(one.subscription_id for one in uow.errands.waiting(uow.now(), 1))

    assert waiting() == [first, second]
    assert {one.subscription.id for one in claim(ledger, to=second)} == {second}
    assert waiting() == [first]
    assert at(claim(ledger, to=first)) == [1, 3]
    assert waiting() == []


def test_what_a_disabled_subscription_misses_is_parked_and_comes_by_redrive_after_it_was_resumed(
    ledger: Ledger,
) -> None:
    to = subscription(ledger)
    with ledger.begin() as uow:
        uow.subscriptions.set_state(to.id, SubscriptionState.DISABLED, "the endpoint answered 410 Gone")
        uow.commit()
    owe(ledger, "ntc_1", "ntc_2")
    missed = rows(ledger, Delivery)
    assert {one.parked_reason for one in missed} == {"its subscription is disabled: the endpoint answered 410 Gone"}
    resume(ledger, to.id)
    assert claim(ledger) == []
    assert len(redrive(ledger, to.id)) == 2
    assert at(claim(ledger)) == [1, 2]
