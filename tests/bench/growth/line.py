"""The real line in one thread: crawler, worker, relay and courier; their way out is an invented site, no socket."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text

from services.desk.subscribing import Webhook, subscribe
from services.processes.crawling import build_crawl_loop
from services.processes.relaying import courier_rules
from services.processes.working import build_processor
from services.wiring import Wiring
from shared.db.models import Subscription
from shared.domain.states import Consent
from shared.http import AllowList, Limits, Request, Response
from shared.http.addresses import NOWHERE
from shared.http.exchange import DEFAULT_LIMITS
from shared.settings import read_settings
from tests.bench.growth.pages import Paper, listing
from tests.month.play import AGENT, WaitingBell
from worker.deliver.courier import Courier
from worker.relay import Relay

STEPS = ("crawl", "process", "stamp", "deliver")


class Site:
    """Every host there is: papers at their URLs, listings, and nothing else; see `shared.http.Exchange`."""

    def __init__(self) -> None:
        """Serve nothing yet."""
        self._pages: dict[str, bytes] = {}

    def publish(self, listing_url: str, papers: Mapping[str, Paper], beside: Sequence[tuple[str, str]] = ()) -> None:
        """Serve papers by their URLs; the listing shows them, and what it showed before (URL and title)."""
        self._pages.update({url: paper.html for url, paper in papers.items()})
        shown = [(url, paper.title) for url, paper in papers.items()]
        self._pages[listing_url] = listing([*shown, *beside])

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        began, body = time.monotonic(), self._pages.get(request.url)
        if body is None:
            return _answer(request, 404, b"none", began)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        same = any(name.lower() == "if-none-match" and value == etag for name, value in request.headers.items())
        return _answer(request, 304 if same else 200, b"" if same else body, began, etag)


class Receiver:
    """Every webhook there is: it accepts what it is sent."""

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        return _answer(request, 204, b"", time.monotonic())


def _answer(request: Request, status: int, body: bytes, began: float, etag: str | None = None) -> Response:
    headers = {"content-type": "text/html; charset=utf-8", "server": "nginx", "content-length": str(len(body))}
    headers |= {"etag": etag} if etag else {}
    sent = tuple(request.headers.items())
    return Response(
        request.url, status, headers, body, began, 0.0, fields=tuple(headers.items()), reason="OK", sent=sent
    )


class GrowingLine:
    """The parts of the line on one ledger, each asked in turn."""

    def __init__(self, url: str, folder: Path) -> None:
        """Wire everything; the ledger is migrated already."""
        unhurried = {"host_delay_seconds": 0.0, "host_delay_jitter_seconds": 0.0, "host_daily_requests": 10**9}
        contact = "https://bench.example/"
        self.wiring = Wiring(read_settings(data_dir=folder, database_url=url, contact=contact, **unhurried))
        self.site, self.bell = Site(), WaitingBell()
        vars(self.wiring).update(http=self.site, bell=self.bell, webhooks=Receiver())
        self.ledger = self.wiring.ledger
        self._loop = build_crawl_loop(self.wiring, AGENT)
        self._processor = build_processor(self.wiring)
        self._relay = Relay(self.ledger)
        rules = courier_rules(self.wiring.settings)
        self._courier = Courier(self.ledger, self.wiring.webhooks, self.wiring.box, rules)

    def subscribe(self, count: int) -> list[Subscription]:
        """Subscribe webhooks to everything."""
        made = [subscribe(self.ledger, self.wiring.box, Webhook("https://hook.example/x"))[0] for _ in range(count)]
        with self.ledger.begin() as uow:
            for one in made:
                uow.subscriptions.change(one.id, {"consent": Consent.GIVEN})
            uow.commit()
        return made

    def run(self, spent: Callable[[], Any]) -> list[Any]:
        """Do all that is due, step by step; return what `spent` says before the first and after each of `STEPS`."""
        told = [spent()]
        for step in (self._crawl, self._process, self._stamp, self._deliver):
            step()
            told.append(spent())
        return told

    def make_due(self, condition: str, **values: Any) -> None:
        """Make the targets due that fulfil an SQL condition."""
        with self.ledger.engine.begin() as connection:
            connection.execute(text(f"UPDATE targets SET due_at = created_at WHERE {condition}"), values)

    def close(self) -> None:
        """Close the ledger."""
        self._courier.close()
        del vars(self.wiring)["webhooks"], vars(self.wiring)["bell"]
        self.wiring.close()

    def _crawl(self) -> None:
        idle = 0
        while idle < 3:  # the first only says that the list of hosts is through, and a turn may be over in a moment
            idle = 0 if self._loop.round() else idle + 1

    def _process(self) -> None:
        with suppress(IndexError):
            while True:
                self._processor.process(self.bell.rung.popleft())

    def _stamp(self) -> None:
        while self._relay.relay():
            pass

    def _deliver(self) -> None:
        while self._courier.bring() or self._courier.busy:
            time.sleep(0.001)
