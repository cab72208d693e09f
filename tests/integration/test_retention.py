"""What the rules of retention let go: what is old and needed by nobody, once each, killed wherever it may be."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.processes.relaying import RelayDuties
from services.wiring import Wiring
from shared.blobs import FolderBlobs
from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.leadership import open_leadership
from shared.db.models import (
    Attempt,
    AuditEntry,
    Delivery,
    Episode,
    Event,
    Fetch,
    LetGo,
    Notice,
    RecrawlRequest,
    Revision,
    Target,
)
from shared.db.retention import KEPT_VISITS
from shared.domain.states import DeliveryState, Outcome, TargetKind
from shared.errors import NotFound
from shared.ids import new_id
from tests.integration.scene import HOST, column, event, fetch, now, rows, subscription, target
from tests.servers import sqlite
from tests.servers.line import quick_settings
from worker.keep import WHATS, Keeper, KeepRules
from worker.relay import Relay

OLD = timedelta(days=40)
EVERYTHING = KeepRules(events=30, attempts=30, visits=30, snapshots=30)


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def keep(ledger: Ledger, blobs: FolderBlobs, rules: KeepRules = EVERYTHING) -> int:
    """Let everything go that may, as a keeper does that has just begun."""
    keeper, gone = Keeper(ledger, blobs, rules), 0
    for _ in range(12):
        gone += keeper.keep()
    return gone


def change(ledger: Ledger, table: Any, *where: Any, **values: Any) -> None:
    with Session(ledger.engine) as session:
        session.execute(update(table).where(*where).values(**values))
        session.commit()


def put(ledger: Ledger, *made: Any) -> None:
    with Session(ledger.engine, expire_on_commit=False) as session:
        session.add_all(made)
        session.commit()


def totals(ledger: Ledger) -> dict[str, int]:
    return {row.what: row.count for row in rows(ledger, LetGo)}


def relayed(ledger: Ledger, count: int) -> None:
    """Record events, and stamp them long ago."""
    for number in range(count):
        event(ledger, cause=f"revision/{number + 1}")
    Relay(ledger).relay()
    change(ledger, Event, stamped_at=now(ledger) - OLD)


def positions(ledger: Ledger) -> list[int]:
    return sorted(one.position for one in rows(ledger, Event))


def test_old_events_go_with_their_deliveries_and_the_first_that_is_kept_is_told(
    ledger: Ledger, blobs: FolderBlobs
) -> None:
    subscription(ledger)
    relayed(ledger, 5)
    change(ledger, Delivery, state=DeliveryState.DELIVERED)
    change(ledger, Event, Event.position == 4, stamped_at=now(ledger))
    assert keep(ledger, blobs) == 3
    assert positions(ledger) == [4, 5]
    assert len(rows(ledger, Delivery)) == 2
    with ledger.reading() as uow:
        assert (uow.events.first_position(), uow.events.last_position()) == (4, 5)
    assert totals(ledger) == {"events": 3}


def test_an_event_that_is_owed_stays_with_all_after_it_and_the_newest_stays_in_any_case(
    ledger: Ledger, blobs: FolderBlobs
) -> None:
    subscription(ledger)
    relayed(ledger, 5)
    change(ledger, Delivery, Delivery.position != 3, state=DeliveryState.PARKED)
    keep(ledger, blobs)
    assert positions(ledger) == [3, 4, 5]
    change(ledger, Delivery, state=DeliveryState.DELIVERED)
    keep(ledger, blobs)
    assert positions(ledger) == [5]


def test_what_is_kept_for_ever_stays(ledger: Ledger, blobs: FolderBlobs) -> None:
    relayed(ledger, 3)
    assert keep(ledger, blobs, KeepRules()) == 0
    assert len(rows(ledger, Event)) == 3


def test_old_attempts_go_once_their_delivery_has_ended(ledger: Ledger, blobs: FolderBlobs) -> None:
    subscription(ledger)
    relayed(ledger, 2)
    ended, due = sorted(rows(ledger, Delivery), key=lambda one: one.position)
    change(ledger, Delivery, Delivery.id == ended.id, state=DeliveryState.DELIVERED)
    for number, (delivery, age) in enumerate([(ended, OLD), (ended, timedelta()), (due, OLD)]):
        at = now(ledger) - age
        put(
            ledger, Attempt(id=new_id("att"), delivery_id=delivery.id, number=number, started_at=at, duration_seconds=1)
        )
    assert keep(ledger, blobs, KeepRules(attempts=30)) == 1
    assert sorted(one.number for one in rows(ledger, Attempt)) == [1, 2]


def test_old_visits_that_found_nothing_changed_go_but_for_the_newest_of_each_target(
    ledger: Ledger, blobs: FolderBlobs
) -> None:
    found = target(ledger)
    old = {"started_at": now(ledger) - OLD, "rung_at": None, "processed_at": None}
    fetch(ledger, found.id, 1, outcome=Outcome.CAPTURED, **old)
    for number in (2, 3, 4):
        fetch(ledger, found.id, number, outcome=Outcome.UNCHANGED, **old)
    fetch(ledger, found.id, 5, outcome=Outcome.GONE, **old)
    change(ledger, Target, Target.id == found.id, fetch_count=3 + KEPT_VISITS)
    assert keep(ledger, blobs, KeepRules(visits=30)) == 2
    assert sorted(one.number for one in rows(ledger, Fetch)) == [1, 4, 5]


class Shelf:
    """Old snapshots of a notice and its listing."""

    def __init__(self, ledger: Ledger, blobs: FolderBlobs) -> None:
        self.ledger, self.blobs = ledger, blobs
        self.detail = target(ledger)
        self.listing = next(one for one in rows(ledger, Target, kind=TargetKind.LISTING))
        self.number = 0

    def fetched(self, content: str, of: Target | None = None, **values: Any) -> str:
        """Keep a snapshot that was brought long ago, and return its digest."""
        self.number += 1
        digest = self.blobs.put(content.encode())
        given = {"digest": digest, "started_at": now(self.ledger) - OLD, "processed_at": now(self.ledger)} | values
        fetch(self.ledger, (of or self.listing).id, self.number, **given)
        return digest

    def is_kept(self, digest: str) -> bool:
        try:
            return bool(self.blobs.get(digest))
        except NotFound:
            return False


@pytest.fixture
def shelf(ledger: Ledger, blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A shelf whose keeper takes what lies there for long untouched."""
    monkeypatch.setattr("worker.keep.TOUCHED", timedelta(days=-1))
    return Shelf(ledger, blobs)


