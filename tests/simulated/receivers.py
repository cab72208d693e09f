"""Played subscribers: each verifies by the published package and schema, keeps its receipts, and fails when told to."""

import json
from collections import deque
from datetime import datetime
from typing import Literal, get_args
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from services.simulation.receipts import Receipt
from shared.errors import TimedOut, Unreachable
from shared.http import DEFAULT_LIMITS, NOWHERE, AllowList, Limits, Request, Response
from tests.month.clock import PlayedClock
from tests.servers.subscriber import judge

Answer = Literal["busy", "wait", "gone", "reset", "acknowledged and reset", "silent"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
STATUS = {"busy": 503, "wait": 429, "gone": 410}
TAKES_SECONDS = 0.02


class Receiver:
    """One subscriber."""

    def __init__(self, url: str) -> None:
        """Live at `url`."""
        self.url = url
        self.secrets: list[str] = []
        self.ills: deque[Answer] = deque()
        """How it is to answer the next requests; well, once they are used up."""
        self._receipts: list[Receipt] = []

    def receipts(self) -> list[Receipt]:
        """See `tests.invariants.Subscriber`."""
        return self._receipts

    def receive(self, request: Request, at: datetime) -> Receipt:
        """Keep the receipt of a POST."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        one = Receipt(len(self._receipts) + 1, "/hook", headers, request.body or b"", at.isoformat(), 0.0)
        signed = datetime.fromtimestamp(int(headers["webhook-timestamp"]), at.tzinfo)
        expected = {Webhook(each).sign(headers["webhook-id"], signed, one.body.decode()) for each in self.secrets}
        one.verified = not expected.isdisjoint(headers["webhook-signature"].split())
        judge(one)
        self._receipts.append(one)
        return one


class Receivers:
    """All subscribers as a way out (`shared.http.Exchange`); an answer takes a moment, silence as long as may be."""

    def __init__(self, receivers: list[Receiver], clock: PlayedClock) -> None:
        """Know them by their hosts."""
        self._by_host = {urlsplit(one.url).hostname: one for one in receivers}
        self._clock = clock

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        to = self._by_host[urlsplit(request.url).hostname]
        began = self._clock.seconds
        self._clock.sleep(TAKES_SECONDS)
        ill = to.ills.popleft() if to.ills else None
        challenge = json.loads(request.body or b"{}").get("challenge", "")
        receipt = to.receive(request, self._clock.now()) if request.method == "POST" and not challenge else None
        if ill in ("reset", "silent"):
            self._clock.sleep(limits.total_seconds if ill == "silent" else 0.0)
            raise TimedOut("no answer") if ill == "silent" else Unreachable("the connection was reset")
        status = STATUS.get(ill or "", 204)
        if receipt is not None:
            receipt.status = status if receipt.verified else 401
        if ill == "acknowledged and reset":
            raise Unreachable("the connection was reset")
        headers = {"webhook-allowed-origin": "*"} if status == 204 else {"retry-after": "600"}
        return Response(request.url, status, headers, challenge.encode(), began, self._clock.seconds - began)
