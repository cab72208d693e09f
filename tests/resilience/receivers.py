"""Receivers that fail, each in a way of its own, and keep every receipt."""

import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from services.desk.keys import rotate
from services.desk.subscribing import Webhook, subscribe
from services.simulation.receipts import Receipt
from services.wiring import Wiring
from shared.domain.states import ContentMode, Scheme
from shared.errors import Invalid
from tests.servers.line import LOOPBACK
from tests.servers.subscriber import Sink

GRACE_SECONDS = 60.0
METADATA = "http://169.254.169.254/latest/meta-data/"
CHOSEN = "ntc_3"
"""The notice that is refused by the receiver who takes all others."""
Failure = dict[str, Any]


def _until(form: str) -> Callable[[], str]:
    return lambda: (datetime.now(UTC) + timedelta(seconds=1)).strftime(form)


RETRY_AFTER: tuple[str | Callable[[], str], ...] = (
    "1",
    "0",
    _until("%a, %d %b %Y %H:%M:%S GMT"),
    _until("%A, %d-%b-%y %H:%M:%S GMT"),
    _until("%a %b %e %H:%M:%S %Y"),
    "-3",
    "soon",
    "",
    "1.5",
    "Sun Nov  6 08:49:37 1994",
)
"""Each form of RFC 9110, 10.2.3, and what is none."""
WAYS: dict[str, list[Failure]] = {
    "down": [],  # nobody listens, for as long as the blow lasts
    "erring": [{"kind": "status", "status": status, "times": 3} for status in (500, 503, 404, 502)],
    "slow": [{"kind": "slow", "seconds": 0.3, "times": 6}, {"kind": "hang", "seconds": 3, "times": 2}],
    "resetting": [{"kind": "reset", "times": 8}],
    "forgetful": [{"kind": "acknowledge_and_reset", "times": 8}],
    "busy": [
        {"kind": "status", "status": (429, 503)[number % 2], "retry_after": value, "times": 1}
        for number, value in enumerate(RETRY_AFTER)
    ],
    "redirecting": [{"kind": "status", "status": status, "times": 2} for status in (301, 302, 303, 307, 308)],
    "choosy": [{"kind": "status", "status": 500, "subject": CHOSEN, "times": None}],
    "gone": [{"kind": "status", "status": 410, "times": 1}],
}
"""By the receiver's name: what it does when its blow falls, until it is done with it or well again."""
BINARY = ("resetting", "busy")
"""Those who want events in binary mode."""


def scripted(number: int, failure: Failure, canary_url: str) -> Failure:
    """Return the `number`-th failure of a way, with what it says of now: a date, or where it leads."""
    how = dict(failure)
    if callable(value := how.get("retry_after")):
        how["retry_after"] = value()
    if 300 <= how.get("status", 0) < 400:
        how["location"] = (canary_url, METADATA)[number % 2]
    return how


class Receiver:
    """A subscriber that fails in one of the `WAYS`."""

    def __init__(self, name: str, canary_url: str) -> None:
        """Listen at once; `canary_url` is where the redirecting one leads, beside a cloud's metadata address."""
        self.name, self._canary_url = name, canary_url
        self._sinks = [Sink().start()]
        self._keys: list[str] = []
        self._reserved: socket.socket | None = None
        self.subscription_id = ""

    @property
    def sink(self) -> Sink:
        """What listens now, or did last."""
        return self._sinks[-1]

    def subscribe(self, wiring: Wiring, scheme: Scheme = Scheme.HMAC) -> None:
        """Subscribe to everything."""
        mode = ContentMode.BINARY if self.name in BINARY else ContentMode.STRUCTURED
        wish = Webhook(self.sink.url, name=self.name, allow=[LOOPBACK], scheme=scheme, content_mode=mode)
        made, secret = subscribe(wiring.ledger, wiring.box, wish)
        self.subscription_id = made.id
        self._knows(made.public_key or secret)

    def rotate(self, wiring: Wiring, scheme: Scheme) -> None:
        """Have its deliveries signed with a new key; the old one signs beside it for the rest of the run."""
        with suppress(Invalid):  # so many old ones sign already
            made, secret = rotate(
                wiring.ledger, wiring.box, self.subscription_id, grace_seconds=GRACE_SECONDS, scheme=scheme
            )
            self._knows(made.public_key or str(secret))

    def _knows(self, key: str) -> None:
        self._keys.insert(0, key)
        self.sink.set_secret(*self._keys)

    def fail(self) -> None:
        """Begin to fail."""
        if self.name == "down":
            self.sink.stop()
            # The port stays its own, though nobody listens there: whoever connects is refused.
            self._reserved = socket.socket()
            self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._reserved.bind(("127.0.0.9", self.sink.port))
        for number, failure in enumerate(WAYS[self.name]):
            how = scripted(number, failure, self._canary_url)
            self.sink.fail(how.pop("kind"), **how)

    def recover(self) -> None:
        """Be well."""
        self.sink.calm()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
            self._sinks.append(Sink(port=self.sink.port).start())
            self.sink.set_secret(*self._keys)

    def has_taken_any(self) -> bool:
        """Tell whether it has accepted something."""
        return any(one.accepted for one in self.receipts())

    def receipts(self) -> list[Receipt]:
        """All that it ever received, in order."""
        return [one for sink in self._sinks for one in sink.receipts()]

    def knows_by_newest(self, receipt: Receipt) -> bool:
        """Tell whether a receipt is verified by the newest key alone."""
        again = Receipt(receipt.number, receipt.path, receipt.headers, receipt.body)
        again.verify(self._keys[:1])
        return again.verified

    def close(self) -> None:
        """Listen no more."""
        if self._reserved is not None:
            self._reserved.close()
        else:
            self.sink.stop()