def test_old_bytes_of_which_no_revision_was_made_go(shelf: Shelf) -> None:
    old = [shelf.fetched("a listing of long ago"), shelf.fetched("only its counter differed", shelf.detail)]
    assert keep(shelf.ledger, shelf.blobs) == 2
    assert not any(shelf.is_kept(one) for one in old)
    assert {one.let_go_at is None for one in rows(shelf.ledger, Fetch)} == {False}
    assert keep(shelf.ledger, shelf.blobs) == 0
    assert totals(shelf.ledger) == {"snapshots": 2}


def test_bytes_that_somebody_needs_stay(shelf: Shelf) -> None:
    ledger, at = shelf.ledger, now(shelf.ledger)
    source, found = column(ledger)
    notice = Notice(
        id=new_id("ntc"),
        source_id=source.id,
        column_id=found.id,
        target_id=shelf.detail.id,
        url=shelf.detail.url,
        state="up",
        first_seen_at=at,
        changed_at=at,
    )
    part = Target(
        id=new_id("tgt"),
        source_id=source.id,
        column_id=found.id,
        host=HOST,
        kind=TargetKind.PART,
        url=f"https://{HOST}/a/1_2.html",
        created_at=at,
        parent_id=shelf.detail.id,
    )
    put(ledger, notice, part)
    kept = {
        "a revision's": shelf.fetched("the text", shelf.detail),
        "a further page's": shelf.fetched("page 2", part),
        "owed": shelf.fetched("not read yet", shelf.detail, processed_at=None),
        "set aside": shelf.fetched("not to be read", shelf.detail, quarantined_at=at),
        "young": shelf.fetched("seen again", started_at=at),
        "its target's newest": shelf.fetched("as it is now"),
    }
    shelf.fetched("seen again")
    change(ledger, Target, Target.id == shelf.listing.id, digest=kept["its target's newest"])
    revised = rows(ledger, Fetch, digest=kept["a revision's"])[0]
    put(
        ledger,
        Revision(
            id=new_id("rev"),
            notice_id=notice.id,
            number=1,
            fetch_id=revised.id,
            digest=kept["a revision's"],
            fingerprint="f",
            document={},
            created_at=at,
        ),
    )
    assert keep(ledger, shelf.blobs) == 0
    assert [name for name, digest in kept.items() if not shelf.is_kept(digest)] == []


class Killed(BaseException):
    """The end of a process, wherever it is."""


class Dying(FolderBlobs):
    """A store whose process is killed before, while or after it lets go of something."""

    def __init__(self, folder: Path, step: str) -> None:
        super().__init__(folder)
        self.step = step

    def let_go(self, digest: str, untouched_since: float, is_needed: Callable[[], bool]) -> bool:
        def killed() -> bool:
            raise Killed

        if self.step == "before":
            raise Killed
        super().let_go(digest, untouched_since, killed if self.step == "while asking" else is_needed)
        raise Killed


@pytest.mark.parametrize("step", ["before", "while asking", "deleted, not marked"])
def test_a_keeper_killed_between_any_two_steps_is_followed_by_one_that_ends_it(
    shelf: Shelf, tmp_path: Path, step: str
) -> None:
    old = shelf.fetched("a listing of long ago")
    with pytest.raises(Killed):
        keep(shelf.ledger, Dying(tmp_path / "blobs", step))
    assert totals(shelf.ledger) == {}
    assert shelf.is_kept(old) is (step != "deleted, not marked")
    assert keep(shelf.ledger, shelf.blobs) == 1
    assert not shelf.is_kept(old)
    assert totals(shelf.ledger) == {"snapshots": 1}


