"""Webhooks in either content mode of CloudEvents: verified as subscribers would, and the same event in both."""

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook as Verifier

from services.desk.delivering import Which, change_content_mode, redrive, replay
from services.desk.subscribing import Webhook, subscribe
from shared.db import Ledger
from shared.db.models import Delivery, Event
from shared.domain.states import ContentMode, DeliveryState, Scheme
from shared.envelope import envelope
from tests.integration.scene import BOX, consented, event, rows
from tests.integration.test_courier import courier
from tests.servers.subscriber import Sink
from tests.unit.worker.test_sign import verify_v1a
from worker.relay import Relay


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


def bring(ledger: Ledger) -> None:
    one = courier(ledger, scale=1e-6)
    while rows(ledger, Delivery, state=DeliveryState.DUE):
        one.bring()
    one.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("scheme", Scheme)
def test_a_binary_delivery_is_signed_as_sent_and_tells_the_same_event(
    ledger: Ledger, sink: Sink, scheme: Scheme
) -> None:
    wish = Webhook(sink.url, allow=["127.0.0.0/8"], scheme=scheme, content_mode=ContentMode.BINARY)
    made, secret = subscribe(ledger, BOX, wish)
    consented(ledger, made)
    sink.set_secret(made.public_key or secret)
    event(ledger, "ntc_1", "revision/1")
    Relay(ledger).relay()
    bring(ledger)
    (told,), (fact,) = sink.receipts(), rows(ledger, Event)
    assert (told.accepted, told.flaws, told.mode) == (True, [], "binary")
    assert told.headers["content-type"] == "application/json"
    assert json.loads(told.body) == json.loads(fact.data)
    assert told.event == json.loads(envelope(fact))
    if scheme is Scheme.ED25519:
        verify_v1a(made.public_key, told.headers, told.body)
    else:
        assert Verifier(secret).verify(told.body, told.headers) == json.loads(fact.data)


@pytest.mark.timeout(60)
def test_another_content_mode_holds_from_the_next_attempt_on_also_for_redrives_and_replays(
    ledger: Ledger, sink: Sink
) -> None:
    made, secret = subscribe(ledger, BOX, Webhook(sink.url, allow=["127.0.0.0/8"]))
    consented(ledger, made)
    sink.set_secret(secret)
    sink.fail("status", status=500, times=11)
    event(ledger, "ntc_1", "revision/1")
    Relay(ledger).relay()
    bring(ledger)
    change_content_mode(ledger, made.id, ContentMode.BINARY)
    redrive(ledger, made.id)
    bring(ledger)
    replay(ledger, made.id, Which(after=0))
    bring(ledger)
    change_content_mode(ledger, made.id, ContentMode.STRUCTURED)
    replay(ledger, made.id, Which(after=0))
    bring(ledger)
    assert [one.mode for one in sink.receipts()] == ["structured"] * 11 + ["binary"] * 2 + ["structured"]
    assert len({json.dumps(one.event, sort_keys=True) for one in sink.receipts()}) == 1
    assert all(one.verified and not one.flaws for one in sink.receipts())
