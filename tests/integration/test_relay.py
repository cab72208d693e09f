"""The relay: positions without a gap, and each event owed once to each subscription that began before it."""

from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from services.desk.subscribing import change_filter, pause, unsubscribe
from shared.db import Ledger
from shared.db.models import Delivery, RelayState, Subscription
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED, Fact
from shared.domain.filters import Filter
from shared.domain.states import DeliveryState, SubscriptionState
from tests.integration.scene import event, events, rows, subscription, together
from tests.integration.telling import Teller, document, problem
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
        (known,) = uow.subscriptions.keep([to.id]).values()
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


def test_a_filter_is_asked_of_the_notice_that_an_event_is_about(ledger: Ledger) -> None:
    teller = Teller(ledger)
    river = subscription(ledger, keywords=["河道"], bodies=["云岭镇人民政府"])
    canteen = subscription(ledger, keywords=["食堂 采购"])
    done = subscription(ledger, statuses=["completed"], types=["problem.status_changed"])
    teller.tell(document(problem(1, "河道管护不力", "in_progress")), "1.html")
    teller.tell(document(problem(1, "食堂采购不规范", "in_progress"), inspection={"inspected": "清源区"}), "2.html")
    drain(Relay(ledger))
    teller.tell(document(problem(1, "河道管护不力", "completed")), "1.html")
    drain(Relay(ledger))
    assert [owed(ledger, one) for one in (river, canteen, done)] == [[1, 3, 4], [2], [4]]


def test_what_is_wanted_changes_for_every_event_after_the_change_and_for_none_before(ledger: Ledger) -> None:
    relay, to = Relay(ledger), subscription(ledger, types=["notice.revised"])
    event(ledger, cause="revision/1")
    relay.relay()
    change_filter(ledger, to.id, Filter())
    event(ledger, cause="revision/2")
    relay.relay()
    added, changed = subscription(ledger), change_filter(ledger, to.id, Filter.parse({"types": ["source.silent"]}))
    event(ledger, cause="revision/3")
    relay.relay()
    assert (owed(ledger, to), owed(ledger, added)) == ([2], [3])
    assert changed.types == ["source.silent"]


def test_the_boundary_of_a_change_is_exact_while_positions_are_given(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    to = subscription(first, types=["source.silent"])
    seen: list[int] = []

    def record_and_stamp() -> None:
        ledger, relay = open_another(), Relay(open_another())
        for number in range(30):
            event(ledger, cause=f"revision/{number}")
            relay.relay()

    def change_now() -> None:
        ledger = open_another()
        with ledger.begin() as uow:
            seen.append(uow.events.lock_positions())
            uow.subscriptions.set_filter(to.id, Filter())
            uow.commit()

    together(record_and_stamp, change_now)
    drain(Relay(first))
    assert owed(first, to) == list(range(seen[0] + 1, 31))


def test_a_subscription_of_the_release_before_filters_hears_what_it_asked_for(ledger: Ledger) -> None:
    relay, to = Relay(ledger), subscription(ledger)
    event(ledger, cause="revision/1")
    relay.relay()
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"filter": None, "types": ["notice.revised"]})
        uow.subscriptions.add(Subscription(**one_like(to, "sub_old", ["notice.published"])))
        uow.commit()
    event(ledger, cause="revision/2")
    relay.relay()
    assert owed(ledger, to) == [1]
    assert [one.position for one in rows(ledger, Delivery, subscription_id="sub_old")] == [2]


def one_like(to: Subscription, name: str, types: list[str]) -> dict[str, Any]:
    same = ("name", "url", "secret", "allow", "state", "starts_after", "created_at")
    return {field: getattr(to, field) for field in same} | {"id": name, "types": types, "filter": None}


def test_a_transaction_takes_no_more_events_once_it_owes_enough(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "MOST_OWED", 4)
    everybody = [subscription(ledger) for _ in range(3)]
    for number in range(5):
        event(ledger, cause=f"revision/{number}")
    relay = Relay(ledger)
    assert [relay.relay() for _ in range(4)] == [2, 2, 1, 0]
    assert [owed(ledger, one) for one in everybody] == [[1, 2, 3, 4, 5]] * 3
