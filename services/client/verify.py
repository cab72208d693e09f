"""Verifying a delivery by Standard Webhooks 1.0: signed with our key, and not long ago.

Its event is read in either content mode of CloudEvents. In binary mode what is signed is the data and the id, and the
other attributes are headers that TLS alone protects.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import unquote

from services.client.shapes import Event

TOLERANCE_SECONDS = 300
_SECONDS = re.compile("[0-9]{1,12}")
"""A time that `int` reads: it stumbles over other digits (`²`), and over thousands of them."""


class Forged(Exception):
    """The delivery is not signed with the key, or is too old: answer 401 and forget it."""


def verify(key: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> Event:
    """Return the event in a delivery that is signed; raises `Forged`. `now` is in seconds since 1970.

    `key` is the secret of `v1` (`whsec_…`), or the public key of `v1a` (`whpk_…`), for which the package `cryptography`
    is needed: ImportError, where it is not there. `headers` may be spelt in any case. Deliver once: keep the ids that
    you have seen.
    """
    told = {name.lower(): value for name, value in headers.items()}
    message, at = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not _SECONDS.fullmatch(at) or abs((time.time() if now is None else now) - int(at)) > TOLERANCE_SECONDS:
        raise Forged("the timestamp is missing, or too far from now")
    scheme, fits = ("v1a,", _ed25519(key)) if key.startswith("whpk_") else ("v1,", _hmac(key))
    given = [one.removeprefix(scheme) for one in told.get("webhook-signature", "").split() if one.startswith(scheme)]
    # While a key is rotated two signatures stand side by side: one that fits will do.
    signed = f"{message}.{at}.".encode("utf-8", "replace") + body
    if not any(fits(signed, one) for one in given):
        raise Forged("no signature fits the key")
    if told.get("ce-id", message) != message:
        raise Forged("the event's id is not the one that is signed")
    return _event_in(told, body)


def _hmac(secret: str) -> Callable[[bytes, str], bool]:
    key = base64.b64decode(secret.removeprefix("whsec_"))

    def fits(signed: bytes, signature: str) -> bool:
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        return hmac.compare_digest(wanted, signature.encode("utf-8", "replace"))

    return fits


def _ed25519(public: str) -> Callable[[bytes, str], bool]:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise ImportError("v1a is verified by the package cryptography: pip install cryptography") from error
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))

    def fits(signed: bytes, signature: str) -> bool:
        try:
            key.verify(base64.b64decode(signature), signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    return fits


def _event_in(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the event, whole in the body or (CloudEvents HTTP 1.0.2, 3.1) with its attributes in headers `ce-…`."""
    said = json.loads(body)
    if "ce-id" in headers:
        told = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
        said = told | {"datacontenttype": headers.get("content-type"), "data": said}
    return cast(Event, said)
