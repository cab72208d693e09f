"""Standard Webhooks 1.0 headers: `v1` (HMAC-SHA256) by the published package, and `v1a` (Ed25519)."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from shared.domain.states import Scheme

_PREFIX = {Scheme.HMAC: "whsec_", Scheme.ED25519: "whsk_"}
_PUBLIC = "whpk_"


def new_secret(scheme: Scheme = Scheme.HMAC) -> str:
    """Return a fresh signing secret: `whsec_` or `whsk_` (an Ed25519 private key), and 32 random bytes in base64."""
    return _PREFIX[scheme] + base64.b64encode(secrets.token_bytes(32)).decode()


def public_key(secret: str) -> str | None:
    """Return what verifies the signatures of `secret`: `whpk_` and 32 bytes in base64; None where the secret does."""
    if not secret.startswith(_PREFIX[Scheme.ED25519]):
        return None
    return _PUBLIC + base64.b64encode(_private_key(secret).public_key().public_bytes_raw()).decode()


def signed_headers(secrets: Sequence[str], event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the three `webhook-…` headers for one attempt at `at`; the id is the event's, whatever the attempt.

    Each of `secrets` signs, the newest first; the signatures stand side by side, separated by spaces.
    """
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(_signature(secret, event_id, body, at) for secret in secrets),
    }


def _signature(secret: str, event_id: str, body: bytes, at: datetime) -> str:
    if not secret.startswith(_PREFIX[Scheme.ED25519]):
        return Webhook(secret).sign(msg_id=event_id, timestamp=at, data=body.decode())
    signed = f"{event_id}.{int(at.timestamp())}.".encode() + body
    return "v1a," + base64.b64encode(_private_key(secret).sign(signed)).decode()


@lru_cache(256)
def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix(_PREFIX[Scheme.ED25519])))
