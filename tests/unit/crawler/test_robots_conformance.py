"""The bar for robots.txt: every expectation of the public compliance collection that RFC 9309 shares."""

from datetime import UTC, datetime

import pytest
from protego import Protego

from crawler.robots import Allowed, RobotsCopy, verdict
from tests.unit.crawler.robots_expectations import CONTRADICTING, CORRECTNESS, STRESS, Case

NOW = datetime(2026, 3, 4, 5, tzinfo=UTC)


def allowed(robots: bytes, agent: str, path: str) -> bool:
    copy = RobotsCopy("http://moss.example", 200, robots, NOW)
    return isinstance(verdict(copy, agent, f"http://moss.example{path}", NOW), Allowed)


@pytest.mark.parametrize("case", [*CORRECTNESS, *STRESS], ids=lambda case: case.title)
def test_who_may_ask_for_what(case: Case) -> None:
    for agent, path, expected in case.each():
        assert allowed(case.robots, agent, path) is expected, f"{agent} {path}"


def test_nothing_of_the_collection_is_left_out() -> None:
    counted = [sum(len(list(case.each())) for case in cases) for cases in (CORRECTNESS, STRESS, CONTRADICTING)]
    assert counted == [124, 250, 4]


def test_protego_alone_misses_fourteen() -> None:
    missed = 0
    for case in [*CORRECTNESS, *STRESS, *CONTRADICTING]:
        file = Protego.parse(case.robots.decode("utf-8", "ignore"))
        missed += sum(file.can_fetch(f"http://moss.example{path}", agent) != yes for agent, path, yes in case.each())
    assert missed == 14


@pytest.mark.parametrize("case", CONTRADICTING, ids=lambda case: case.title)
def test_the_file_itself_is_allowed_where_the_collection_says_otherwise(case: Case) -> None:
    for agent, path, expected in case.each():
        assert not expected
        assert allowed(case.robots, agent, path)
        assert not allowed(case.robots, agent, "/anything-else")
