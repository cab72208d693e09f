"""How often a token may ask: so many requests a minute, with the standard's words for how many are left.

Counted in the process that serves, and nowhere else: noticewire runs one API process, and a count in Redis would make
every request wait for a server that the API can do without. Whoever runs several beside each other gives each its part.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.errors import problem

WINDOW_SECONDS = 60
MOST_BUCKETS = 10_000


@dataclass(frozen=True)
class Standing:
    """How a token stands after it asked: whether it may, how many more it may at once, and when it may again."""

    allowed: bool
    remaining: int
    full_in_seconds: int
    retry_seconds: int


class Allowance:
    """A bucket for each token, full at first: a request takes one drop, and time fills it again."""

    def __init__(self, per_minute: int) -> None:
        """Allow `per_minute` requests in a minute, also all at once."""
        self.per_minute = per_minute
        self._rate = per_minute / WINDOW_SECONDS
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float) -> Standing:
        """Count a request of `name` at the monotonic time `now`."""
        left, seen = self._buckets.get(name, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - seen) * self._rate)
        allowed = left >= 1.0
        left -= allowed
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets.clear()  # tokens are made by hand: this many are no ordinary case, and nobody loses by it
        self._buckets[name] = (left, now)
        full_in = math.ceil((self.per_minute - left) / self._rate)
        return Standing(allowed, int(left), full_in, max(1, math.ceil((1.0 - left) / self._rate)))


class Meter:
    """ASGI middleware behind the gate: counts each token's requests, and answers 429 where there are too many."""

    def __init__(self, app: ASGIApp, per_minute: int, monotonic: Callable[[], float]) -> None:
        """Stand before `app`."""
        self._app = app
        self._allowance = Allowance(per_minute)
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        token = scope.get("state", {}).get("token") if scope["type"] == "http" else None
        if token is None:
            await self._app(scope, receive, send)
            return
        standing = self._allowance.take(token.id, self._monotonic())
        told = _headers(self._allowance.per_minute, standing)

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *told]}
            await send(message)

        if standing.allowed:
            await self._app(scope, receive, send_counted)
            return
        words = f"more than {self._allowance.per_minute} requests in a minute; wait, or ask for larger pages"
        refusal = problem(429, words, headers={"Retry-After": str(standing.retry_seconds)})
        await refusal(scope, receive, send_counted)


def _headers(per_minute: int, standing: Standing) -> list[tuple[bytes, bytes]]:
    """Return the fields of the IETF's draft on RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10)."""
    return [
        (b"ratelimit-policy", f'"token";q={per_minute};w={WINDOW_SECONDS}'.encode()),
        (b"ratelimit", f'"token";r={standing.remaining};t={standing.full_in_seconds}'.encode()),
    ]
