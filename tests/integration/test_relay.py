"""The relay: positions without a gap, and each event owed once to each subscription that began before it."""

from collections.abc import Callable
from threading import Event as Flag
from threading import Thread

import pytest

from services.desk.subscribing import pause, unsubscribe
from shared.db import Ledger
from shared.db.models import Delivery, RelayState, Subscription
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED, Fact
from shared.domain.states import DeliveryState, SubscriptionState
from tests.integration.scene import event, events, rows, subscription, together
from worker import relay as relaying
from worker.relay import Relay


def drain(relay: Relay) -> int:
    count = 0
    while handed_on := relay.relay():
        count += handed_on
    return count


def owed(ledger: Ledger, to: Subscription) -> list[int]:
    return sorted(one.position for one in rows(ledger, Delivery, subscription_id=to.id))


def positions(ledger: Ledger) -> list[int | None]:
    return [one.position for one in events(ledger)]


def test_events_get_their_positions_in_order_of_recording(ledger: Ledger) -> None:
    for number in range(1, 4):
        event(ledger, cause=f"revision/{number}")
    assert positions(ledger) == [None, None, None]
    assert Relay(ledger).relay() == 3
    event(ledger, cause="revision/4")
    assert Relay(ledger).relay() == 1
    assert positions(ledger) == [1, 2, 3, 4]


def test_without_events_nothing_is_written(ledger: Ledger) -> None:
    assert Relay(ledger).relay() == 0
    assert rows(ledger, RelayState) == []


def test_the_same_fact_recorded_twice_is_one_event(ledger: Ledger) -> None:
    assert event(ledger) == event(ledger)
    assert Relay(ledger).relay() == 1


