"""Signatures, held against the verifier that subscribers use."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from shared.clock import SystemClock
from worker.deliver.sign import new_secret, signed_headers

EVENT = "5f6d0f0e-2f0c-5f0e-9a55-0b8a0c0e6f00"
BODY = '{"subject":"ntc_1","title":"关于整改情况的通报"}'.encode()


def test_the_published_verifier_accepts_what_is_signed() -> None:
    secret = new_secret()
    headers = signed_headers(secret, EVENT, BODY, SystemClock().now())
    assert Webhook(secret).verify(BODY, headers)


def test_each_attempt_has_the_events_id_and_a_signature_of_its_own_time() -> None:
    secret, now = new_secret(), SystemClock().now()
    first, second = (signed_headers(secret, EVENT, BODY, now + timedelta(seconds=s)) for s in (0, 5))
    assert first["webhook-id"] == second["webhook-id"] == EVENT
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert Webhook(secret).verify(BODY, second)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_forged_header_is_found_out(name: str) -> None:
    secret = new_secret()
    headers = signed_headers(secret, EVENT, BODY, SystemClock().now())
    forged = headers | {name: str(int(headers["webhook-timestamp"]) - 1)}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, forged)


def test_another_body_or_another_secret_is_found_out() -> None:
    secret = new_secret()
    headers = signed_headers(secret, EVENT, BODY, SystemClock().now())
    for wrong_secret, wrong_body in ((secret, BODY + b" "), (new_secret(), BODY)):
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong_secret).verify(wrong_body, headers)


def test_the_timestamp_is_in_whole_seconds() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 999_999, tzinfo=UTC)
    assert signed_headers(new_secret(), EVENT, BODY, at)["webhook-timestamp"] == str(int(at.timestamp()))


def test_secrets_are_32_random_bytes_each() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=5))
def test_whatever_json_is_signed_is_accepted(value: object) -> None:
    secret, body = new_secret(), json.dumps({"data": value}).encode()
    assert Webhook(secret).verify(body, signed_headers(secret, EVENT, body, SystemClock().now()))
