"""Verifying a delivery by Standard Webhooks 1.0: signed with our secret, and not long ago."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import cast

from services.client.shapes import Event

TOLERANCE_SECONDS = 300


class Forged(Exception):
    """The delivery is not signed with the secret, or is too old: answer 401 and forget it."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> Event:
    """Return the event in a delivery that is signed by `v1`; raises `Forged`. `now` is in seconds since 1970.

    `headers` may be spelt in any case. Deliver once: keep the ids that you have seen.
    """
    told = {name.lower(): value for name, value in headers.items()}
    message, at = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not at.isdigit() or abs((time.time() if now is None else now) - int(at)) > TOLERANCE_SECONDS:
        raise Forged("the timestamp is missing, or too far from now")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest())
    given = [one.removeprefix("v1,") for one in told.get("webhook-signature", "").split() if one.startswith("v1,")]
    # While a secret is rotated two signatures stand side by side: one that fits will do.
    if not any(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise Forged("no signature fits the secret")
    return cast(Event, json.loads(body))
