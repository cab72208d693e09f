"""A full disk of the database: what cannot be written is owed still, is told, and goes on once there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import Delivery, Event
from shared.errors import Unavailable
from shared.migrations import upgrade
from tests.integration import scene
from worker.relay import Relay

ENOUGH = 1_000_000


class Disk:
    """The room that a database in a file has, in pages; SQLite says "database or disk is full" either way."""

    def __init__(self, ledger: Ledger) -> None:
        self.pages = ENOUGH
        event.listen(ledger.engine, "begin", self._bound)

    def _bound(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {self.pages}")

    def fill(self, ledger: Ledger) -> None:
        with ledger.engine.connect() as connection:
            self.pages = connection.scalar(text("PRAGMA page_count")) or 0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = open_ledger(f"sqlite:///{tmp_path / 'full.db'}", SystemClock())
    upgrade(made)
    yield made
    made.close()


def record_until_full(ledger: Ledger) -> int:
    """Record events until there is no room; return how many there was room for."""
    for number in range(10_000):
        try:
            scene.event(ledger, cause=f"revision/{number + 2}")
        except Unavailable:
            return number
    raise AssertionError("there is always room")


def test_what_a_full_disk_does_not_take_is_done_once_there_is_room(ledger: Ledger) -> None:
    scene.subscription(ledger)
    relay = Relay(ledger)
    scene.event(ledger, cause="revision/1")
    relay.relay()
    disk = Disk(ledger)
    disk.fill(ledger)
    recorded = 1 + record_until_full(ledger)
    with pytest.raises(Unavailable, match="full"):
        relay.relay()
    assert len(scene.rows(ledger, Event)) == recorded
    with ledger.reading() as uow:
        assert uow.events.last_position() == 1
    disk.pages = ENOUGH
    scene.event(ledger, cause=f"revision/{recorded + 1}")
    while relay.relay():
        pass
    assert [one.position for one in scene.rows(ledger, Event)] == list(range(1, recorded + 2))
    assert len(scene.rows(ledger, Delivery)) == recorded + 1
