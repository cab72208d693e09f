"""The stage itself: the same choices give the same play, and the dead do nothing."""

from random import Random

from tests.simulated.line import Line
from tests.simulated.stage import Process, Stage
from tests.simulated.world import House


def test_the_same_choices_always_give_the_same_play(house: House) -> None:
    first, second = (played(Line(house), Random(3)) for _ in range(2))
    assert first == second


def played(world: Line, choices: Random) -> tuple[list[str], float]:
    for _ in range(25):
        player = choices.choice(world.players)
        player.go(choices.randrange(4), choices.choice([1, 3, 9, 1000]))
        if choices.random() < 0.2:
            player.kill()
        if choices.random() < 0.3:
            world.pass_time(choices.choice([5.0, 400.0]))
        if choices.random() < 0.2:
            world.alter(0, "edit")
    world.settle()
    assert world.broken() == []
    world.close()
    return world.stage.steps, world.clock.seconds


def test_who_was_killed_does_nothing_more_and_who_is_frozen_goes_on() -> None:
    stage, done = Stage(), list[str]()

    def work() -> None:
        try:
            done.append("begun")
            stage.step("here")
            done.append("gone on")
        finally:
            stage.step("cleaning up")
            done.append("cleaned up")

    frozen, killed = Process(stage, []), Process(stage, [])
    for one in (frozen, killed):
        one.begin(work)
        one.advance(0, 1)
    killed.kill()
    frozen.finish()
    assert done == ["begun", "begun", "gone on", "cleaned up"]
