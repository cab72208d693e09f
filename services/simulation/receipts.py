"""What a subscriber received: the signature checked, the CloudEvent taken apart.

`v1` is checked with the published package, and `v1a`, which that does not know, with `cryptography`.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from services.simulation.moment import now

PUBLIC = "whpk_"
REQUIRED = ("id", "source", "specversion", "type")
STRUCTURED = "application/cloudevents"
"""How the content type of an event in structured mode begins (CloudEvents HTTP 1.0.2, 3)."""


def is_binary(headers: Mapping[str, str]) -> bool:
    """Tell the content mode of a POST: binary if it is not structured and names CloudEvents' version in a header."""
    return "ce-specversion" in headers and not headers.get("content-type", "").startswith(STRUCTURED)


def event_in(headers: Mapping[str, str], body: bytes) -> Any:
    """Return what JSON a POST tells, in either content mode (names of `headers` in lower case); raises ValueError.

    In binary mode attributes are headers `ce-…`, percent-encoded UTF-8 (CloudEvents HTTP 1.0.2, 3.1.3.2).
    """
    told = json.loads(body)
    if not is_binary(headers):
        return told
    named = {name[3:]: unquote(value, errors="strict") for name, value in headers.items() if name.startswith("ce-")}
    return named | {"datacontenttype": headers.get("content-type"), "data": told}


@dataclass
class Receipt:
    """One POST. `verified` is the signature's word, `flaws` is what is wrong with the envelope; `status` our answer.

    `status` 0 means that no answer was given.
    """

    number: int
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    received_at: str = field(default_factory=lambda: now().iso)
    monotonic: float = field(default_factory=lambda: now().monotonic)
    verified: bool = False
    scheme: str | None = None
    """Of the signature by which it was verified."""
    reason: str | None = None
    status: int = 0
    event: dict[str, Any] = field(default_factory=dict, init=False)
    flaws: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Take the envelope apart."""
        try:
            event = event_in(self.headers, self.body)
        except ValueError:
            event = None
        self.event = event if isinstance(event, dict) else {}
        self.flaws = [f"no {name}" for name in REQUIRED if not self.event.get(name)]
        if self.event.get("specversion") != "1.0":
            self.flaws.append("specversion is not 1.0")
        wanted = "application/json" if self.mode == "binary" else "application/cloudevents+json"
        if not self.headers.get("content-type", "").startswith(wanted):
            self.flaws.append(f"content type is not {wanted}")
        if self.event.get("id") != self.webhook_id:
            self.flaws.append("webhook-id is not the event's id")

    @property
    def mode(self) -> str:
        """The content mode: `structured` or `binary`."""
        return "binary" if is_binary(self.headers) else "structured"

    @property
    def accepted(self) -> bool:
        """Whether it was genuine and answered with success."""
        return self.verified and 200 <= self.status < 300

    @property
    def webhook_id(self) -> str | None:
        """The `webhook-id` header."""
        return self.headers.get("webhook-id")

    @property
    def subject(self) -> str | None:
        """The event's subject."""
        return self.event.get("subject")

    @property
    def type(self) -> str | None:
        """The event's type."""
        return self.event.get("type")

    def verify(self, secrets: Sequence[str]) -> None:
        """Try each secret, or public key (`whpk_`): one valid signature is enough (rotation sends two)."""
        self.reason = "no secret is known"
        for secret in secrets:
            try:
                if secret.startswith(PUBLIC):
                    self._verify_v1a(secret)
                else:
                    Webhook(secret).verify(self.body, self.headers, json_parse=False)
            except (WebhookVerificationError, ValueError, KeyError, binascii.Error, InvalidSignature) as error:
                self.reason = str(error) or type(error).__name__
            else:
                self.verified, self.reason, self.scheme = True, None, "v1a" if secret.startswith(PUBLIC) else "v1"
                return

    def _verify_v1a(self, public: str) -> None:
        """Raise unless one of the `v1a` signatures is by the key (Standard Webhooks 1.0, "Signature scheme")."""
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix(PUBLIC)))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        reason: Exception = ValueError("no v1a signature")
        for one in self.headers["webhook-signature"].split():
            if one.startswith("v1a,"):
                try:
                    return key.verify(base64.b64decode(one.removeprefix("v1a,")), signed)
                except InvalidSignature as error:
                    reason = error
        raise reason

    def plain(self) -> dict[str, Any]:
        """The receipt as a JSON-able object."""
        return {
            "number": self.number,
            "path": self.path,
            "received_at": self.received_at,
            "monotonic": self.monotonic,
            "webhook_id": self.webhook_id,
            "webhook_timestamp": self.headers.get("webhook-timestamp"),
            "verified": self.verified,
            "accepted": self.accepted,
            "reason": self.reason,
            "status": self.status,
            "flaws": self.flaws,
            "sha256": hashlib.sha256(self.body).hexdigest(),
            "id": self.event.get("id"),
            "type": self.type,
            "source": self.event.get("source"),
            "subject": self.subject,
            "partitionkey": self.event.get("partitionkey"),
            "sequence": self.event.get("sequence"),
            "data": self.event.get("data"),
        }
