"""Verifying a delivery by Standard Webhooks 1.0: signed with our secret, and not long ago.

Its event is read in either content mode of CloudEvents. In binary mode what is signed is the data and the id, and the
other attributes are headers that TLS alone protects.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote

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
    if told.get("ce-id", message) != message:
        raise Forged("the event's id is not the one that is signed")
    return _event_in(told, body)


def _event_in(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the event, whole in the body or (CloudEvents HTTP 1.0.2, 3.1) with its attributes in headers `ce-…`."""
    said = json.loads(body)
    if "ce-id" in headers:
        told = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
        said = told | {"datacontenttype": headers.get("content-type"), "data": said}
    return cast(Event, said)
