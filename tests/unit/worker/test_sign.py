"""Signatures, held against the verifier that subscribers use."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from shared.clock import SystemClock
from shared.domain.states import Scheme
from worker.deliver.sign import new_secret, public_key, signed_headers

EVENT = "5f6d0f0e-2f0c-5f0e-9a55-0b8a0c0e6f00"
BODY = '{"subject":"ntc_1","title":"关于整改情况的通报"}'.encode()


def test_the_published_verifier_accepts_what_is_signed() -> None:
    secret = new_secret()
    headers = signed_headers([secret], EVENT, BODY, SystemClock().now())
    assert Webhook(secret).verify(BODY, headers)


def test_each_attempt_has_the_events_id_and_a_signature_of_its_own_time() -> None:
    secret, now = new_secret(), SystemClock().now()
    first, second = (signed_headers([secret], EVENT, BODY, now + timedelta(seconds=s)) for s in (0, 5))
    assert first["webhook-id"] == second["webhook-id"] == EVENT
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert Webhook(secret).verify(BODY, second)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_forged_header_is_found_out(name: str) -> None:
    secret = new_secret()
    headers = signed_headers([secret], EVENT, BODY, SystemClock().now())
    forged = headers | {name: str(int(headers["webhook-timestamp"]) - 1)}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, forged)


def test_another_body_or_another_secret_is_found_out() -> None:
    secret = new_secret()
    headers = signed_headers([secret], EVENT, BODY, SystemClock().now())
    for wrong_secret, wrong_body in ((secret, BODY + b" "), (new_secret(), BODY)):
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong_secret).verify(wrong_body, headers)


def test_the_timestamp_is_in_whole_seconds() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 999_999, tzinfo=UTC)
    assert signed_headers([new_secret()], EVENT, BODY, at)["webhook-timestamp"] == str(int(at.timestamp()))


def test_secrets_are_32_random_bytes_each() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=5))
def test_whatever_json_is_signed_is_accepted(value: object) -> None:
    secret, body = new_secret(), json.dumps({"data": value}).encode()
    assert Webhook(secret).verify(body, signed_headers([secret], EVENT, body, SystemClock().now()))


def verify_v1a(public: str | None, headers: dict[str, str], body: bytes) -> None:
    """Verify as a subscriber would; raises InvalidSignature."""
    assert public is not None
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    signatures = [one.removeprefix("v1a,") for one in headers["webhook-signature"].split() if one.startswith("v1a,")]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for signature in signatures:
        key.verify(base64.b64decode(signature), signed)
    assert signatures


def test_the_public_key_verifies_what_ed25519_signed_and_nothing_else() -> None:
    secret = new_secret(Scheme.ED25519)
    headers = signed_headers([secret], EVENT, BODY, SystemClock().now())
    verify_v1a(public_key(secret), headers, BODY)
    other = public_key(new_secret(Scheme.ED25519))
    for public, body in ((other, BODY), (public_key(secret), BODY + b" ")):
        with pytest.raises(InvalidSignature):
            verify_v1a(public, headers, body)


def test_keys_tell_what_they_are_by_their_prefix() -> None:
    private, shared = new_secret(Scheme.ED25519), new_secret()
    assert (private[:5], shared[:6], public_key(shared)) == ("whsk_", "whsec_", None)
    public = public_key(private)
    assert public is not None
    assert public.startswith("whpk_")
    assert len(base64.b64decode(public.removeprefix("whpk_"))) == 32


def test_signatures_of_both_kinds_stand_side_by_side() -> None:
    shared, private = new_secret(), new_secret(Scheme.ED25519)
    headers = signed_headers([private, shared], EVENT, BODY, SystemClock().now())
    assert [one.partition(",")[0] for one in headers["webhook-signature"].split(" ")] == ["v1a", "v1"]
    assert Webhook(shared).verify(BODY, headers)
    verify_v1a(public_key(private), headers, BODY)
