"""Three crawlers under pause, kill, FLUSHALL and a database that restarts stay good guests, as the sites' log tells.

At length: `python -m tests.resilience --minutes 10`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resilience.manners import not_asked_anew
from tests.resilience.ordeal import Ordeal, on_postgres, on_sqlite
from tests.unit.simulation.test_simulation_witness import entry


@pytest.fixture(params=["sqlite", "postgresql"])
def ordeal(request: pytest.FixtureRequest, queue_url: str, tmp_path: Path) -> Iterator[Ordeal]:
    if request.param == "postgresql":
        request.getfixturevalue("postgres")  # skips where none can be run
    with (on_sqlite if request.param == "sqlite" else on_postgres)(tmp_path, queue_url, 1) as opened:
        yield opened


def test_three_crawlers_stay_polite_whatever_befalls_them(ordeal: Ordeal) -> None:
    ordeal.strike(10)
    ordeal.judge()


def test_a_host_asked_by_the_robots_file_of_the_day_before_is_found() -> None:
    asked, before = entry(1, 1.0, 1.1, is_robots=True), entry(2, 2.0, 2.1)
    decided, robots = entry(3, 4.0, 4.1), entry(4, 5.0, 5.1, is_robots=True)
    assert not_asked_anew([asked, before, decided, robots], [3.5]) == []
    late = [asked, before, decided, entry(4, 5.0, 5.1), entry(5, 6.0, 6.1, is_robots=True), entry(6, 7.0, 7.1)]
    assert [breach.number for breach in not_asked_anew(late, [3.5])] == [4]
    assert [breach.number for breach in not_asked_anew(late, [3.5, 6.5])] == [4]


def test_a_robots_file_that_comes_in_the_night_is_of_the_new_day() -> None:
    log = [entry(1, 3.0, 3.6, is_robots=True), entry(2, 4.0, 4.1), entry(3, 5.0, 5.1)]
    assert not_asked_anew(log, [3.5]) == []
