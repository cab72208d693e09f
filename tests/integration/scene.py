"""What integration tests say happened: a column with its targets, fetches, events and subscriptions, by the drawers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, subscribe
from services.desk.watching import Watch, watch
from shared.db import Ledger, UnitOfWork
from shared.db.errands import ClaimedDelivery
from shared.db.frontier import Link
from shared.db.models import Column, Event, Source, Subscription, Table, Target
from shared.db.sources import Covered
from shared.domain.events import NOTICE_PUBLISHED, Fact
from shared.domain.filters import Filter
from shared.domain.states import Consent, Outcome
from shared.ids import new_id
from shared.secrets import SecretBox

HOST = "gov.example"
BOX = SecretBox(Fernet.generate_key().decode())


@dataclass
class RecordingBell:
    """A bell that remembers whom it told; `broken` ones tell nobody."""

    broken: bool = False
    rung: list[str] = field(default_factory=list)

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        self.rung.append(fetch_id)
        return not self.broken

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        return None if self.broken else 0


def column(ledger: Ledger, host: str = HOST, name: str = "a") -> tuple[Source, Column]:
    """Watch a column; its listing is a target that is due."""
    source, found, _ = watch(ledger, Watch(f"https://{host}/{name}/"))
    return source, found


def target(ledger: Ledger, path: str = "1.html", host: str = HOST, title: str = "关于整改进展情况的通报") -> Target:
    """Make a detail target, due now."""
    source, found = column(ledger, host)
    link = Link(f"https://{host}/a/{path}", host, title, "2026-03-04")
    with ledger.begin() as uow:
        uow.frontier.add_details(source_id=source.id, column_id=found.id, links=[link], now=uow.now())
        made = uow.frontier.by_url(link.url)
        uow.commit()
    assert made is not None
    return made


def look_at_listing(
    ledger: Ledger,
    found: Target,
    *,
    shows: bool,
    covered_from: str | None = "2026-01-01",
    to_end: bool = False,
    outcome: Outcome = Outcome.CAPTURED,
    warning: str | None = None,
) -> None:
    """Record a look at a notice's listing that shows it, or has not shown it for a week, and how far it reached."""
    with ledger.begin() as uow:
        now = uow.now()
        page = uow.frontier.listing_of(found.column_id)
        target = uow.frontier.by_id(found.id)
        assert page is not None
        assert target is not None
        page.last_outcome = outcome
        target.listed_at = now if shows else now - timedelta(days=7)
        uow.sources.record_listing(found.column_id, "plain", warning, now, covered=Covered(covered_from, to_end))
        uow.commit()


def fetch(ledger: Ledger, target_id: str, number: int = 1, **values: Any) -> str:
    """Record a captured fetch whose bell was rung just now; return its id."""
    with ledger.begin() as uow:
        now = uow.now()
        given = {
            "id": new_id("fet"),
            "target_id": target_id,
            "number": number,
            "url": f"https://{HOST}/",
            "outcome": Outcome.CAPTURED,
            "rule": "page",
            "started_at": now,
            "duration_seconds": 0.1,
            "rung_at": now,
        } | values
        uow.fetches.append(given)
        uow.commit()
    return str(given["id"])


def event(ledger: Ledger, subject: str = "ntc_1", cause: str = "revision/1", kind: str = NOTICE_PUBLISHED) -> str:
    """Record an event, not yet relayed; return its id."""
    fact = Fact(kind, subject, cause, {"cause": cause})
    with ledger.begin() as uow:
        row = {
            "id": fact.id,
            "type": fact.type,
            "subject": subject,
            "cause": cause,
            "partition_key": subject,
            "source_id": "src_1",
            "column_id": None,
            "occurred_at": uow.now(),
            "data": fact.data_text(),
        }
        uow.events.append([row])
        uow.commit()
    return fact.id


def subscription(ledger: Ledger, types: Sequence[str] = (), **wanted: Any) -> Subscription:
    """Subscribe a webhook that nobody answers."""
    asked = Filter.parse({"types": types} | wanted)
    made, _ = subscribe(ledger, BOX, Webhook("https://hook.example/x", wanted=asked))
    return consented(ledger, made)


def consented(ledger: Ledger, made: Subscription) -> Subscription:
    """Let the endpoint of a subscription have said that it wants to be called."""
    with ledger.begin() as uow:
        uow.subscriptions.change(made.id, {"consent": Consent.GIVEN})
        uow.commit()
    return made


def claimed(
    uow: UnitOfWork, now: datetime, lease_seconds: float = 60, limit: int = 100, to: str | None = None
) -> list[ClaimedDelivery]:
    """Lease up to `limit` due deliveries for each subscription, or for one."""
    waiting = [one for one in uow.errands.waiting(now, limit) if to in (None, one.subscription_id)]
    names = [name for one in waiting for name in one.deliveries[:limit]]
    return list(uow.errands.claim(names, now, lease_seconds))


def settled(uow: UnitOfWork, one: ClaimedDelivery, **values: Any) -> bool:
    """Write what came of a claimed delivery, if its lease is still held."""
    delivery = one.delivery
    if uow.errands.hold([delivery.id]).get(delivery.id) != delivery.lease:
        return False
    now = {"attempts": delivery.attempts, "state": delivery.state, "parked_reason": None, "ended_at": None}
    uow.errands.settle([now | {"id": delivery.id, "next_attempt_at": delivery.next_attempt_at} | values])
    return True


def rows(ledger: Ledger, table: type[Table], **equal: Any) -> list[Any]:
    """Return a table's rows as they are now."""
    with Session(ledger.engine) as session:
        return list(session.scalars(select(table).filter_by(**equal)))


def events(ledger: Ledger) -> list[Event]:
    """Return all events in order of recording."""
    return sorted(rows(ledger, Event), key=lambda one: one.serial)


def now(ledger: Ledger) -> datetime:
    """Return the ledger's time."""
    with ledger.reading() as uow:
        return uow.now()


def later(ledger: Ledger, seconds: float) -> datetime:
    """Return the ledger's time, `seconds` from now."""
    return now(ledger) + timedelta(seconds=seconds)


def together(*steps: Callable[[], object]) -> None:
    """Run `steps` in as many threads, begun at the same moment; raise what one of them raised."""
    barrier, raised = Barrier(len(steps)), list[BaseException]()

    def run(step: Callable[[], object]) -> None:
        try:
            barrier.wait(30)
            step()
        except BaseException as error:
            raised.append(error)

    crew = [Thread(target=run, args=(step,)) for step in steps]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if raised:
        raise raised[0]
