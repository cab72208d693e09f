"""Redriving and replaying: the same events again, by whichever name people know them, bounded and counted."""

from datetime import UTC, datetime, timedelta

import pytest

from services.desk import delivering
from services.desk.delivering import Replayed, Which, redrive, replay
from services.desk.subscribing import find, resume, unsubscribe
from shared.db import Ledger
from shared.db.models import Attempt, AuditEntry, Delivery
from shared.domain.states import Channel, Consent, DeliveryState, SubscriptionState
from shared.errors import Gone, Invalid, NotFound
from tests.integration.scene import event, events, now, rows, subscription
from tests.integration.test_consent import Endpoint
from tests.integration.test_courier import bring_all, courier
from tests.integration.test_deliveries import DELIVERED, PARKED, at, claim, owe, settle
from worker.deliver.courier import CourierRules, park_for_disabled
from worker.relay import Relay


def end_all(ledger: Ledger, how: dict[str, object]) -> None:
    while claimed := claim(ledger):
        for one in claimed:
            assert settle(ledger, one, how | {"attempts": one.delivery.attempts + 1})


def test_what_was_delivered_comes_again_with_the_same_id_and_further_attempts(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1", "ntc_1", "ntc_2")
    end_all(ledger, DELIVERED)
    first = events(ledger)[0]
    assert replay(ledger, to.id, Which(event=first.id)) == Replayed(0, 1, 0)
    (again,) = claim(ledger)
    assert (again.event.id, again.delivery.out_of_order) == (first.id, True)
    assert (again.delivery.attempts, again.delivery.attempts_before) == (1, 1)
    assert len(rows(ledger, Delivery)) == 3


def test_attempts_of_a_replay_go_on_counting_and_its_schedule_begins_anew(ledger: Ledger) -> None:
    to, endpoint = subscription(ledger), Endpoint(status=500)
    owe(ledger, "ntc_1")
    bring_all(ledger, courier(ledger, endpoint, scale=1e-9))
    assert rows(ledger, Delivery)[0].state == DeliveryState.PARKED
    assert len(redrive(ledger, to.id)) == 1
    bring_all(ledger, courier(ledger, endpoint, scale=1e-9))
    assert sorted(one.number for one in rows(ledger, Attempt)) == list(range(1, 23))
    assert len({request.headers["webhook-id"] for request in endpoint.events}) == 1
    assert len({request.body for request in endpoint.events}) == 1


def test_a_stream_is_owed_nothing_for_nobody_would_bring_it(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1")
    end_all(ledger, DELIVERED)
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"kind": Channel.STREAM})
        uow.commit()
    for asked in (
        lambda: redrive(ledger, to.id),
        lambda: delivering.limit(ledger, to.id, rate_per_minute=1, concurrency=1),
        lambda: delivering.ask_again(ledger, to.id),
    ):
        with pytest.raises(Invalid, match="is a stream"):
            asked()
    assert claim(ledger) == []


@pytest.mark.parametrize(
    ("kind", "told"), [(Channel.CHAT, "is a chat or a mailbox"), (Channel.WEBSUB, "is a subscriber of a feed")]
)
def test_nobody_but_a_webhook_is_asked_for_its_consent_again(ledger: Ledger, kind: Channel, told: str) -> None:
    to = subscription(ledger)
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"kind": kind, "consent": Consent.GIVEN})
        uow.commit()
    with pytest.raises(Invalid, match=told):
        delivering.ask_again(ledger, to.id)
    assert find(ledger, to.id).consent == Consent.GIVEN
    assert rows(ledger, AuditEntry, action="subscription.asked") == []


def test_a_feeds_subscriber_is_limited_as_a_webhook_is(ledger: Ledger) -> None:
    to = subscription(ledger)
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"kind": Channel.WEBSUB, "consent": Consent.GIVEN})
        uow.commit()
    limited = delivering.limit(ledger, to.id, rate_per_minute=60, concurrency=2)
    assert (limited.rate_per_minute, limited.concurrency) == (60, 2)


def test_a_chat_has_a_rate_and_no_concurrency_and_a_new_rate_does_not_end_its_pause(ledger: Ledger) -> None:
    to = subscription(ledger)
    with ledger.begin() as uow:
        pause = uow.now() + timedelta(minutes=1)
        uow.subscriptions.change(to.id, {"kind": Channel.CHAT, "consent": Consent.GIVEN, "next_request_at": pause})
        uow.commit()
    with pytest.raises(Invalid, match="one message at a time"):
        delivering.limit(ledger, to.id, rate_per_minute=5, concurrency=2)
    assert find(ledger, to.id).rate_per_minute is None
    limited = delivering.limit(ledger, to.id, rate_per_minute=5, concurrency=None)
    assert (limited.rate_per_minute, limited.next_request_at) == (5, pause)
    assert delivering.limit(ledger, to.id, rate_per_minute=None, concurrency=None).rate_per_minute is None


