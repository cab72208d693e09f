"""The fault lab: blows fall on a rig, several at once, by a seed; then it is quiet, and everything is held to account.

with open_rig(folder, "postgresql", seed=1) as rig:
    lab = Lab(rig, seed=1, blows=chosen({"processes", "queue"}, rig.database))
    lab.begin()
    lab.one_by_one()
    lab.all_together(seconds=600, pause_seconds=1.0)
    lab.settle()
    lab.broken      # what did not hold, in words
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from shared.db.engine import READ_ONLY
from shared.db.trouble import answering
from shared.errors import Unavailable
from tests.endurance import Struck, hostile_answers_end, kept_over_time
from tests.invariants import broken_promises, canaries_heard_nothing
from tests.resilience.blow import Blow, Fact
from tests.resilience.gauges import Gauges
from tests.resilience.life import Life
from tests.resilience.recovery import Recoveries, strain
from tests.resilience.rig import CRAWLERS, LEASE_SECONDS, PROCESSES, REQUEST_SECONDS, Rig
from tests.servers.line import DELAY_SECONDS

TICK_SECONDS = 0.05
MOST_AT_ONCE = 5
FACT_SECONDS = 20.0
"""How long a blow waits for what it waits for; then it goes on without."""
CRAWL_PERIOD_SECONDS = 120.0
"""A text that was up for less may be missed while blows fall."""
SETTLE_SECONDS = 180.0
UNDER_WAY_SECONDS = 5.0
"""What was sent when a clock was put right may arrive for so long."""


class _Open:
    """A blow that is under way."""

    def __init__(self, blow: Blow, steps: Iterator[float | Fact], struck: Struck) -> None:
        self.blow, self.steps, self.struck = blow, steps, struck
        self.fact: Fact | None = None
        self.until = 0.0


class Lab:
    """One run. Everything is done in one thread, step by step; only gauges are read in another."""

    def __init__(self, rig: Rig, seed: int, blows: Sequence[Blow]) -> None:
        """Be ready; `begin` starts the processes."""
        self.rig, self.blows = rig, blows
        self.random = Random(f"lab/{seed}")
        self.log: list[Struck] = []
        """Every blow that fell."""
        self.broken: list[str] = []
        self.ended_by_themselves: list[str] = []
        self.down: set[str] = set()
        """Processes that are not meant to run just now."""
        self.nights: list[float] = []
        """When robots files grew a day older, on the monotonic clock."""
        self.settings = rig.line.settings
        self.gauges = Gauges(rig)
        self.life = Life(rig.site, self.random)
        self.recoveries = Recoveries(self)
        self._open: list[_Open] = []
        self._looked_at = self._next_at = 0.0

    def begin(self) -> None:
        """Start everything, and wait until all parts do their work."""
        self.rig.begin()
        self.gauges.start()
        self.rig.line.wait_until(self._is_awake, 120, "everything at work")
        self.gauges.note_calm()

    def _is_awake(self) -> bool:
        agents = {str(one["user_agent"]).rpartition("/")[2].rstrip(")") for one in self.rig.site.log()}
        return set(CRAWLERS) <= agents and bool(self.rig.sink.receipts()) and self.gauges.is_green()

    def one_by_one(self) -> None:
        """Let each kind of blow fall alone, once, and wait each time until it is over and made up for."""
        for blow in self.random.sample(self.blows, len(self.blows)):
            self._strike(blow)
            deadline = time.monotonic() + 120
            while (self._open or self.recoveries.waiting) and time.monotonic() < deadline:
                self._step()

    def all_together(self, seconds: float, pause_seconds: float) -> None:
        """Let blows fall for `seconds`, `pause_seconds` apart on average and several at once."""
        over, deck = time.monotonic() + seconds, list[Blow]()
        while time.monotonic() < over:
            deck = deck or self._deck()
            self._go_on(deck, pause_seconds)
        self._end_all()

    def each_once(self, pause_seconds: float) -> None:
        """Let each kind of blow fall once, `pause_seconds` apart on average and several at once."""
        deck = self.random.sample(self.blows, len(self.blows))
        while deck:
            self._go_on(deck, pause_seconds)
        self._end_all()

    def _go_on(self, deck: list[Blow], pause_seconds: float) -> None:
        """Go a step on, and if it is time, let the first blow of the deck fall that is not in the way of another."""
        self._step()
        if time.monotonic() < self._next_at or len(self._open) >= MOST_AT_ONCE:
            return
        self._next_at = time.monotonic() + self.random.uniform(0.5, 1.5) * pause_seconds
        fitting = next((blow for blow in deck if not self._hinders(blow)), None)
        if fitting is not None:
            deck.remove(fitting)
            self._strike(fitting)

    def _deck(self) -> list[Blow]:
        every = [blow for blow in self.blows for _ in range(blow.often)]
        return self.random.sample(every, len(every))

    def _hinders(self, blow: Blow) -> bool:
        taken = {part for one in self._open for part in one.blow.takes}
        return bool(taken & set(blow.takes))

    def _strike(self, blow: Blow) -> None:
        struck = Struck(len(self.log) + 1, blow.name, blow.group, time.monotonic(), datetime.now(UTC))
        self.log.append(struck)
        print(f"{struck.began - self.gauges.began:7.1f} {struck.number:5} {blow.name}", flush=True)
        self._open.append(_Open(blow, blow.strike(self), struck))

    def _step(self) -> None:
        """Let each blow that is under way go on, the sites live on, and see what has recovered."""
        time.sleep(TICK_SECONDS)
        for one in list(self._open):
            self._advance(one)
        if time.monotonic() - self._looked_at > 0.25:
            self._looked_at = time.monotonic()
            self.life.live()
            self.recoveries.look()
            self._revive()

    def _advance(self, one: _Open) -> None:
        if time.monotonic() < one.until and not (one.fact and _holds(one.fact)):
            return
        try:
            told = next(one.steps)
        except (StopIteration, Unavailable):  # a blow that finds the database down has nothing more to break
            one.struck.over = time.monotonic()
            self._open.remove(one)
            print(f"{one.struck.over - self.gauges.began:7.1f} {one.struck.number:5} … is over", flush=True)
            self.recoveries.expect(one.blow, one.struck)
            return
        one.fact = told if callable(told) else None
        one.until = time.monotonic() + (FACT_SECONDS if callable(told) else told)

    def _revive(self) -> None:
        """Start again what has ended by itself, as a supervisor does, and note it."""
        for name in PROCESSES:
            if name not in self.down and not self.rig.line.alive(name):
                code = self.rig.line.exit_code(name)
                after = time.monotonic() - self.gauges.began
                self.ended_by_themselves.append(f"{name} after {after:.0f} s ({code})")
                self.say(f"processes: {name} ended by itself after {after:.0f} s, with {code}")
                self.rig.start(name)

    def _end_all(self) -> None:
        deadline = time.monotonic() + 120
        while self._open and time.monotonic() < deadline:
            self._step()
        self.broken += [f"lab: {one.blow.name} did not end" for one in self._open]

    # What blows do with it --------------------------------------------------------------------------------------------

    def end(self, name: str, *, kill: bool = True) -> None:
        """Kill a process, or end it in order; it is not started again until `start`."""
        self.down.add(name)
        if kill:
            self.rig.line.kill(name)
        else:
            self.rig.line.ask_to_end(name)

    def start(self, name: str) -> None:
        """Start a process."""
        self.rig.start(name)
        self.down.discard(name)

    def has_ended(self, name: str) -> bool:
        """Tell whether a process has ended."""
        return not self.rig.line.alive(name)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """Read the ledger, and hold nobody up: on SQLite a session takes the writer's place if it is not told so."""
        reader = self.rig.line.wiring.ledger.engine.execution_options(**{READ_ONLY: True})
        with answering(), Session(reader) as session:
            yield session

    def say(self, sentence: str) -> None:
        """Note that something did not hold."""
        print(f"        !!!!! {sentence}", flush=True)
        self.broken.append(sentence)

    # The end ----------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let it be quiet, wait until nothing is owed, and hold everything against the promises."""
        self._rest()
        self._wait(self._is_current, SETTLE_SECONDS, "I1 the newest texts are not stored")
        self.gauges.note_quiet()
        for name in CRAWLERS:
            self.end(name, kill=False)
        self._wait(lambda: not any(map(self.rig.line.alive, CRAWLERS)), 30, "crawlers do not end")
        self._wait(self.rig.line.owes_nothing, SETTLE_SECONDS, "I9 something is still owed")
        self._judge()

    def _rest(self) -> None:
        """Make everything well, and wait until what blows did is made up for."""
        self.rig.site.calm()
        self.rig.sink.calm()
        self.rig.set_clocks(0.0)
        deadline = time.monotonic() + 120
        while (self.recoveries.waiting or not _holds(self._is_well)) and time.monotonic() < deadline:
            self._step()
        self.recoveries.give_up()

    def _is_well(self) -> bool:
        return self.life.is_well(self)

    def _is_current(self) -> bool:
        self._revive()
        return self.life.is_stored(self.rig.line.wiring.ledger)

    def _wait(self, fact: Callable[[], object], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds * min(3.0, strain())
        while not _holds(fact):
            if time.monotonic() > deadline:
                self.say(f"{what} after {seconds:.0f} s of quiet")
                return
            time.sleep(0.5)

    def _judge(self) -> None:
        ledger = self.rig.line.wiring.ledger
        self.requests: list[dict[str, Any]] = self.rig.site.log()
        wrong = [one for one in self.log if one.group == "clocks"]
        self.broken += broken_promises(
            ledger,
            self.rig.site,
            [self.rig.sink],
            delay_seconds=DELAY_SECONDS,
            crawl_period_seconds=CRAWL_PERIOD_SECONDS,
            wrong_clocks=[(one.began, (one.over or 0) + UNDER_WAY_SECONDS) for one in wrong],
        )
        self.broken += canaries_heard_nothing(self.rig.canaries)
        self.broken += hostile_answers_end(self.requests, REQUEST_SECONDS, self.log)
        self.gauges.compare_counts()
        self.broken += kept_over_time(ledger, self.log, self.rig.sink, self.gauges, LEASE_SECONDS)
        self.gauges.stop()


def _holds(fact: Callable[[], object]) -> bool:
    with suppress(Unavailable):
        return bool(fact())
    return False


def long_ago(at: datetime, seconds: float) -> bool:
    """Tell whether `at` is more than so many seconds ago."""
    return datetime.now(UTC) - at > timedelta(seconds=seconds)
