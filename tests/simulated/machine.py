"""What may befall a world, as rules of a state machine: Hypothesis invents schedules of them, and shrinks failures."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.simulated.line import Line
from tests.simulated.receivers import ANSWERS, Answer
from tests.simulated.world import House, Plan, World

Move = tuple[int, int, int, str]
STEPS = st.sampled_from([0, 0, 1, 2, 3, 4, 6, 9, 14])
"""How far a process goes before something else happens; 0 is to the end of its turn, and of all that it began."""
MOVES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), STEPS, st.sampled_from(["stand still"] * 3 + ["die"])),
    min_size=1,
    max_size=5,
)
"""Which process, which of its strands, how many steps, and what becomes of it then: right after a commit, who dies
never hears that it was made."""
PAUSES = st.sampled_from([0.5, 5.0, 30.0, 200.0, 2_000.0, 20_000.0])


class Schedule(RuleBasedStateMachine):
    """Who goes on, who is killed, and how time passes, whatever the processes are."""

    house: ClassVar[House]
    plan: ClassVar[Plan] = Plan()

    def __init__(self) -> None:
        """Wait for `begin`."""
        super().__init__()
        self.world = self.new_world()

    def new_world(self) -> World:
        """Return the world that is played."""
        return World(self.house, self.plan)

    @rule(moves=MOVES)
    def go_on(self, moves: list[Move]) -> None:
        """Let processes go on, one after the other; each then stands still, until it is its turn again, or dies."""
        for who, strand, steps, then in moves:
            player = self.world.players[who % len(self.world.players)]
            if steps:
                player.go(strand, steps)
            else:
                player.turn()
            if then == "die":
                player.kill()

    @rule(which=st.integers(0, 1), steps=STEPS, then=st.sampled_from(["stand still", "stand still", "die"]))
    def read(self, which: int, steps: int, then: str) -> None:
        """Let a reader read on, or be cut off: half an event is none."""
        reader = self.world.readers[which]
        if steps:
            reader.go(0, steps)
        else:
            reader.turn()
        if then == "die":
            reader.kill()

    @rule(seconds=PAUSES)
    def pass_time(self, seconds: float) -> None:
        """Let time go by: the leases of who stands still end."""
        self.world.pass_time(seconds)

    @rule()
    def cut_off(self) -> None:
        """End the session of the leader, who does not know of it."""
        self.world.cut_off()

    def teardown(self) -> None:
        """Let everything come to rest, and hold what has come of it against the promises."""
        try:
            self.world.settle()
            broken = self.world.broken()
        finally:
            self.world.close()
        assert not broken, "\n".join(broken)


class Subscribed(Schedule):
    """What subscribers do."""

    @rule(which=st.integers(0, 1), how=st.sampled_from(["subscribe", "pause", "resume", "remove", "redrive", "rotate"]))
    def manage(self, which: int, how: str) -> None:
        """Change a subscription."""
        if how == "subscribe":
            self.world.subscribe(which)
        else:
            self.world.change(which, how)

    @rule(which=st.integers(0, 1), answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3))
    def ail(self, which: int, answers: list[Answer]) -> None:
        """Let a subscriber answer badly."""
        self.world.receivers[which].ills.extend(answers)


class Told(Schedule):
    """Events, and the relays that hand them on."""

    @rule(notice=st.integers(0, 1))
    def tell(self, notice: int) -> None:
        """Record an event."""
        self.world.tell(notice)


class WireSchedule(Subscribed, Told):
    """Events, the relays that hand them on, and the subscribers."""


class LineSchedule(Subscribed):
    """The whole line."""

    world: Line

    def new_world(self) -> World:
        """See `Schedule.new_world`."""
        return Line(self.house, self.plan)

    @rule()
    def publish(self) -> None:
        """Put up a notice."""
        self.world.publish()

    @rule(
        pick=st.integers(0, 2),
        how=st.sampled_from(["edit", "edit", "touch", "withdraw", "withdraw softly", "restore", "move", "readdress"]),
    )
    def alter(self, pick: int, how: str) -> None:
        """Change a notice."""
        self.world.alter(pick, how)

    @rule(kind=st.sampled_from(["429", "503", "block", "hang", "forbid", "allow"]))
    def trouble(self, kind: str) -> None:
        """Let the site fail."""
        self.world.trouble(kind)

    @rule(away=st.booleans())
    def empty_the_queue(self, away: bool) -> None:
        """Lose every bell that nobody has answered; the queue may be away for a while, too."""
        self.world.bell.rung.clear()
        self.world.bell.away = away


def machine(kind: type[Schedule], of: House, planned: Plan) -> type[Schedule]:
    """Return the machine of one kind that is played in a house, by a plan."""

    class Played(kind):  # type: ignore[misc,valid-type]
        house = of
        plan = planned

    return Played