def test_bytes_that_were_just_put_stay_though_no_row_names_them_yet(ledger: Ledger, blobs: FolderBlobs) -> None:
    shelf = Shelf(ledger, blobs)
    old = shelf.fetched("a listing that is shown again")
    assert keep(ledger, blobs) == 0
    assert shelf.is_kept(old)


def test_the_leader_keeps_house_between_its_sweeps(
    database_url: str, queue_url: str, tmp_path: Path, ledger: Ledger
) -> None:
    relayed(ledger, 3)
    wiring = Wiring(quick_settings(tmp_path, database_url, queue_url, keep_events_days=30, keep_snapshots_days=30))
    leadership = open_leadership(wiring.ledger, tmp_path / "run")
    duties = RelayDuties(wiring, leadership)
    try:
        deadline = time.monotonic() + 30
        while positions(ledger) != [3]:
            assert time.monotonic() < deadline
            duties.lead()
    finally:
        duties.close()
        leadership.resign()
        wiring.close()


def test_a_keeper_rests_when_it_is_through(ledger: Ledger, blobs: FolderBlobs) -> None:
    keeper = Keeper(ledger, blobs, EVERYTHING)
    for _ in WHATS:
        keeper.keep()
    relayed(ledger, 3)
    assert keeper.keep() == 0


def test_visits_in_vain_go_too_and_those_whose_snapshot_went_before(ledger: Ledger, blobs: FolderBlobs) -> None:
    found, old = target(ledger), now(ledger) - OLD
    done = {"started_at": old, "rung_at": None, "processed_at": None}
    for number, outcome in enumerate((Outcome.FAILED, Outcome.BLOCKED, Outcome.GONE, Outcome.CAPTURED), 1):
        fetch(ledger, found.id, number, outcome=outcome, **done)
    fetch(ledger, found.id, 5, outcome=Outcome.CAPTURED, let_go_at=old, **done)
    change(ledger, Target, Target.id == found.id, fetch_count=100 + KEPT_VISITS)
    assert keep(ledger, blobs, KeepRules(visits=30)) == 3
    assert sorted(one.number for one in rows(ledger, Fetch)) == [3, 4]


def test_episodes_and_recrawls_that_are_over_go_and_the_next_episode_has_a_number_of_its_own(
    ledger: Ledger, blobs: FolderBlobs
) -> None:
    source, made = column(ledger)
    old = now(ledger) - OLD
    told = {"source_id": source.id, "column_id": made.id, "kind": "silent", "evidence": {}, "began_at": old}
    ended = told | {"ended_at": old, "end_told_at": old}
    untold = told | {"ended_at": old}
    put(ledger, *(Episode(number=number, **row) for number, row in enumerate((ended, untold, ended, ended), 1)))
    wish = {"subject": "x", "requested_by": "tok_1", "created_at": old}
    put(ledger, RecrawlRequest(id="rcr_1", finished_at=old, **wish), RecrawlRequest(id="rcr_2", **wish))
    put(ledger, AuditEntry(id="aud_1", at=old, actor="a", action="b", subject="c"))
    assert keep(ledger, blobs, KeepRules(visits=30)) == 3
    assert [one.number for one in rows(ledger, Episode)] == [2, 4]
    assert [one.id for one in rows(ledger, RecrawlRequest)] == ["rcr_2"]
    assert keep(ledger, blobs, KeepRules(audit=30)) > 0
    assert rows(ledger, AuditEntry, id="aud_1") == []


class WrongClock(SystemClock):
    """A clock that is set wrong, and whose monotonic time goes on as it is told to."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.passed = 0.0

    def now(self) -> datetime:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return self.passed


def test_a_clock_that_is_set_400_days_ahead_makes_nothing_old(tmp_path: Path, blobs: FolderBlobs) -> None:
    clock = WrongClock()
    ledger = open_ledger(sqlite.fresh(tmp_path), clock)
    relayed(ledger, 3)
    change(ledger, Event, stamped_at=now(ledger))
    keeper = Keeper(ledger, blobs, EVERYTHING)
    keeper.keep()
    clock.ahead = timedelta(days=400)
    for one in (keeper, Keeper(ledger, blobs, EVERYTHING)):  # the same process, and one that is started meanwhile
        for _ in range(24):
            clock.passed += 3600
            one.keep()
    assert positions(ledger) == [1, 2, 3]
    clock.ahead = timedelta()
    keeper.keep()
    assert positions(ledger) == [1, 2, 3]
    clock.ahead = timedelta(days=400)  # and this time it is true
    for _ in range(201):
        clock.passed += 86_400.0
        keeper.keep()
    assert positions(ledger) == [3]
    ledger.close()


def test_what_was_missed_while_nobody_ran_goes_at_twice_the_pace(ledger: Ledger) -> None:
    with ledger.begin() as uow:
        uow.events.beat(uow.now())
        began = uow.now()
        lived = uow.retention.live(began, 0.0)
        uow.commit()
    assert lived == began
    with ledger.begin() as uow:
        assert uow.retention.live(began + timedelta(days=30), 1200.0) == began + timedelta(seconds=1200)
        assert uow.retention.live(began - timedelta(days=1), 1200.0) == began - timedelta(days=1)
