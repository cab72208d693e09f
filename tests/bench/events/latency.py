"""How long after its commit an event is first POSTed: the real relay process, 20 subscriptions, 20 events a second."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, subscribe
from services.queue_server import QueueServer
from shared.chime import RECORDED
from shared.db import Ledger
from shared.db.models import Attempt, Delivery, RelayState
from shared.domain.events import NOTICE_PUBLISHED, Fact
from shared.domain.states import Consent, DeliveryState
from shared.migrations import upgrade
from tests.bench.events.figures import Figure
from tests.bench.events.floors import wakes
from tests.bench.events.receivers import hosts, receiving
from tests.servers.line import LOOPBACK, Line, quick_settings
from tests.servers.postgres import NoPostgres, Postgres

SUBSCRIPTIONS = 20
EVENTS_PER_SECOND = 20
SECONDS = 15
WARM_UP_SECONDS = 2
BODY = 3_000


def figures() -> Iterator[Figure]:
    """Measure on each kind of database."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _on("SQLite", f"sqlite:///{folder}/noticewire.db", Path(folder))
    try:
        server = Postgres()
    except NoPostgres:
        return
    with closing(server), tempfile.TemporaryDirectory() as folder:
        yield from _on("PostgreSQL", server.fresh(), Path(folder))


def _on(name: str, url: str, folder: Path) -> Iterator[Figure]:
    queue = QueueServer(folder / "queue")
    settings = quick_settings(folder, url, queue.start(), log_level="warning")
    try:
        with receiving() as port, Line(settings) as line:
            upgrade(line.wiring.ledger)
            _subscribe(line, port)
            beside, floor = wakes(url, settings.redis_url or "")
            line.start("relay")
            line.wait_until(lambda: _leads(line.wiring.ledger), 60, "the relay has begun")
            committed = _publish(line)
            line.wait_until(lambda: _done(line.wiring.ledger), 120, "everything was delivered")
            waits = _waits(line.wiring.ledger, committed)
    finally:
        queue.stop()
    what = f"{name}: commit to first attempt, {EVENTS_PER_SECOND} events/s × {SUBSCRIPTIONS} subscriptions"
    for part, place, bar in (("median", 49, "≤ 500 ms"), ("99 %", 98, "≤ 2,000 ms")):
        ours, other = (quantiles(one, n=100)[place] for one in (waits, floor))
        yield Figure(f"{what}, {part}", 1000 * ours, "ms", beside, other, bar)


def _subscribe(line: Line, port: int) -> None:
    ledger, box = line.wiring.ledger, line.wiring.box
    for address in hosts(SUBSCRIPTIONS):
        made, _ = subscribe(ledger, box, Webhook(f"http://{address}:{port}/hook", allow=[LOOPBACK]))
        with ledger.begin() as uow:
            uow.subscriptions.change(made.id, {"consent": Consent.GIVEN})
            uow.commit()


def _publish(line: Line) -> dict[str, datetime]:
    """Record events at an even pace, chiming as workers do; return when each was committed."""
    ledger, committed = line.wiring.ledger, dict[str, datetime]()
    began = time.monotonic()
    for number in range(EVENTS_PER_SECOND * (SECONDS + WARM_UP_SECONDS)):
        time.sleep(max(0.0, began + number / EVENTS_PER_SECOND - time.monotonic()))
        subject = f"ntc_{number:026d}"
        fact = Fact(NOTICE_PUBLISHED, subject, "revision/1", {"notice": {"title": "通报"}, "text": "x" * BODY})
        with ledger.begin() as uow:
            row: dict[str, Any] = {"id": fact.id, "type": fact.type, "subject": subject, "cause": fact.cause}
            row |= {"source_id": "src_1", "column_id": None, "partition_key": subject, "data": fact.data_text()}
            uow.events.append([row | {"occurred_at": uow.now()}])
            uow.commit()
        if number >= EVENTS_PER_SECOND * WARM_UP_SECONDS:
            committed[fact.id] = datetime.now(UTC)
        line.wiring.chime.strike(RECORDED)
    return committed


def _leads(ledger: Ledger) -> bool:
    with Session(ledger.engine) as session:
        return session.scalar(select(RelayState.beat_at)) is not None


def _done(ledger: Ledger) -> bool:
    with ledger.reading() as uow:
        owed = uow.deliveries.count(DeliveryState.DUE)
        brought = uow.deliveries.count(DeliveryState.DELIVERED)
    return owed == 0 and brought == SUBSCRIPTIONS * EVENTS_PER_SECOND * (SECONDS + WARM_UP_SECONDS)


def _waits(ledger: Ledger, committed: dict[str, datetime]) -> list[float]:
    query = select(Delivery.event_id, Attempt.started_at).join(Attempt, Attempt.delivery_id == Delivery.id)
    with Session(ledger.engine) as session:
        rows = session.execute(query.where(Attempt.number == 1)).all()
    return [(at - committed[name]).total_seconds() for name, at in rows if name in committed]
