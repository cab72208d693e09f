"""Planted defects are caught, each by the promise named for it; a promise that nothing can break is worth nothing.

At length, and in the whole line: `python -m tests.resilience --defects`.
"""

from pathlib import Path

import pytest

from tests.resilience.defects import DEFECTS, Defect
from tests.resilience.place import Place
from tests.resilience.trials import TRIALS, try_out

CASES = [pytest.param(one, database, id=f"{one.name}-{database}") for one in DEFECTS for database in one.databases]
ONCE = [pytest.param(one, one.databases[0], id=one.name) for one in DEFECTS]


@pytest.fixture
def defect(request: pytest.FixtureRequest) -> Defect:
    found: Defect = request.param
    return found


@pytest.mark.parametrize(("defect", "database_url"), CASES, indirect=True)
def test_a_planted_defect_is_caught_by_the_promise_named_for_it(
    defect: Defect, database_url: str, queue_url: str, tmp_path: Path
) -> None:
    broken = try_out(defect.name, Place(tmp_path, database_url, queue_url), planted=True)
    assert [line for line in broken if line.startswith(f"{defect.breaks} ")], broken


@pytest.mark.parametrize(("defect", "database_url"), ONCE, indirect=True)
def test_without_the_defect_the_same_course_of_events_breaks_nothing(
    defect: Defect, database_url: str, queue_url: str, tmp_path: Path
) -> None:
    assert try_out(defect.name, Place(tmp_path, database_url, queue_url), planted=False) == []


def test_every_defect_has_a_trial() -> None:
    assert list(TRIALS) == [one.name for one in DEFECTS]
