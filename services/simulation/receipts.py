"""What a subscriber received: the signature checked with the published package, the CloudEvent taken apart."""

import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from services.simulation.moment import now

REQUIRED = ("id", "source", "specversion", "type")


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
    reason: str | None = None
    status: int = 0
    event: dict[str, Any] = field(default_factory=dict, init=False)
    flaws: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Take the envelope apart."""
        try:
            event = json.loads(self.body)
        except ValueError:
            event = None
        self.event = event if isinstance(event, dict) else {}
        self.flaws = [f"no {name}" for name in REQUIRED if not self.event.get(name)]
        if self.event.get("specversion") != "1.0":
            self.flaws.append("specversion is not 1.0")
        if not self.headers.get("content-type", "").startswith("application/cloudevents+json"):
            self.flaws.append("content type is not application/cloudevents+json")

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
        """Try each secret: one valid signature is enough (rotation sends two)."""
        self.reason = "no secret is known"
        for secret in secrets:
            try:
                Webhook(secret).verify(self.body, self.headers, json_parse=False)
            except (WebhookVerificationError, ValueError, binascii.Error) as error:
                self.reason = str(error)
            else:
                self.verified, self.reason = True, None
                return

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
