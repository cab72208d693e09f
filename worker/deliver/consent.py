"""Asking an endpoint whether it wants to be called, before it is called often.

CloudEvents HTTP 1.0 web hooks, section 4: `OPTIONS` with `WebHook-Request-Origin` is answered with
`WebHook-Allowed-Origin`, and with a rate if one is wanted. Who does not know that may send a challenge back instead.
Status codes prove nothing: a page that answers 200 to everybody never said that it wants to be called.

Handshake and challenge are one question, in two requests, and are counted as one. Signatures tell time in seconds, but
two questions within one second are still two: each challenge has a token of its own, in its body and in its id, so that
whoever drops what came twice drops neither, and an answer to the one is none to the other.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.db.models import Subscription
from shared.domain.states import Consent
from shared.errors import NoticewireError
from shared.http import AllowList, Exchange, Limits, Request, Response
from worker.deliver.sign import signed_headers

KEPT_OF_ANSWER = 4096
ASK_SECONDS = 10.0
HOLD_SECONDS = 60.0
"""While one asks, nobody else does."""
AGAIN = timedelta(days=1)
AGAIN_SOON = timedelta(minutes=5)
"""Until the next try at an endpoint that did not answer, or answered that it cannot now."""
LARGEST_RATE = 2**31 - 1


@dataclass(frozen=True)
class Given:
    """It wants to be called, `rate` times a minute at most (None: as often as there is something)."""

    how: str
    rate: int | None = None


@dataclass(frozen=True)
class Withheld:
    """It did not say that it wants to be called; `soon` if it may have had no chance to."""

    reason: str
    soon: bool = False


@dataclass(frozen=True)
class Asking:
    """Who asks: the name of our system, and our user agent."""

    origin: str
    user_agent: str

    @property
    def headers(self) -> dict[str, str]:
        """Return what every POST says of its sender (CloudEvents webhooks, 4.1.2; the name of 1.0 was `Origin`)."""
        return {"user-agent": self.user_agent, "webhook-request-origin": self.origin, "origin": self.origin}


def ask(http: Exchange, to: Subscription, keys: Sequence[str], asking: Asking, at: datetime) -> Given | Withheld:
    """Ask the endpoint of `to`, by the handshake and then by a challenge signed with `keys`."""
    try:
        first = _send(http, to, _handshake(to, asking))
        if given := allowed(first.headers, asking.origin):
            return given
        token = secrets.token_urlsafe(24)
        second = _send(http, to, _challenge(to, keys, asking, token, at))
    except NoticewireError as error:
        return Withheld(str(error), soon=True)
    if 200 <= second.status < 300 and echoes(second.body, token):
        return Given("it sent the challenge back")
    reason = f"it answered OPTIONS with {first.status}, without WebHook-Allowed-Origin for {asking.origin}"
    soon = first.status >= 500 or second.status >= 500
    return Withheld(f"{reason}, and did not send the challenge back ({second.status})", soon)


def allowed(headers: Mapping[str, str], origin: str) -> Given | None:
    """Return the consent that the headers of an answer (names in lower case) give to `origin`, if they do."""
    named = headers.get("webhook-allowed-origin", "").strip().lower()
    if named not in ("*", origin.lower()):
        return None
    rate = headers.get("webhook-allowed-rate", "").strip()
    sensible = rate.isascii() and rate.isdigit() and len(rate) <= 12 and int(rate) > 0
    return Given("it answered the handshake", min(int(rate), LARGEST_RATE) if sensible else None)


def echoes(body: bytes, token: str) -> bool:
    """Tell whether an answer is the token of a challenge: alone, or as `challenge` in JSON."""
    text = body.decode("utf-8", "replace").strip()
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    return secrets.compare_digest(text.encode(), token.encode()) or (
        isinstance(said, dict) and said.get("challenge") == token
    )


def columns_of(answer: Given | Withheld, now: datetime) -> dict[str, Any]:
    """Return what is written down of an answer in the subscription's columns."""
    match answer:
        case Given(how=how, rate=rate):
            return {
                "consent": Consent.GIVEN,
                "consent_reason": how,
                "consent_ask_at": None,
                "allowed_rate": rate,
                "next_request_at": None,
            }
        case Withheld(reason=reason, soon=soon):
            return {
                "consent": Consent.REFUSED,
                "consent_reason": reason,
                "consent_ask_at": now + (AGAIN_SOON if soon else AGAIN),
                "next_request_at": now + timedelta(minutes=1),
            }


def _send(http: Exchange, to: Subscription, request: Request) -> Response:
    limits = Limits(total_seconds=ASK_SECONDS, max_bytes=KEPT_OF_ANSWER, cut=True)
    return http.exchange(request, limits=limits, allow=AllowList.parse(to.allow))


def _handshake(to: Subscription, asking: Asking) -> Request:
    headers = {"webhook-request-origin": asking.origin, "user-agent": asking.user_agent}
    if to.rate_per_minute is not None:
        headers["webhook-request-rate"] = str(to.rate_per_minute)
    return Request("OPTIONS", to.url, headers)


def _challenge(to: Subscription, keys: Sequence[str], asking: Asking, token: str, at: datetime) -> Request:
    body = json.dumps({"type": "org.noticewire.challenge", "challenge": token}).encode()
    headers = signed_headers(keys, f"challenge-{token[:8]}", body, at)
    headers |= asking.headers | {"content-type": "application/json"}
    return Request("POST", to.url, headers, body)
