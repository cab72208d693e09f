"""Backups: the whole state comes back, in either kind of database, and nobody who heard more than it is misled."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
import zstandard
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.api.app import create_app
from services.desk import filtering
from services.desk.backup import back_up, note_restored, restore
from services.desk.feeding import NEVER, Topic, archive, newest
from services.desk.tokens import create_token
from services.wiring import Wiring
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.dump import lines_of, standing_still, table_names
from shared.db.models import Delivery, Event, RelayState, Revision
from shared.db.restores import GAP
from shared.domain.events import NOTICE_REVISED
from shared.domain.filters import Filter
from shared.domain.states import Scope
from shared.envelope import envelope
from shared.errors import Invalid, Unavailable
from shared.migrations import require_current
from shared.settings import read_settings
from tests.integration.api.asgi import Client
from tests.integration.scene import event, rows, subscription
from tests.integration.telling import Teller, document, problem
from tests.servers.postgres import Postgres
from worker.relay import Relay

OPEN = Callable[..., Wiring]
CHANGED_BY_IT = {"relay_state", "restores", "events", "served"}


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[OPEN]:
    opened: list[Wiring] = []

    def open_one(url: str, name: str, **settings: Any) -> Wiring:
        opened.append(Wiring(read_settings(data_dir=tmp_path / name, database_url=url, **settings)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def lived(wire: OPEN, database_url: str) -> Wiring:
    """A wire with notices, events of which the last has no position yet, what is owed, and snapshots."""
    wiring = wire(database_url, "lived")
    ledger = wiring.ledger
    subscription(ledger)
    teller = Teller(ledger)
    teller.at = datetime(2026, 3, 5, tzinfo=UTC)
    teller.tell(document(problem(1, "制度执行不到位", "staged", due="2099-06-30")))
    teller.tell(document(problem(1, "制度执行不到位", "completed")))
    Relay(ledger).relay()
    event(ledger, cause="revision/7", kind=NOTICE_REVISED)
    wiring.blobs.put(b"bytes of a page")
    _ = wiring.box
    return wiring


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, wire: OPEN, tmp_path: Path) -> Wiring:
    """A wire without any tables."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return wire(server.empty(), "fresh")
    return wire(f"sqlite:///{tmp_path / 'fresh.db'}", "fresh")


@pytest.fixture
def file(wire: OPEN, tmp_path: Path) -> Wiring:
    """A wire without any tables, in a file."""
    return wire(f"sqlite:///{tmp_path / 'file.db'}", "file")


def content(wiring: Wiring, name: str) -> list[str]:
    """Return the lines of a table, apart from the order of rows."""
    with standing_still(wiring.ledger) as connection:
        head, *lines = lines_of(connection, name)
    names, found = json.loads(head), [json.loads(line) for line in lines]
    return sorted(json.dumps(dict(zip(names, one, strict=True)), sort_keys=True) for one in found)


def test_everything_comes_back_in_either_kind_of_database(lived: Wiring, fresh: Wiring, tmp_path: Path) -> None:
    place, made = back_up(lived, tmp_path / "out")
    done = restore(fresh, tmp_path / "out")
    require_current(fresh.ledger)
    for name in table_names():
        if name not in CHANGED_BY_IT:
            assert content(fresh, name) == content(lived, name), name
    assert made.rows["problems"] == 1
    assert made.rows["searchable"] > 0
    assert fresh.blobs.get(lived.blobs.put(b"bytes of a page")) == b"bytes of a page"
    assert (fresh.settings.data_dir / "secret.key").read_text() == (lived.settings.data_dir / "secret.key").read_text()
    assert (place.stat().st_mode & 0o777, done.backup) == (0o700, made)
    with fresh.ledger.reading() as uow:
        assert uow.ages.search_indexed()
    Teller(fresh.ledger).tell(document(problem(1, "项目管理不规范")), "2.html")  # rows are numbered on
    assert Relay(fresh.ledger).relay() == 2


def told(ledger: Ledger, after: int = 0) -> dict[str, bytes]:
    with ledger.reading() as uow:
        found = filtering.after(uow, Filter(), after, 100).events
        return {one.id: envelope(one) for one in found}


