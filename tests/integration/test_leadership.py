"""Leadership: one relay leads, and another follows whatever becomes of the first."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.db import Ledger
from shared.db.leadership import Leadership, open_leadership
from tests.integration.scene import together
from tests.servers.postgres import end_sessions

LEADER = """
import sys, time
from pathlib import Path
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.db.leadership import open_leadership
leadership = open_leadership(open_ledger(sys.argv[1], SystemClock()), Path(sys.argv[2]))
print(leadership.hold(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def stand(open_another: Callable[[], Ledger], tmp_path: Path) -> Iterator[Callable[[], Leadership]]:
    """A way to stand for leadership as another process would."""
    stood: list[Leadership] = []

    def stand_once() -> Leadership:
        stood.append(open_leadership(open_another(), tmp_path / "run"))
        return stood[-1]

    yield stand_once
    for one in stood:
        one.resign()


def test_only_one_leads_and_it_keeps_leading(stand: Callable[[], Leadership]) -> None:
    first, second = stand(), stand()
    assert first.hold()
    assert [first.hold(), second.hold(), first.hold(), second.hold()] == [True, False, True, False]


def test_another_leads_once_the_leader_resigns(stand: Callable[[], Leadership]) -> None:
    first, second = stand(), stand()
    assert first.hold()
    first.resign()
    assert second.hold()
    assert not first.hold()
    second.resign()
    assert first.hold()


def test_resigning_without_having_led_is_harmless(stand: Callable[[], Leadership]) -> None:
    first = stand()
    first.resign()
    assert first.hold()
    first.resign()
    first.resign()
    assert first.hold()


def test_of_several_that_stand_at_once_one_leads(stand: Callable[[], Leadership]) -> None:
    candidates = [stand() for _ in range(4)]
    for _ in range(5):
        led: list[bool] = []
        together(*(lambda one=one, led=led: led.append(one.hold()) for one in candidates))
        assert sum(led) == 1
        for one in candidates:
            one.resign()


def test_another_leads_once_the_leader_is_killed(
    stand: Callable[[], Leadership], database_url: str, tmp_path: Path
) -> None:
    second = stand()
    command = [sys.executable, "-c", LEADER, database_url, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "True\n"
        assert not second.hold()
        leader.kill()
        leader.wait()
        while not second.hold():
            time.sleep(0.02)
    assert second.hold()


def test_a_leader_whose_session_ended_stands_again(database_url: str, stand: Callable[[], Leadership]) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("a lock file has no session")
    first = stand()
    assert first.hold()
    end_sessions(database_url)
    assert first.hold()
    assert not stand().hold()
