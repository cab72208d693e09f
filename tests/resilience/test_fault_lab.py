"""The fault lab in short: each of its essential blows once, several at once, on each kind of database."""

from pathlib import Path

import pytest

from tests.resilience.lab import Lab
from tests.resilience.rig import open_rig
from tests.resilience.table import GROUPS, chosen

LEFT_OUT = {
    "a row held for 60 s",
    "1,000 re-crawls at once",
    "rolling restart of everything",
    "queue's line slow",
    "queue's line dead",
    "database's line dead",
    "some sessions ended",
    "robots.txt answers 404",
    "robots.txt is a page",
    "robots.txt is too long",
    "site: maintenance with 200",
}
"""What `make faults` has time for."""
APART = {"health", "receivers"}
"""Groups that have tests of their own: `test_delivery_ordeal`, and those of the API's health."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_whatever_breaks_nothing_is_lost_doubled_or_impolite(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        request.getfixturevalue("postgres")  # skips where none can be run
    blows = [blow for blow in chosen(set(GROUPS) - APART, database) if blow.name not in LEFT_OUT]
    with open_rig(tmp_path, database, seed=1) as rig:
        lab = Lab(rig, 1, blows)
        lab.begin()
        lab.each_once(pause_seconds=0.6)
        lab.settle()
    assert not lab.broken, "\n".join([*lab.broken, rig.line.tail()])


def test_blows_have_names_of_their_own_and_are_chosen_by_group() -> None:
    names = [blow.name for blow in chosen((), "postgresql") + chosen((), "sqlite")]
    assert len(set(names)) < len(names)
    assert {blow.group for blow in chosen(["queue"], "sqlite")} == {"queue"}
    with pytest.raises(ValueError, match="no such groups"):
        chosen(["weather"], "sqlite")
