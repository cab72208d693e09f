"""The whole line under schedules: crawlers, workers, relay and subscribers, frozen and killed between any two steps."""

import pytest

from tests.simulated.budget import play
from tests.simulated.line import Line
from tests.simulated.machine import LineSchedule, machine
from tests.simulated.world import House, Plan

ACTS = 6
PARTS = 4
SCHEDULES = 25
"""In each part; the parts are tests of their own, so that they can be run side by side."""

pytestmark = pytest.mark.timeout(3600)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_befalls_the_line_every_text_is_told_once_to_everybody(house: House, part: int) -> None:
    play(machine(LineSchedule, house, Plan()), SCHEDULES, ACTS, part)


def test_a_line_without_a_sweeper_is_found_to_forget_work(house: House) -> None:
    world = Line(house, Plan(sweeps=False))
    for _ in range(4):
        world.players[0].turn()
        world.pass_time(10)
    world.bell.rung.clear()
    with pytest.raises(AssertionError, match="I9"):
        world.settle()
    world.close()
