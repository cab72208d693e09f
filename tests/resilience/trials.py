"""For each planted defect the shortest course of events in which it does harm; without it, nothing may be broken."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event as sqlalchemy_event

from services.desk.subscribing import Webhook, subscribe
from services.desk.watching import Watch, watch
from services.simulation.site import DisclosureSite
from services.wiring import Wiring
from shared.db import Ledger
from shared.db.models import Column
from shared.domain.events import SOURCE_SILENT, Fact
from shared.domain.states import Ailment
from shared.errors import TimedOut
from shared.http import Request, Response
from tests.integration.scene import rows, together
from tests.invariants import canaries_heard_nothing
from tests.resilience.by_hand import DELAY_SECONDS, REQUEST_SECONDS, ByHand, Killed, hand_settings
from tests.resilience.defects import defect_of, planted
from tests.resilience.place import Place
from tests.servers.canaries import Canaries
from tests.servers.line import LOOPBACK
from tests.servers.subscriber import Sink
from worker.alarm import Alarm
from worker.telling import Origin, event_row

HOST = "127.0.0.2"
AWAKE_SECONDS = 2 * (REQUEST_SECONDS + DELAY_SECONDS)
"""A frozen crawler wakes after so long: its request's time, and the pause after it, are long over."""


@contextmanager
def line_by_hand(place: Place, defect: str | None) -> Iterator[ByHand]:
    """Open a line with one watched column, one notice, one subscriber, and a defect (None: none)."""
    settings = hand_settings(*place)
    with ExitStack() as stack:
        site = stack.enter_context(DisclosureSite(hosts=[HOST], families=["guangdong"], notices=1))
        sink = stack.enter_context(Sink())
        stack.enter_context(planted(defect, settings))
        line = ByHand(settings, site, sink)
        stack.callback(line.close)
        ledger = line.wiring.ledger
        if defect is not None:
            defect_of(defect).unprotect(ledger)
        _, secret = subscribe(ledger, line.wiring.box, Webhook(sink.url, allow=[LOOPBACK]))
        sink.set_secret(secret)
        for url in site.listing_urls():
            watch(ledger, Watch(url, allow=[LOOPBACK]))
        yield line


def a_queue_is_flushed(line: ByHand) -> list[str]:
    """Between a bell and the worker who answers it."""
    line.crawl_until(line.has_captured)
    line.redis.flushall()
    return line.settle()


def a_worker_is_killed(line: ByHand) -> list[str]:
    """In the middle of reading a page."""

    def die() -> None:
        raise Killed

    line.crawl_until(line.has_captured)
    line.work_interrupted(die)
    return line.settle()


def a_transaction_lasts(line: ByHand) -> list[str]:
    """What it recorded becomes visible when something that was recorded later has been handed on."""
    with line.wiring.ledger.begin() as uow:
        uow.events.append([_episode_row(line.wiring.ledger, 1)])
        other = Wiring(line.settings)
        with other.ledger.begin() as quick:
            quick.events.append([_episode_row(line.wiring.ledger, 2)])
            quick.commit()
        other.close()
        line.step()
        uow.commit()
    return line.settle()


def _episode_row(ledger: Ledger, number: int) -> dict[str, Any]:
    with ledger.reading() as uow:
        now = uow.now()
    fact = Fact(SOURCE_SILENT, f"src_{number}", f"episode/{number}", {})
    return event_row(fact, Origin(f"src_{number}", None, now)) | {"dataschema": None}


class Freezing:
    """The way out of a crawler that freezes in the middle of its request: the connection stays open meanwhile."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.reached, self._meanwhile = False, meanwhile

    def exchange(self, request: Request, **_: Any) -> Response:
        self.reached, to = True, urlsplit(request.url)
        with socket.create_connection((to.hostname or "", to.port or 80)) as connection:
            named = (
                f"GET {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nUser-Agent: {request.headers['user-agent']}\r\n\r\n"
            )
            connection.sendall(named.encode())
            self._meanwhile()
        raise TimedOut("the exchange did not end within its total time")


def a_crawler_is_frozen(line: ByHand) -> list[str]:
    """In the middle of a request, for longer than that may take, while another wants to ask the same host."""

    def wake() -> None:
        over = time.monotonic() + AWAKE_SECONDS
        line.until(lambda: time.monotonic() > over, line.loop.round)

    broken = line.settle()
    line.site.fault(HOST, "slow", drip_seconds=0.2)  # an answer within 5 ms would not be told from none
    line.look_again()
    frozen = Wiring(line.settings)
    frozen.http = Freezing(wake)  # type: ignore[assignment]
    line.until(lambda: frozen.http.reached, line.crawler(frozen).round)  # type: ignore[attr-defined]
    frozen.close()
    return [*broken, *line.settle()]


def a_site_is_slow(line: ByHand) -> list[str]:
    """Each answer takes as long as the least pause after it."""
    line.settle()
    for _ in range(2):
        line.site.fault(HOST, "slow", drip_seconds=DELAY_SECONDS, times=2)
        asked = len(line.site.log())
        line.look_again()
        line.crawl_until(lambda asked=asked: len(line.site.log()) == asked + 2)  # type: ignore[misc]
    return line.settle()


def a_worker_is_frozen(line: ByHand) -> list[str]:
    """In the middle of reading a page, until its lease is over and another has read it."""
    line.crawl_until(line.has_captured)
    line.work_interrupted(line.outlast_lease)
    return line.settle()


def two_leaders_tell(line: ByHand) -> list[str]:
    """Of the same episode, at the same moment: each has seen that nobody has told of it."""
    ledger, both = line.wiring.ledger, Barrier(2)
    with ledger.begin() as uow:
        uow.episodes.begin(
            rows(ledger, Column)[0], Ailment.BLOCKED, {"rule": "http-503", "status": 503, "visits": 3}, uow.now()
        )
        uow.commit()

    def meet(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO events"):
            try:
                both.wait(5)
            except BrokenBarrierError:
                both.reset()

    others = [Wiring(line.settings), Wiring(line.settings)]
    for one in others:
        sqlalchemy_event.listen(one.ledger.engine, "before_cursor_execute", meet)
    together(*(Alarm(one.ledger).tell for one in others))
    for one in others:
        one.close()
    return line.settle()


def a_receiver_redirects(line: ByHand) -> list[str]:
    """To a private address."""
    canaries = Canaries()
    line.sink.fail("status", status=302, location=canaries.url, times=2)
    broken = line.settle()
    canaries.stop()
    return [*broken, *canaries_heard_nothing(canaries)]


TRIALS: dict[str, Callable[[ByHand], list[str]]] = {
    "no sweeper": a_queue_is_flushed,
    "early acknowledgement": a_worker_is_killed,
    "naive outbox poller": a_transaction_lasts,
    "TTL-lock politeness": a_crawler_is_frozen,
    "start-based delay": a_site_is_slow,
    "no fence": a_worker_is_frozen,
    "no unique event": two_leaders_tell,
    "following webhook redirects": a_receiver_redirects,
}
"""By the defect's name."""


def try_out(name: str, place: Place, *, planted: bool) -> list[str]:
    """Return the promises that are found broken in a defect's trial, where it is planted and where it is not."""
    with line_by_hand(place, name if planted else None) as line:
        return TRIALS[name](line)