def test_after_a_restore_no_id_has_another_body_and_no_position_was_told_before(
    lived: Wiring, fresh: Wiring, tmp_path: Path
) -> None:
    back_up(lived, tmp_path / "out")
    before = told(lived.ledger)
    Relay(lived.ledger).relay()  # what the backup knows without its position
    event(lived.ledger, cause="revision/8", kind=NOTICE_REVISED)
    Relay(lived.ledger).relay()
    heard = told(lived.ledger)
    with lived.ledger.reading() as uow:
        stood = uow.events.last_position()
    gap = restore(fresh, tmp_path / "out").gap
    assert gap.after < stood < gap.resumes_after == GAP
    event(fresh.ledger, cause="revision/8", kind=NOTICE_REVISED)  # the page has changed to something else meanwhile
    event(fresh.ledger, cause="revision/8", kind=NOTICE_REVISED)
    event(fresh.ledger, cause="revision/7", kind=NOTICE_REVISED)  # is there already, under its other id
    Relay(fresh.ledger).relay()
    again = told(fresh.ledger)
    assert {one: again[one] for one in before} == before
    assert len(again) == len(heard)
    assert again.keys() & heard.keys() == before.keys()
    assert told(fresh.ledger, after=stood).keys() == again.keys() - before.keys()
    assert [one.position for one in rows(fresh.ledger, Event)][-2:] == [GAP + 1, GAP + 2]
    owed = {one.event_id: one for one in rows(fresh.ledger, Delivery)}
    assert owed.keys() == again.keys()


def test_who_stands_where_the_backup_does_not_reach_is_told_so(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "out")
    gap = restore(file, tmp_path / "out").gap
    Relay(file.ledger).relay()
    client = Client(create_app(file), create_token(file.ledger, name="reader", scopes=[Scope.READ])[1])
    page = client.get(f"/v1/events?after={gap.after + 5}").json()
    assert (page["restored_after"], [int(one["sequence"]) for one in page["items"]]) == (gap.after, [GAP + 1])
    assert page["next"] == page["last_position"] == GAP + 1
    for fine in (0, gap.after, GAP, GAP + 1):
        assert client.get(f"/v1/events?after={fine}").json()["restored_after"] is None


