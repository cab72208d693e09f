"""What a process does besides its rounds: it outlives a surprise, keeps its pulse, sweeps without holding events up."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
from sqlalchemy import text

from services.desk.tokens import authenticate
from services.embedded import keep_first_token
from services.health import trouble_of
from services.heartbeat import Heartbeat
from services.processes import crawling, relaying
from services.processes.crawling import keep_pulse
from services.processes.relaying import RelayDuties, relay
from services.wiring import Wiring
from shared.db import Ledger
from shared.db.leadership import open_leadership
from shared.db.models import Fetch, RelayState, Token
from tests.integration.scene import event, events, fetch, later, now, rows, target
from tests.integration.telling import Teller, document, problem
from tests.servers.line import quick_settings
from worker.dates import day_of


@pytest.fixture
def wiring(tmp_path: Path, database_url: str, queue_url: str) -> Iterator[Wiring]:
    made = Wiring(quick_settings(tmp_path, database_url, queue_url))
    yield made
    made.close()


def wait_for(fact: Callable[[], object]) -> None:
    """Wait for a fact; the tests' time limit is the deadline."""
    while not fact():
        time.sleep(0.01)


def set_last_position(ledger: Ledger, position: int) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE relay_state SET last_position = :position"), {"position": position})


@pytest.mark.timeout(60)
def test_a_relay_outlives_a_round_that_fails_for_a_reason_nobody_thought_of(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here: a position that is taken already, until somebody mends it."""
    monkeypatch.setattr(relaying, "TROUBLE_SECONDS", 0.05)
    stop, failed = Flag(), Flag()
    monkeypatch.setattr(relaying, "log", Listening(failed))
    ledger = wiring.ledger
    running = Thread(target=relay, args=(wiring, stop))
    running.start()
    try:
        event(ledger, cause="revision/1")
        wait_for(lambda: events(ledger)[0].position)
        set_last_position(ledger, 0)
        event(ledger, cause="revision/2")
        assert failed.wait(30)
        set_last_position(ledger, 1)
        wait_for(lambda: events(ledger)[1].position or not running.is_alive())
    finally:
        stop.set()
        running.join()
    assert [one.position for one in events(ledger)] == [1, 2]


@dataclass
class Listening:
    """A log that tells when an exception was written down."""

    failed: Flag

    def exception(self, *_: object, **__: object) -> None:
        self.failed.set()

    def info(self, *_: object, **__: object) -> None:
        """Not listened to."""

    error = warning = info


@dataclass
class FrozenBell:
    """A bell at a queue that does not answer until it is let go."""

    go_on: Flag = field(default_factory=Flag)

    def ring(self, fetch_id: str) -> bool:
        return True

    def waiting(self) -> int | None:
        assert self.go_on.wait(20), "nobody went on meanwhile"
        return 0

    def close(self) -> None:
        """There is nothing to close."""


@pytest.mark.timeout(60)
def test_a_queue_that_is_frozen_holds_no_event_up(wiring: Wiring, tmp_path: Path) -> None:
    bell, ledger = FrozenBell(), wiring.ledger
    wiring.__dict__["bell"] = bell
    leadership = open_leadership(ledger, tmp_path / "lead")
    duties = RelayDuties(wiring, leadership)
    try:
        for number in range(3):
            event(ledger, cause=f"revision/{number}")
            assert duties.lead() == 1
        assert rows(ledger, RelayState)[0].swept_at is None
        bell.go_on.set()
        wait_for(lambda: duties.lead() or rows(ledger, RelayState)[0].swept_at)
    finally:
        duties.close()
        leadership.resign()


def test_the_leader_tells_of_days_and_relays_what_there_is_though_one_cannot_be_told(
    wiring: Wiring, tmp_path: Path
) -> None:
    ledger, teller = wiring.ledger, Teller(wiring.ledger)
    teller.tell(document(problem(1, "制度执行不到位", "staged", due=day_of(now(ledger)))))
    with ledger.begin() as uow:
        uow.agenda.enter([{"type": "commitment.due", "about": "prb_1", "day": "soon", "made_at": uow.now()}])
        uow.commit()
    leadership = open_leadership(ledger, tmp_path / "lead")
    duties = RelayDuties(wiring, leadership)
    try:
        assert duties.lead() == 2
        with pytest.raises(ValueError, match="soon"):
            wait_for(duties.lead)
        event(ledger, cause="revision/2")
        wait_for(lambda: lead_anyway(duties))
    finally:
        duties.close()
        leadership.resign()
    told = [(one.type, one.position) for one in events(ledger)]
    assert told == [("notice.published", 1), ("commitment.due", 2), ("notice.published", 3)]


def lead_anyway(duties: RelayDuties) -> int:
    with suppress(ValueError):
        return duties.lead()
    return 0


@pytest.mark.timeout(60)
def test_a_pulse_that_cannot_be_written_goes_on_trying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawling, "PULSE_SECONDS", 0.01)
    failed, stop, rounds = Flag(), Flag(), iter(range(1_000_000))
    monkeypatch.setattr(crawling, "log", Listening(failed))
    (tmp_path / "run").write_text("in the way")
    heartbeat = Heartbeat(tmp_path, "crawl")
    pulse = Thread(target=keep_pulse, args=(lambda: next(rounds), heartbeat, stop))
    pulse.start()
    try:
        assert failed.wait(30)
        assert heartbeat.age_seconds() is None
        (tmp_path / "run").unlink()
        wait_for(lambda: heartbeat.age_seconds() is not None or not pulse.is_alive())
    finally:
        stop.set()
        pulse.join()
    assert heartbeat.age_seconds() is not None


def test_a_crawler_whose_pulse_ends_by_itself_ends_with_it(tmp_path: Path) -> None:
    def broken() -> int:
        raise SystemExit

    def beat() -> None:
        with suppress(SystemExit):
            keep_pulse(broken, Heartbeat(tmp_path, "crawl"), stop)

    stop = Flag()
    pulse = Thread(target=beat)
    pulse.start()
    assert stop.wait(30)
    pulse.join()


def beaten_ago(wiring: Wiring, kind: str, seconds: float) -> None:
    Heartbeat(wiring.settings.data_dir, kind).beat()
    (beat,) = (wiring.settings.data_dir / "run").glob(f"{kind}-*.beat")
    at = beat.stat().st_mtime - seconds
    os.utime(beat, (at, at))


@pytest.mark.parametrize(
    ("kind", "longest_request", "seconds", "well"),
    [
        ("crawl", 60, 145, True),
        ("crawl", 60, 160, False),
        ("crawl", 5, 35, True),
        ("crawl", 5, 45, False),
        ("relay", 60, 25, True),
        ("relay", 60, 35, False),
    ],
)
def test_a_crawler_may_spend_two_requests_on_a_round(
    tmp_path: Path, kind: str, longest_request: float, seconds: float, well: bool
) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    made = Wiring(quick_settings(tmp_path, url, "redis://127.0.0.1:1/0", request_total_seconds=longest_request))
    beaten_ago(made, kind, seconds)
    assert (trouble_of(made, kind) is None) is well


def test_a_page_that_kills_its_reader_is_no_sign_of_a_dead_worker(wiring: Wiring) -> None:
    ledger = wiring.ledger
    long_ago = later(ledger, -600)
    deadly = fetch(ledger, target(ledger).id, started_at=long_ago)
    assert "none was taken for 120 s" in (trouble_of(wiring, "work") or "")
    with ledger.begin() as uow:
        assert uow.fetches.claim(deadly, uow.now(), 150) is not None
        uow.commit()
    assert trouble_of(wiring, "work") is None
    assert rows(ledger, Fetch)[0].processed_at is None


@pytest.mark.parametrize("left_by_a_kill", [None, "", "\n"])
def test_the_first_token_is_kept_whole_and_made_anew_where_its_file_is_empty(
    ledger: Ledger, tmp_path: Path, left_by_a_kill: str | None
) -> None:
    path = tmp_path / "admin-token"
    if left_by_a_kill is not None:
        path.write_text(left_by_a_kill)
    keep_first_token(ledger, path)
    kept = path.read_text()
    assert authenticate(ledger, kept.strip()) is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keep_first_token(ledger, path)
    assert path.read_text() == kept
    assert len(rows(ledger, Token)) == 1
    assert list(tmp_path.glob("*token*")) == [path]
