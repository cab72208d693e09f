"""Signing keys: encrypted at rest, rotated while deliveries go on, and forgotten after their time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.client import verify
from services.desk.keys import MOST_OLD_SECRETS, rotate
from services.desk.subscribing import Webhook, find, subscribe
from shared.db import Ledger
from shared.db.models import Subscription
from shared.domain.states import Scheme
from shared.errors import Invalid, NotFound
from tests.integration.scene import BOX, event, now, rows, subscription
from tests.integration.test_courier import bring_all, courier, subscribed
from tests.integration.test_deliveries import owe
from tests.servers.subscriber import Sink
from tests.unit.worker.test_sign import verify_v1a
from worker.deliver.keys import forget_old_keys, signing_secrets
from worker.relay import Relay

DAY = 86_400.0


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


def secrets_of(ledger: Ledger, name: str, after_seconds: float = 0) -> list[str]:
    return signing_secrets(BOX, find(ledger, name), now(ledger) + timedelta(seconds=after_seconds))


def test_after_a_rotation_old_and_new_sign_for_a_day_and_then_the_new_alone(ledger: Ledger) -> None:
    made, old = subscribe(ledger, BOX, Webhook("https://hook.example/x"))
    _, new = rotate(ledger, BOX, made.id, grace_seconds=DAY)
    assert new is not None
    assert secrets_of(ledger, made.id) == [new, old]
    assert secrets_of(ledger, made.id, DAY + 1) == [new]


def test_what_is_over_is_forgotten_and_what_is_not_stays(ledger: Ledger) -> None:
    made, first = subscribe(ledger, BOX, Webhook("https://hook.example/x"))
    _, second = rotate(ledger, BOX, made.id, grace_seconds=0.001)
    assert forget_old_keys(ledger) == 1
    _, third = rotate(ledger, BOX, made.id, grace_seconds=DAY)
    assert forget_old_keys(ledger) == 0
    (kept,) = rows(ledger, Subscription)
    assert [BOX.open(sealed) for sealed in kept.old_keys] == [second]
    assert secrets_of(ledger, made.id) == [third, second]
    assert first not in str(kept.old_keys)


def test_nobody_finds_a_key_in_the_database(ledger: Ledger) -> None:
    made, first = subscribe(ledger, BOX, Webhook("https://hook.example/x", scheme=Scheme.ED25519))
    rotate(ledger, BOX, made.id, grace_seconds=DAY)
    (kept,) = rows(ledger, Subscription)
    assert first == ""
    assert not any("whsk_" in str(value) for value in vars(kept).values())


def test_rotating_too_often_is_refused_and_so_is_nobody(ledger: Ledger) -> None:
    made = subscription(ledger)
    for _ in range(MOST_OLD_SECRETS):
        rotate(ledger, BOX, made.id, grace_seconds=DAY)
    with pytest.raises(Invalid, match="rotate again after"):
        rotate(ledger, BOX, made.id, grace_seconds=DAY)
    with pytest.raises(NotFound):
        rotate(ledger, BOX, "sub_" + "0" * 26, grace_seconds=DAY)


def test_a_subscriber_with_the_old_secret_verifies_what_comes_after_the_rotation(ledger: Ledger, sink: Sink) -> None:
    made = subscribed(ledger, sink)
    owe(ledger, "ntc_1")
    bring_all(ledger, courier(ledger))
    _, new = rotate(ledger, BOX, made.id, grace_seconds=DAY)
    event(ledger, "ntc_2")
    Relay(ledger).relay()
    bring_all(ledger, courier(ledger))
    assert new is not None
    sink.set_secret(new)
    event(ledger, "ntc_3")
    Relay(ledger).relay()
    bring_all(ledger, courier(ledger))
    assert [one.verified for one in sink.receipts()] == [True, True, True]
    assert [len(one.headers["webhook-signature"].split()) for one in sink.receipts()] == [1, 2, 2]


def test_a_change_to_ed25519_is_a_rotation_and_the_public_key_is_shown(ledger: Ledger, sink: Sink) -> None:
    made = subscribed(ledger, sink)
    changed, secret = rotate(ledger, BOX, made.id, grace_seconds=DAY, scheme=Scheme.ED25519)
    assert (secret, changed.scheme) == (None, "v1a")
    owe(ledger, "ntc_1")
    bring_all(ledger, courier(ledger))
    (receipt,) = sink.receipts()
    assert receipt.verified
    verify_v1a(changed.public_key, receipt.headers, receipt.body)
    assert changed.public_key is not None
    assert verify(changed.public_key, receipt.headers, receipt.body)["id"] == receipt.headers["webhook-id"]
    back, secret = rotate(ledger, BOX, made.id, grace_seconds=DAY, scheme=Scheme.HMAC)
    assert (back.public_key, (secret or "")[:6]) == (None, "whsec_")