def test_feeds_pass_over_the_positions_that_a_restore_leaves_out(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "out")
    restore(file, tmp_path / "out")
    Relay(file.ledger).relay()
    everything = Topic("all", None, NEVER)
    with file.ledger.reading() as uow:
        chosen = newest(uow, everything)
        count = len(rows(file.ledger, Event))
        assert (len(chosen.events), chosen.older) == (count, None)
        older = archive(uow, everything, GAP // 100 - 1)
        assert (older.events, older.older) == ([], 0)


def test_a_second_restore_leaves_another_gap(lived: Wiring) -> None:
    assert note_restored(lived).resumes_after == GAP
    Relay(lived.ledger).relay()
    gap = note_restored(lived)
    assert (gap.after, gap.resumes_after) == (GAP + 1, 2 * GAP)
    assert rows(lived.ledger, RelayState)[0].last_position == 2 * GAP


def test_one_folder_holds_many_backups_and_each_adds_only_new_snapshots(
    lived: Wiring, file: Wiring, tmp_path: Path
) -> None:
    first, made = back_up(lived, tmp_path / "out")
    assert made.snapshots == 1
    first = first.rename(tmp_path / "out" / "20260101T000000Z")
    lived.blobs.put(b"more")
    event(lived.ledger, cause="revision/9")
    _, second = back_up(lived, tmp_path / "out")
    assert second.snapshots == 1
    assert second.rows["events"] == made.rows["events"] + 1
    assert restore(file, tmp_path / "out").backup == second


def test_an_old_one_of_several_can_be_named(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    place, made = back_up(lived, tmp_path / "out")
    place = place.rename(tmp_path / "out" / "20260101T000000Z")
    event(lived.ledger, cause="revision/9")
    back_up(lived, tmp_path / "out")
    assert restore(file, place).backup == made


def test_a_backup_that_was_cut_short_is_none(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    (lived.settings.data_dir / "blobs").joinpath("aa").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "blobs").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot copy snapshots"):
        back_up(lived, tmp_path / "out")
    with pytest.raises(Invalid, match="no backup"):
        restore(file, tmp_path / "out")


def test_a_restore_that_fails_anywhere_leaves_nothing_and_can_be_done_again(
    lived: Wiring, file: Wiring, tmp_path: Path
) -> None:
    place, _ = back_up(lived, tmp_path / "out")
    damaged = place / "rows" / "revisions.jsonl.zst"
    whole = damaged.read_bytes()
    lines = zstandard.decompress(whole, max_output_size=10**6).splitlines(keepends=True)
    damaged.write_bytes(zstandard.compress(b"".join(lines[:-1])))
    with pytest.raises(Invalid, match="damaged: revisions"):
        restore(file, tmp_path / "out")
    with pytest.raises(Invalid, match="migration None"):
        require_current(file.ledger)
    damaged.write_bytes(whole)
    restore(file, tmp_path / "out")
    assert len(rows(file.ledger, Revision)) == 2


def test_nothing_is_replaced(lived: Wiring, file: Wiring, wire: OPEN, database_url: str, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "out")
    with pytest.raises(Invalid, match="there is a database already"):
        restore(lived, tmp_path / "out")
    _ = file.box
    with pytest.raises(Invalid, match="another key"):
        restore(file, tmp_path / "out")


def _without(packed: Path, column: str) -> None:
    """Take a column out of a table's file, as a release before that column would have written it."""
    table = [json.loads(one) for one in zstandard.decompress(packed.read_bytes(), max_output_size=10**6).splitlines()]
    at = table[0].index(column)
    packed.write_bytes(zstandard.compress("\n".join(json.dumps(one[:at] + one[at + 1 :]) for one in table).encode()))


def test_a_backup_of_the_release_before_is_brought_up_to_date(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    place, made = back_up(lived, tmp_path / "out")
    later = {"relay_state": "lived_until", "subscriptions": "old_filters", "targets": "trail", "spoken": "hops"}
    for name, column in later.items():
        _without(place / "rows" / f"{name}.jsonl.zst", column)
    told = json.loads((place / "backup.json").read_text()) | {"migration": "0021"}
    del told["rows"]["restores"], told["rows"]["served"]
    (place / "backup.json").write_text(json.dumps(told))
    restore(file, tmp_path / "out")
    require_current(file.ledger)
    assert len(rows(file.ledger, Event)) == made.rows["events"]


def test_a_backup_of_a_later_release_is_refused(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    place, _ = back_up(lived, tmp_path / "out")
    told = json.loads((place / "backup.json").read_text()) | {"migration": "9999", "noticewire": "99.0"}
    (place / "backup.json").write_text(json.dumps(told))
    with pytest.raises(Invalid, match=r"made by noticewire 99\.0"):
        restore(file, tmp_path / "out")


def test_a_backup_that_is_made_while_others_write_holds_together(lived: Wiring, file: Wiring, tmp_path: Path) -> None:
    done, ledger = Flag(), lived.ledger
    blobs = FolderBlobs(lived.settings.data_dir / "blobs")

    def write() -> None:
        number = 100
        while not done.is_set():
            number += 1
            digest = blobs.put(str(number).encode())
            event(ledger, subject=f"ntc_{number}", cause=digest)
            Relay(ledger).relay()

    writer = Thread(target=write)
    writer.start()
    try:
        back_up(lived, tmp_path / "out")
    finally:
        done.set()
        writer.join()
    restore(file, tmp_path / "out")
    with Session(file.ledger.engine) as session:
        last = session.scalar(select(func.max(Event.position)))
    with file.ledger.reading() as uow:
        (gap,) = uow.restores.gaps()
    assert gap.after == last
    named = [one.cause for one in rows(file.ledger, Event) if one.subject.startswith("ntc_1") and len(one.cause) == 64]
    assert all(file.blobs.get(digest) for digest in named)
