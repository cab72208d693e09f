"""How many events a second the relay stamps and fans out, beside bare `executemany` of the same rows by the driver."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, subscribe
from services.desk.watching import Watch, watch
from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import Event, Fetch, Notice, Revision, Target
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED, Fact
from shared.domain.filters import Filter
from shared.ids import new_id
from shared.migrations import upgrade
from shared.secrets import SecretBox
from tests.bench.events import filters
from tests.bench.events.figures import Figure
from tests.servers.postgres import NoPostgres, Postgres
from worker.relay import BATCH, Relay

EVENTS = 5_000
NOTICES = 500
SELECTIVE = 1_000
BODY = 3_000
"""Characters of a notice: the median of real ones."""
BAR = "≥ 2,000/s"


def figures() -> Iterator[Figure]:
    """Measure on each kind of database."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _on("SQLite", [f"sqlite:///{folder}/{number}.db" for number in range(3)])
    try:
        server = Postgres()
    except NoPostgres:
        return
    with closing(server):
        yield from _on("PostgreSQL", [server.fresh() for _ in range(3)])


def _on(name: str, urls: list[str]) -> Iterator[Figure]:
    chance = random.Random(6)
    language = filters.Language(chance)
    nobodys = {"sources": [new_id("src")], "types": [NOTICE_REVISED]}
    cases: dict[str, list[Filter]] = {
        "one subscription to everything": [Filter()],
        f"and {SELECTIVE:,} that want none of them": [Filter(), *[Filter.stored(nobodys)] * SELECTIVE],
        f"and {SELECTIVE:,} with filters of every kind": [Filter(), *_rare(chance, language)],
    }
    for url, (what, wanted) in zip(urls, cases.items(), strict=True):
        with closing(_prepared(url, language, wanted)) as ledger:
            took, owed = _relayed(ledger)
            floor = _bare(ledger)
            told = f"{name}: {what}; {owed:,} deliveries of {EVENTS:,} events"
            yield Figure(told, EVENTS / took, "events/s", "bare executemany", EVENTS / floor, BAR)


def _rare(chance: random.Random, language: filters.Language) -> list[Filter]:
    """Return filters as people have them, each with a condition that nothing here fulfils, but read like any other."""
    found = (one for one in filters.filters(chance, language, 3 * SELECTIVE) if one.keywords)
    rare = [Filter.parse(one.to_json() | {"keywords": [f"{word}罕" for word in one.keywords]}) for one in found]
    return rare[:SELECTIVE]


def _prepared(url: str, language: filters.Language, wanted: list[Filter]) -> Ledger:
    ledger = open_ledger(url, SystemClock())
    upgrade(ledger)
    box = SecretBox(Fernet.generate_key().decode())
    first, _ = subscribe(ledger, box, Webhook("https://hook.example/x", wanted=wanted[0]))
    same = {name: getattr(first, name) for name in ("name", "url", "secret", "allow", "state", "starts_after")}
    with ledger.begin() as uow:
        for one in wanted[1:]:
            row = type(first)(id=new_id("sub"), filter=one.to_json(), types=[], created_at=uow.now(), **same)
            uow.subscriptions.add(row)
        uow.commit()
    _publish(ledger, language)
    return ledger


def _publish(ledger: Ledger, language: filters.Language) -> None:
    """Record notices with a revision each, and events about them, ten in turn."""
    source, column, _ = watch(ledger, Watch("https://gov.example/a/"))
    place = {"source_id": source.id, "column_id": column.id}
    now = ledger.clock.now()
    rows: dict[type[Any], list[dict[str, Any]]] = {Target: [], Notice: [], Fetch: [], Revision: [], Event: []}
    for number in range(NOTICES):
        url = f"https://gov.example/a/{number}.html"
        target, fetch, notice = new_id("tgt"), new_id("fet"), new_id("ntc")
        seen = {"outcome": "captured", "rule": "page", "started_at": now, "duration_seconds": 0.1}
        document = {"title": "通报", "kind": "rectification", "body": language.text(BODY)}
        at = {"target_id": target, "url": url}
        one = {"id": target, "host": "gov.example", "url": url, "kind": "detail", "created_at": now}
        rows[Target].append(one | place)
        rows[Fetch].append({"id": fetch, "number": 1} | at | seen)
        rows[Notice].append({"id": notice, "state": "live", "first_seen_at": now, "changed_at": now} | at | place)
        known = {"notice_id": notice, "number": 1, "fetch_id": fetch, "digest": "d", "fingerprint": "f"}
        rows[Revision].append(known | {"id": new_id("rev"), "document": document, "created_at": now})
    for number in range(EVENTS):
        about = rows[Notice][number % NOTICES]["id"]
        data = {"notice": {"id": about, "title": "题" * 40}, "revision": {"number": 1}, "text": "文" * 300}
        fact = Fact(NOTICE_PUBLISHED, about, f"revision/{number}", data)
        rows[Event].append(
            {"id": fact.id, "type": fact.type, "subject": about, "cause": fact.cause, "partition_key": about}
            | {"occurred_at": now, "data": fact.data_text()}
            | place
        )
    with Session(ledger.engine) as session:
        for table, values in rows.items():
            for start in range(0, len(values), 500):
                session.execute(insert(table), values[start : start + 500])
        session.commit()


def _relayed(ledger: Ledger) -> tuple[float, int]:
    """Relay everything; return the seconds, and how many deliveries there were."""
    relay, began = Relay(ledger), time.perf_counter()
    while relay.relay():
        pass
    took = time.perf_counter() - began
    with closing(ledger.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM deliveries")
        (count,) = cursor.fetchone() or (0,)
        return took, int(count)


def _bare(ledger: Ledger) -> float:
    """Write the same positions and deliveries once more, with nothing but the driver; return the seconds."""
    mark = "?" if ledger.engine.dialect.name == "sqlite" else "%s"
    with closing(ledger.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT position, stamped_at, serial FROM events ORDER BY position")
        stamps = cursor.fetchall()
        cursor.execute("SELECT * FROM deliveries ORDER BY position")
        owed, columns = cursor.fetchall(), [one[0] for one in cursor.description]
        at = columns.index("position")
        cursor.execute("DELETE FROM deliveries")
        cursor.execute("UPDATE events SET position = NULL, stamped_at = NULL")
        connection.commit()
        new = f"INSERT INTO deliveries ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"
        began = time.perf_counter()
        for start in range(0, len(stamps), BATCH):
            if mark == "?":
                cursor.execute("BEGIN IMMEDIATE")
            batch = stamps[start : start + BATCH]
            stamp = f"UPDATE events SET position = {mark}, stamped_at = {mark} WHERE serial = {mark}"
            cursor.executemany(stamp, batch)
            cursor.executemany(new, [one for one in owed if batch[0][0] <= one[at] <= batch[-1][0]])
            connection.commit()
        return time.perf_counter() - began