def test_positions_have_no_gap_while_several_record_and_two_relays_stamp(
    open_another: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH", 3)
    first = open_another()
    to = subscription(first)
    over = Flag()
    seen: list[int] = []

    def record(ledger: Ledger, subject: str) -> None:
        for number in range(1, 21):
            event(ledger, subject, f"revision/{number}")

    def stamp(ledger: Ledger) -> None:
        relay = Relay(ledger)
        while not over.is_set():
            relay.relay()

    def read(ledger: Ledger) -> None:
        """Read as a subscriber of the stream does: by the last position seen, never looking back."""
        while not over.is_set():
            with ledger.reading() as uow:
                seen.extend(one.position or 0 for one in uow.events.after(seen[-1] if seen else 0))

    def all_recorded() -> None:
        together(*(lambda n=n: record(open_another(), f"ntc_{n}") for n in range(3)))
        over.set()

    together(
        all_recorded,
        *(lambda: stamp(open_another()) for _ in range(2)),
        lambda: read(open_another()),
    )
    drain(Relay(first))
    with first.reading() as uow:
        seen.extend(one.position or 0 for one in uow.events.after(seen[-1] if seen else 0))
    assert seen == list(range(1, 61))
    assert owed(first, to) == list(range(1, 61))
    for number in range(3):
        causes = [one.cause for one in sorted(events(first), key=lambda one: one.position or 0)]
        mine = [one.position for one in events(first) if one.subject == f"ntc_{number}"]
        assert mine == sorted(mine, key=lambda position: position or 0)
        assert len(causes) == 60


def test_an_event_recorded_late_by_a_slow_transaction_is_not_lost(open_another: Callable[[], Ledger]) -> None:
    """The transaction that began first commits last: by serial numbers alone a reader would have passed it by."""
    slow, quick = open_another(), open_another()
    if slow.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    fact = Fact(NOTICE_PUBLISHED, "ntc_slow", "revision/1", {})
    with slow.begin() as uow:
        row = {"id": fact.id, "type": fact.type, "subject": fact.subject, "cause": fact.cause, "data": "{}"}
        uow.events.append([row | {"partition_key": fact.subject, "source_id": "src_1", "occurred_at": uow.now()}])
        event(quick, "ntc_quick")
        assert Relay(quick).relay() == 1
        uow.commit()
    assert Relay(quick).relay() == 1
    assert {one.subject: one.position for one in events(quick)} == {"ntc_quick": 1, "ntc_slow": 2}


def test_relays_that_take_turns_by_the_row_alone_hand_each_event_on_once(open_another: Callable[[], Ledger]) -> None:
    first, second = open_another(), open_another()
    to = subscription(first)
    for number in range(10):
        event(first, cause=f"revision/{number}")
    together(lambda: drain(Relay(first)), lambda: drain(Relay(second)))
    assert positions(first) == list(range(1, 11))
    assert owed(first, to) == list(range(1, 11))


def test_a_subscription_hears_of_everything_after_its_beginning_and_of_nothing_before(ledger: Ledger) -> None:
    event(ledger, cause="revision/1")
    Relay(ledger).relay()
    to = subscription(ledger)
    event(ledger, cause="revision/2")
    Relay(ledger).relay()
    assert to.starts_after == 1
    assert owed(ledger, to) == [2]


def test_the_boundary_is_exact_while_positions_are_given(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    made: list[Subscription] = []

    def record_and_stamp() -> None:
        ledger = open_another()
        for number in range(30):
            event(ledger, cause=f"revision/{number}")
            Relay(ledger).relay()

    def subscribe_now_and_then() -> None:
        ledger = open_another()
        made.extend(subscription(ledger) for _ in range(10))

    together(record_and_stamp, subscribe_now_and_then)
    drain(Relay(first))
    for to in made:
        assert owed(first, to) == list(range(to.starts_after + 1, 31))


def test_a_paused_subscription_collects_what_is_due_and_a_disabled_one_what_is_parked(ledger: Ledger) -> None:
    paused, disabled = subscription(ledger), subscription(ledger)
    pause(ledger, paused.id)
    with ledger.begin() as uow:
        uow.subscriptions.set_state(disabled.id, SubscriptionState.DISABLED, "410")
        uow.commit()
    event(ledger)
    Relay(ledger).relay()
    (due,), (missed,) = (rows(ledger, Delivery, subscription_id=one.id) for one in (paused, disabled))
    assert (due.position, due.state, due.parked_reason, due.ended_at) == (1, DeliveryState.DUE, None, None)
    assert (missed.position, missed.state, missed.next_attempt_at) == (1, DeliveryState.PARKED, None)
    assert missed.parked_reason == "its subscription is disabled: 410"
    assert missed.ended_at == missed.created_at


def test_a_subscription_that_is_removed_during_the_fan_out_goes_after_it(open_another: Callable[[], Ledger]) -> None:
    relaying_one, leaving = open_another(), open_another()
    to = subscription(relaying_one)
    event(relaying_one)
    left = Flag()

    def leave() -> None:
        unsubscribe(leaving, to.id)
        left.set()

    with relaying_one.begin() as uow:
        (known,) = uow.subscriptions.hold_all()
        (fact,) = uow.events.unstamped(1)
        thread = Thread(target=leave)
        thread.start()
        assert not left.wait(0.3)
        uow.deliveries.fan_out([relaying.owed_to(known, fact, 1, uow.now())])
        uow.commit()
    thread.join()
    assert rows(relaying_one, Subscription) == rows(relaying_one, Delivery) == []


def test_only_the_types_that_were_asked_for_are_owed(ledger: Ledger) -> None:
    everything = subscription(ledger)
    revisions = subscription(ledger, ["notice.revised"])
    long_form = subscription(ledger, ["org.noticewire.notice.published"])
    event(ledger, cause="revision/1", kind=NOTICE_PUBLISHED)
    event(ledger, cause="revision/2", kind=NOTICE_REVISED)
    Relay(ledger).relay()
    assert [owed(ledger, one) for one in (everything, revisions, long_form)] == [[1, 2], [2], [1]]


def test_what_is_owed_is_due_now_and_keeps_the_notices_order(ledger: Ledger) -> None:
    subscription(ledger)
    event(ledger)
    Relay(ledger).relay()
    (one,) = rows(ledger, Delivery)
    assert (one.state, one.partition_key, one.attempts) == (DeliveryState.DUE, "ntc_1", 0)
    assert one.next_attempt_at == one.created_at
