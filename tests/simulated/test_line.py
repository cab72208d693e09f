"""The whole line under schedules: crawlers, workers, relay and subscribers, frozen and killed between any two steps."""

from collections.abc import Iterator

import pytest

from tests.simulated.budget import play
from tests.simulated.line import Line
from tests.simulated.machine import LineSchedule
from tests.simulated.world import House, Plan

ACTS = 10
PARTS = 4
SCHEDULES = 20
"""In each part; the parts are tests of their own, so that they can be run side by side."""

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    yield house
    house.close()


def machine(of: House, planned: Plan) -> type[LineSchedule]:
    class Played(LineSchedule):
        house = of
        plan = planned

    return Played


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_befalls_the_line_every_text_is_told_once_to_everybody(house: House, part: int) -> None:
    play(machine(house, Plan()), SCHEDULES, ACTS, part)


def test_a_line_without_a_sweeper_is_found_to_forget_work(house: House) -> None:
    world = Line(house, Plan(sweeps=False))
    for _ in range(4):
        world.players[0].turn()
        world.pass_time(10)
    world.bell.rung.clear()
    with pytest.raises(AssertionError, match="I9"):
        world.settle()
    world.close()
