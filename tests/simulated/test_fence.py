"""The fence: a worker that stood still until its lease was another's wakes at any of its steps, and writes nothing."""

from collections.abc import Iterator

import pytest

from shared.db.fetches import Fetches
from tests.resilience.defects import settle_whoever_holds_it
from tests.simulated.doors import PlayedWork
from tests.simulated.line import Line
from tests.simulated.world import House, Plan

LEASES = 2_000.0
"""Seconds in which every lease of a worker is over."""
WORKER, ANOTHER = 1, 4

pytestmark = pytest.mark.timeout(600)


class UnfencedFetches(Fetches):
    """The planted defect of `tests.resilience.defects`."""


UnfencedFetches.settle = settle_whoever_holds_it(Fetches.settle, None)  # type: ignore[method-assign,arg-type]


class NoFence(PlayedWork):
    @property
    def fetches(self) -> Fetches:  # type: ignore[override]
        return UnfencedFetches(self._session)


def frozen_at_each_step(house: House, plan: Plan) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield, for each step of a worker that reads a notice: the step at which it stood still until another had read it,
    what it wrote to the ledger once it woke, and the promises that were broken in the end."""
    step = 1
    while (world := read_up_to(house, plan, step)) is not None:
        stood_at, (fetch_id, *_) = world.stage.steps[-1], world.bell.rung
        world.pass_time(LEASES)
        world.players[ANOTHER].turn()
        before = rows(world)
        world.players[WORKER].turn()
        wrote = sorted(rows(world) ^ before)
        world.settle()
        yield f"{stood_at} of {fetch_id}", wrote, world.broken()
        world.close()
        step += 1


def read_up_to(house: House, plan: Plan, step: int) -> Line | None:
    """Return a line whose worker stands still at a step of reading a notice, for which another is rung for as well;
    None where reading has no such step."""
    world = Line(house, plan)
    while not world.bell.rung:
        world.players[0].turn()
        world.pass_time(10)
    rung = list(world.bell.rung)
    world.players[WORKER].go(0, step)
    world.bell.rung.extend(rung)
    if not world.players[WORKER].idle:
        return world
    world.close()
    return None


def rows(world: Line) -> set[str]:
    """Return every row of the ledger."""
    with world.looking() as connection:
        return set(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]


def test_a_worker_whose_lease_is_anothers_writes_nothing_wherever_it_stood(house: House) -> None:
    tried = list(frozen_at_each_step(house, Plan()))
    assert len(tried) > 5
    for at, wrote, broken in tried:
        assert (at, wrote, broken) == (at, [], [])


def test_without_the_fence_a_worker_that_wakes_is_found_to_write(house: House) -> None:
    tried = list(frozen_at_each_step(house, Plan(work=NoFence)))
    assert any(wrote for _, wrote, _ in tried)
    assert any(line.startswith("I2 ") for _, _, broken in tried for line in broken)
