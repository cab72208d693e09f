"""A small world in a real ledger, written through its drawers: a source, a column, notices, events and what is owed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

from services.api.app import create_app
from services.api.tail import Rhythm
from services.desk.subscribing import Webhook, subscribe
from services.desk.tokens import create_token
from services.desk.watching import Watch, watch
from services.wiring import Wiring
from shared.db.frontier import Link
from shared.db.models import Column, Fetch, Notice, Revision, Source, Subscription, Token
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED, Fact
from shared.domain.states import DeliveryState, NoticeState, Outcome, Scope
from shared.ids import new_id
from shared.settings import Settings
from tests.integration.api.asgi import Client
from tests.integration.scene import claimed, settled
from tests.servers import sqlite
from worker.relay import Relay

HOST = "gov.example"
QUICK = Rhythm(look_seconds=0.02, token_seconds=0.1, comment_seconds=0.2)


class World:
    """What a test may say happened."""

    def __init__(self, settings: Settings) -> None:
        self.wiring = Wiring(settings)
        self.ledger = self.wiring.ledger
        self.app: FastAPI = create_app(self.wiring, QUICK)

    def token(self, *scopes: Scope, days: float | None = None) -> tuple[Token, str]:
        return create_token(self.ledger, name="test", scopes=scopes, days=days)

    def client(self, *scopes: Scope) -> Client:
        """Return a client whose token has `scopes`."""
        return Client(self.app, self.token(*(scopes or (Scope.ADMIN,)))[1])

    def now(self) -> datetime:
        return self.wiring.clock.now()

    def column(self, name: str = "a") -> tuple[Source, Column]:
        source, column, _ = watch(self.ledger, Watch(f"https://{HOST}/{name}/", name=f"column {name}"))
        return source, column

    def fetch(self, target_id: str, number: int, *, rung_ago: float | None = None, ago: float = 0.0) -> Fetch:
        """Record a captured fetch that started `ago` seconds ago, owed to a worker if its bell was rung."""
        now = self.now()
        fetch = {
            "id": new_id("fet"),
            "target_id": target_id,
            "number": number,
            "url": f"https://{HOST}/",
            "outcome": Outcome.CAPTURED,
            "rule": "page",
            "status": 200,
            "started_at": now - timedelta(seconds=ago),
            "duration_seconds": 0.1,
            "rung_at": None if rung_ago is None else now - timedelta(seconds=rung_ago),
        }
        with self.ledger.begin() as uow:
            uow.fetches.append(fetch)
            uow.commit()
        return Fetch(**fetch)

    def target(self, url: str) -> str:
        """Return the id of a detail target of column `a`, made if it is new."""
        source, column = self.column()
        with self.ledger.begin() as uow:
            link = Link(url, HOST)
            uow.frontier.add_details(source_id=source.id, column_id=column.id, links=[link], now=uow.now())
            found = uow.frontier.by_url(url)
            assert found is not None
            uow.commit()
        return found.id

    def notice(self, name: str, texts: Sequence[str] = ("first",), state: str = NoticeState.LIVE) -> Notice:
        """Record a notice with a revision, and its event, for each text."""
        source, column = self.column()
        url = f"https://{HOST}/a/{name}.html"
        target_id, now = self.target(url), self.now()
        notice = Notice(
            id=new_id("ntc"),
            source_id=source.id,
            column_id=column.id,
            target_id=target_id,
            url=url,
            state=state,
            title=f"公告 {name}",
            published_at="2026-03-01",
            first_seen_at=now,
            changed_at=now,
        )
        fetches = [self.fetch(target_id, number) for number in range(1, len(texts) + 1)]
        with self.ledger.begin() as uow:
            uow.notices.add(notice)
            for number, (text, fetch) in enumerate(zip(texts, fetches, strict=True), 1):
                uow.notices.append_revision(_revision(notice, number, text, fetch, now))
            uow.events.append([_event_row(notice, number, now) for number in range(1, len(texts) + 1)])
            uow.commit()
        return notice

    def relay(self) -> None:
        """Give every recorded event its position, and beat as a leader does."""
        while Relay(self.ledger).relay():
            pass
        with self.ledger.begin() as uow:
            uow.events.lock_positions()
            uow.events.beat(uow.now())
            uow.commit()

    def publish(self, *names: str) -> None:
        """Record a notice for each name, and give their events positions."""
        for name in names:
            self.notice(name)
        self.relay()

    def publish_bulky(self, count: int, size: int) -> None:
        """Record `count` events of about `size` bytes, and give them positions."""
        notice = self.notice("bulky")
        rows = [_event_row(notice, number, self.now()) for number in range(2, count + 1)]
        with self.ledger.begin() as uow:
            uow.events.append([row | {"data": '{"text":"' + "x" * size + '"}'} for row in rows])
            uow.commit()
        self.relay()

    def subscription(self) -> Subscription:
        return subscribe(self.ledger, self.wiring.box, Webhook("https://hook.example/in", name="hook"))[0]

    def park(self, subscription_id: str, reason: str = "the endpoint answered 500") -> list[str]:
        """Park everything owed to a subscription, each after one attempt; return the deliveries' ids."""
        with self.ledger.begin() as uow:
            now = uow.now()
            taken = claimed(uow, now + timedelta(seconds=1))
            for one in taken:
                attempt = {"id": new_id("att"), "delivery_id": one.delivery.id, "number": 1, "started_at": now}
                answer = {"duration_seconds": 0.2, "status": 500, "error": None, "answer": "out of order"}
                uow.errands.record_attempts([attempt | answer])
                assert settled(uow, one, state=DeliveryState.PARKED, parked_reason=reason, attempts=1)
            uow.commit()
        return [one.delivery.id for one in taken if one.subscription.id == subscription_id]


def _revision(notice: Notice, number: int, text: str, fetch: Fetch, now: datetime) -> Revision:
    return Revision(
        id=new_id("rev"),
        notice_id=notice.id,
        number=number,
        fetch_id=fetch.id,
        digest=f"{number:064x}",
        fingerprint=f"{number + 7:064x}",
        document={"title": notice.title, "text": text},
        created_at=now,
    )


def _event_row(notice: Notice, number: int, now: datetime) -> dict[str, object]:
    kind = NOTICE_PUBLISHED if number == 1 else NOTICE_REVISED
    fact = Fact(kind, notice.id, f"revision/{number}", {"notice": {"id": notice.id, "title": notice.title}})
    return {
        "id": fact.id,
        "type": fact.type,
        "subject": fact.subject,
        "cause": fact.cause,
        "partition_key": fact.subject,
        "source_id": notice.source_id,
        "column_id": notice.column_id,
        "occurred_at": now,
        "data": fact.data_text(),
    }


@contextmanager
def open_world(folder: Path, **settings: object) -> Iterator[World]:
    """Open a world in `folder`, on SQLite and a queue that is not there, unless `settings` say otherwise."""
    given = {"data_dir": folder, "redis_url": "redis://127.0.0.1:1/0", "api_port": 0} | settings
    if "database_url" not in given and not (folder / sqlite.NAME).exists():
        sqlite.fresh(folder)
    world = World(Settings.model_validate(given))
    try:
        yield world
    finally:
        world.wiring.close()