def test_a_replay_to_a_stream_makes_it_begin_earlier(ledger: Ledger) -> None:
    for number in range(3):
        event(ledger, "ntc_1", f"revision/{number}", "notice.revised" if number else "notice.published")
    Relay(ledger).relay()
    to = subscription(ledger, ["notice.revised"])
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"kind": Channel.STREAM})
        uow.commit()
    event(ledger, "ntc_1", "revision/9", "notice.revised")
    Relay(ledger).relay()
    for which, length, told in (
        (Which(after=0), 2, "after position 2; raise"),
        (Which(after=0, until=3), 9, "its end"),
    ):
        with pytest.raises(Invalid, match=told):
            replay(ledger, to.id, which, length)
    assert find(ledger, to.id).starts_after == 3
    assert replay(ledger, to.id, Which(after=0), 9) == Replayed(2, 0, 1)
    assert find(ledger, to.id).starts_after == 1
    assert replay(ledger, to.id, Which(after=0), 9) == Replayed(0, 0, 3)
    assert claim(ledger) == []


def test_positions_that_are_no_longer_kept_are_told_as_such(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    end_all(ledger, DELIVERED)
    _let_go(ledger, 2)
    for which in (Which(after=0), Which(after=1), Which(after=0, until=3), Which(until=3)):
        with pytest.raises(Gone, match="up to position 2 are no longer kept; ask for after=2"):
            replay(ledger, to.id, which)
    assert replay(ledger, to.id, Which(after=2)) == Replayed(0, 1, 0)
    assert replay(ledger, to.id, Which(after=2, until=3)) == Replayed(0, 0, 1)


def test_a_time_at_which_something_may_have_happened_that_is_no_longer_kept_is_told_as_such(ledger: Ledger) -> None:
    to, long_ago = subscription(ledger), datetime(2020, 1, 1, tzinfo=UTC)
    owe(ledger, "ntc_1")
    owe(ledger, "ntc_2")
    end_all(ledger, DELIVERED)
    assert replay(ledger, to.id, Which(since=long_ago)) == Replayed(0, 2, 0), "nothing was let go of"
    first, second = (one.stamped_at for one in events(ledger))
    assert first is not None
    assert second is not None
    end_all(ledger, DELIVERED)
    _let_go(ledger, 1)
    for since in (long_ago, first, second):
        with pytest.raises(Gone, match="up to position 1 are no longer kept; ask for after=1"):
            replay(ledger, to.id, Which(since=since))
    assert replay(ledger, to.id, Which(since=second + timedelta(microseconds=1))) == Replayed(0, 0, 0)
    assert replay(ledger, to.id, Which(since=long_ago, after=1)) == Replayed(0, 1, 0), "by its position, what is kept"


def _let_go(ledger: Ledger, count: int) -> None:
    with ledger.begin() as uow:
        assert uow.retention.drop_events(uow.now(), count) == count
        uow.commit()


def test_a_range_brings_what_the_subscription_wants_also_from_before_its_beginning(ledger: Ledger) -> None:
    for number in range(4):
        event(ledger, "ntc_1", f"revision/{number}", "notice.published" if number % 2 == 0 else "notice.revised")
    Relay(ledger).relay()
    to = subscription(ledger, ["notice.revised"])
    event(ledger, "ntc_1", "revision/9", "notice.revised")
    Relay(ledger).relay()
    assert replay(ledger, to.id, Which(after=0)) == Replayed(2, 0, 1)
    assert sorted(at(claim(ledger))) == [2, 4, 5]
    assert replay(ledger, to.id, Which(after=2, until=3)) == Replayed(0, 0, 0)


def test_a_time_names_the_events_that_got_their_position_then(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1")
    end_all(ledger, DELIVERED)
    between = now(ledger)
    event(ledger, "ntc_2")
    Relay(ledger).relay()
    end_all(ledger, DELIVERED)
    assert replay(ledger, to.id, Which(since=between)) == Replayed(0, 1, 0)
    assert replay(ledger, to.id, Which(before=between)) == Replayed(0, 1, 0)
    assert replay(ledger, to.id, Which(since=now(ledger) + timedelta(days=1))) == Replayed(0, 0, 0)


def test_what_is_asked_wrongly_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    to = subscription(ledger, ["notice.revised"])
    published = event(ledger, "ntc_1")
    for number in range(3):
        event(ledger, "ntc_1", f"revision/{number + 2}", "notice.revised")
    Relay(ledger).relay()
    for which, told in ((Which(), "say which"), (Which(event=published), "not among those")):
        with pytest.raises(Invalid, match=told):
            replay(ledger, to.id, which)
    for unknown in (Which(event="no-such-event"), Which(event="0" * 36)):
        with pytest.raises(NotFound):
            replay(ledger, to.id, unknown)
    with pytest.raises(NotFound):
        replay(ledger, "sub_" + "0" * 26, Which(after=0))
    monkeypatch.setattr(delivering, "MOST_REPLAYED", 2)
    with pytest.raises(Invalid, match="until=3"):
        replay(ledger, to.id, Which(after=0))
    monkeypatch.setattr(delivering, "MOST_LOOKED_AT", 2)
    with pytest.raises(Invalid, match="more than 2 positions"):
        replay(ledger, to.id, Which(after=0))
    assert replay(ledger, to.id, Which(after=2, until=4)) == Replayed(0, 0, 2)


def test_parked_ones_are_redriven_by_event_by_range_and_by_subscription(ledger: Ledger) -> None:
    first, second = subscription(ledger), subscription(ledger)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    end_all(ledger, PARKED)
    assert len(redrive(ledger, events(ledger)[0].id)) == 2
    assert len(redrive(ledger, first.id, Which(after=1, until=2))) == 1
    assert len(redrive(ledger, second.id)) == 2
    assert len(redrive(ledger, first.id)) == 1
    assert redrive(ledger, first.id) == []


def test_an_endpoint_that_only_fails_is_disabled_and_what_it_missed_comes_by_redrive(ledger: Ledger) -> None:
    to, endpoint = subscription(ledger), Endpoint(status=500)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    one = courier(ledger, endpoint, scale=1000)
    one.bring()
    while one.busy:
        one.bring()
    since = find(ledger, to.id).failing_since
    assert since is not None
    with ledger.begin() as uow:
        uow.subscriptions.change(to.id, {"failing_since": since - timedelta(days=5)})
        for delivery in uow.deliveries.page():
            delivery.next_attempt_at = since
        uow.commit()
    one.bring()
    while one.busy:
        one.bring()
    one.close()
    disabled = find(ledger, to.id)
    assert disabled.state == SubscriptionState.DISABLED
    assert "failed, for 5 days and longer" in (disabled.state_reason or "")
    event(ledger, "ntc_4")
    Relay(ledger).relay()
    assert {delivery.state for delivery in rows(ledger, Delivery)} == {DeliveryState.PARKED}
    with pytest.raises(Invalid, match="resume it first"):
        redrive(ledger, to.id)
    assert resume(ledger, to.id).failing_since is None
    assert len(redrive(ledger, to.id)) == 4
    endpoint.status = 200
    bring_all(ledger, courier(ledger, endpoint))
    assert {delivery.state for delivery in rows(ledger, Delivery)} == {DeliveryState.DELIVERED}


def test_one_success_ends_a_time_of_failures(ledger: Ledger) -> None:
    to, endpoint = subscription(ledger), Endpoint(status=500)
    owe(ledger, "ntc_1")
    one = courier(ledger, endpoint)
    one.bring()
    while one.busy:
        one.bring()
    assert find(ledger, to.id).failing_since is not None
    endpoint.status = 200
    bring_all(ledger, one)
    assert find(ledger, to.id).failing_since is None


def test_what_was_overlooked_for_a_disabled_subscription_is_parked(ledger: Ledger) -> None:
    to = subscription(ledger)
    owe(ledger, "ntc_1", "ntc_2")
    with ledger.begin() as uow:
        uow.subscriptions.set_state(to.id, SubscriptionState.DISABLED, "test")
        uow.commit()
    assert park_for_disabled(ledger) == 2
    assert {one.parked_reason for one in rows(ledger, Delivery)} == {"its subscription is disabled: test"}
    assert park_for_disabled(ledger) == 0
    unsubscribe(ledger, to.id)


def test_five_days_is_what_a_courier_waits_unless_told_otherwise() -> None:
    assert CourierRules(1, 1, 1, "x").disable_after_seconds == timedelta(days=5).total_seconds()
