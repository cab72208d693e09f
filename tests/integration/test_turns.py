"""A host's turn: one holder over all threads and processes, and a pause that outlives whoever asked for it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.locks import lock_key
from shared.db.models import Host
from shared.db.turns import Turns, open_turns
from shared.errors import Unavailable
from tests.integration.scene import later, rows, together
from tests.servers import sqlite
from tests.servers.postgres import end_sessions

HOLDER = """
import sys, time
from pathlib import Path
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.db.turns import open_turns
with open_turns(open_ledger(sys.argv[1], SystemClock()), Path(sys.argv[2])).take(sys.argv[3]) as turn:
    if turn is not None and len(sys.argv) > 4:
        turn.hold_for(float(sys.argv[4]))
    print("held" if turn is not None else "busy", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process(*arguments: object) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Give what another process found when it took the turn, and the process, which goes on holding it."""
    command = [sys.executable, "-c", HOLDER, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "turns"


@pytest.fixture
def turns(ledger: Ledger, folder: Path) -> Turns:
    return open_turns(ledger, folder)


def free(turns: Turns, host: str) -> bool:
    with turns.take(host) as turn:
        return turn is not None


def test_nobody_shares_a_turn_not_even_within_a_process(turns: Turns) -> None:
    with turns.take("gov.example") as mine:
        assert mine is not None
        assert not free(turns, "gov.example")
    assert free(turns, "gov.example")


def test_the_turn_of_another_host_is_free(turns: Turns) -> None:
    with turns.take("gov.example") as mine, turns.take("other.example") as other:
        assert mine is not None
        assert other is not None


def test_a_turn_is_given_back_when_its_holder_fails(turns: Turns) -> None:
    with pytest.raises(RuntimeError), turns.take("gov.example"):
        raise RuntimeError
    assert free(turns, "gov.example")


def test_threads_of_two_crawlers_are_never_in_the_same_turn(open_another: Callable[[], Ledger], folder: Path) -> None:
    inside: list[int] = []
    crowds: list[int] = []
    crawlers = [open_turns(open_another(), folder) for _ in range(2)]

    def crawl(turns: Turns) -> None:
        for _ in range(25):
            with turns.take("gov.example") as turn:
                if turn is not None:
                    inside.append(1)
                    turn.wait_seconds()
                    crowds.append(len(inside))
                    inside.pop()

    together(*(lambda one=one: crawl(one) for one in crawlers * 2))
    assert crowds
    assert set(crowds) == {1}


def test_another_process_holds_a_turn_until_it_is_killed(turns: Turns, database_url: str, folder: Path) -> None:
    with another_process(database_url, folder, "gov.example") as (found, process):
        assert found == "held"
        assert not free(turns, "gov.example")
        assert free(turns, "other.example")
        process.send_signal(signal.SIGSTOP)
        assert not free(turns, "gov.example")
        process.kill()
        process.wait()
        until_true(lambda: free(turns, "gov.example"))


def until_true(fact: Callable[[], bool]) -> None:
    """Wait for a fact that another process's end brings about; pytest's own limit is the deadline."""
    while not fact():
        time.sleep(0.02)


def test_a_turn_held_here_is_busy_for_another_process(turns: Turns, database_url: str, folder: Path) -> None:
    with turns.take("gov.example") as mine:
        assert mine is not None
        with another_process(database_url, folder, "gov.example") as (found, _):
            assert found == "busy"


def test_a_host_that_was_never_asked_may_be_asked_now(turns: Turns) -> None:
    with turns.take("gov.example") as turn:
        assert turn is not None
        assert turn.wait_seconds() <= 0


def test_a_pause_holds_for_whoever_has_the_turn_next(turns: Turns) -> None:
    with turns.take("gov.example") as turn:
        assert turn is not None
        turn.hold_for(500)
    with turns.take("gov.example") as turn, turns.take("other.example") as other:
        assert turn is not None
        assert other is not None
        assert 400 < turn.wait_seconds() <= 500
        assert other.wait_seconds() <= 0


def test_a_pause_written_ahead_is_shortened_once_the_request_is_over(turns: Turns) -> None:
    with turns.take("gov.example") as turn:
        assert turn is not None
        turn.hold_for(500)
        turn.hold_for(5)
        assert 0 < turn.wait_seconds() <= 5
        turn.hold_for(0)
        assert turn.wait_seconds() <= 0


def test_a_pause_written_ahead_outlives_the_death_of_its_holder(turns: Turns, database_url: str, folder: Path) -> None:
    with another_process(database_url, folder, "gov.example", 500) as (found, process):
        assert found == "held"
        process.kill()
        process.wait()
    until_true(lambda: free(turns, "gov.example"))
    with turns.take("gov.example") as turn:
        assert turn is not None
        assert 400 < turn.wait_seconds() <= 500


def test_the_pause_is_shown_in_the_ledger(turns: Turns, ledger: Ledger) -> None:
    with turns.take("gov.example") as turn:
        assert turn is not None
        turn.hold_for(500)
    (host,) = rows(ledger, Host)
    assert host.name == "gov.example"
    assert later(ledger, 400) < host.next_allowed_at <= later(ledger, 500)


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", "a b c", "another-boot 1e12"])
def test_a_lock_file_that_cannot_be_read_or_is_of_another_boot_gives_way_to_the_row(
    tmp_path: Path, folder: Path, kept: str
) -> None:
    ledger = open_ledger(sqlite.fresh(tmp_path), SystemClock())
    turns = open_turns(ledger, folder)
    with turns.take("gov.example") as turn:
        assert turn is not None
        turn.hold_for(500)
        (state,) = folder.iterdir()
        state.write_text(kept)
        assert 400 < turn.wait_seconds() <= 500
    ledger.close()


def test_a_holder_whose_session_ended_is_told_so_and_its_thread_goes_on(
    turns: Turns, ledger: Ledger, database_url: str
) -> None:
    if ledger.engine.dialect.name != "postgresql":
        pytest.skip("a lock file has no session")
    with turns.take("gov.example") as turn:
        assert turn is not None
        end_sessions(database_url)
        assert free(turns, "gov.example")
    assert free(turns, "gov.example")


def test_a_database_that_is_down_is_told_as_such() -> None:
    ledger = open_ledger("postgresql://nobody@127.0.0.1:1/none", SystemClock())
    with pytest.raises(Unavailable), open_turns(ledger, Path("unused")).take("gov.example"):
        pass
    ledger.close()


def test_lock_keys_fit_postgresql_and_tell_names_apart() -> None:
    keys = {lock_key(kind, f"{number}.example") for kind in ("host", "relay") for number in range(500)}
    assert len(keys) == 1000
    assert all(-(2**63) <= key < 2**63 for key in keys)
