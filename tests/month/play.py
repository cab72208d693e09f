"""Playing a story to the real crawler and the real worker: acts, rounds, bells and duties, from moment to moment."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.desk.watching import Watch, watch
from services.processes.crawling import build_crawl_loop
from services.processes.relaying import RelayDuties
from services.processes.working import build_processor
from services.simulation.premises import Layout, Premises
from services.wiring import Wiring
from shared.db.leadership import open_leadership
from shared.db.models import Target
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from tests.month.clock import PlayedClock, seconds_of
from tests.month.net import Net
from tests.month.story import DAY, Story, open_up

DUTY_SECONDS = 3600.0
LEAST_JUMP_SECONDS = 20.0
"""What is due within it is done together, at each host one thing: to look for the next moment costs as much as that."""
_DUE = select(func.min(Target.due_at))
AGENT = "noticewire/0 (+https://noticewire.example/rehearsal)"


@dataclass
class WaitingBell:
    """A bell whose rings wait until they are answered in the same thread."""

    rung: deque[str] = field(default_factory=deque)

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        self.rung.append(fetch_id)
        return True

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        return len(self.rung)

    def close(self) -> None:
        """Nothing is open."""


class Play:
    """One story, one ledger, one crawler, one worker."""

    def __init__(self, told: Story, folder: Path, looks_a_day: float, **more: object) -> None:
        """Set everything up; nothing has been asked yet. `more` are settings that are not the usual ones."""
        self.story = told
        self.settings = settings_for(folder, looks_a_day, **more)
        self.clock = PlayedClock()
        self.premises, self.net = _premises(told, self.clock)
        self.bell = WaitingBell()
        self._wiring = Wiring(self.settings)
        # The parts that play: the clock first, for the others are made with it.
        vars(self._wiring).update(clock=self.clock, http=self.net, bell=self.bell)
        self.ledger = self._wiring.ledger
        upgrade(self.ledger)
        self._crawl = build_crawl_loop(self._wiring, AGENT)
        self._processor = build_processor(self._wiring)
        self._leadership = open_leadership(self.ledger, folder)
        self._duties = RelayDuties(self._wiring, self._leadership)
        self._duty_at = 0.0
        self._patience = LEAST_JUMP_SECONDS / 2
        for one in told.characters:
            watch(self.ledger, Watch(self.premises.listing_url(one.key, one.column)))

    def run(self, tell: Callable[[str], None] = lambda _: None, within_seconds: float = inf) -> None:
        """Play to the end, or as far as one comes; `tell` hears how far that is, once for each day."""
        began, day = time.perf_counter(), 0
        while self.clock.seconds < self.story.ends and time.perf_counter() - began < within_seconds:
            self.step()
            if self.clock.seconds >= (day + 1) * DAY:
                day = int(self.clock.seconds / DAY)
                tell(f"day {day}: {self.net.requests} requests, {time.perf_counter() - began:.0f} s")
        self.lead()
        self.lead()

    def close(self) -> None:
        """Close the ledger."""
        self._duties.close()
        self._leadership.resign()
        self._wiring.close()

    def play_until(self, seconds: float) -> None:
        """Play up to a moment."""
        while self.clock.seconds < seconds:
            self.step()
        self.lead()

    def step(self) -> None:
        """Do one thing, or let time pass until there is one."""
        self.story.play(self.premises, self.clock.seconds)
        if self.clock.seconds >= self._duty_at:
            self.lead()
            self._duty_at = self.clock.seconds + DUTY_SECONDS
        if self._crawl.round():
            self._patience = LEAST_JUMP_SECONDS / 2
            self._answer_bells()
        else:
            moment = min(self.story.next_at(), self._duty_at, self._next_due())
            self.clock.sleep(moment - self.clock.seconds)

    def _answer_bells(self) -> None:
        while self.bell.rung:
            self._processor.process(self.bell.rung.popleft())

    def lead(self) -> None:
        """Do what the worker and the relay's leader have to do now."""
        self._answer_bells()
        while self._duties.lead():
            pass

    def _next_due(self) -> float:
        """Return when to look again: at the next target that becomes due, or soon where some are due already.

        Their hosts are on hold then. How long is not asked, for that costs as much as a visit: each time that nothing
        could be done the next look is twice as far.
        """
        now = self.clock.seconds
        with Session(self.ledger.engine) as session:
            later = session.scalar(_DUE.where(Target.due_at > self.clock.now()))
            waiting = session.scalar(_DUE.where(Target.due_at <= self.clock.now()))
        self._patience = min(2 * self._patience, DUTY_SECONDS)
        moments = [seconds_of(later)] if later else []
        moments += [now + self._patience] if waiting else []
        return max(min(moments, default=self.story.ends), now + LEAST_JUMP_SECONDS)


def settings_for(folder: Path, looks_a_day: float, **more: object) -> Settings:
    """Return the settings of the rehearsal: the usual ones, but for the looks that may be spent."""
    contact = "https://noticewire.example/rehearsal"
    return read_settings(data_dir=folder, contact=contact, listing_looks_per_day=looks_a_day, **more)


def _premises(told: Story, clock: PlayedClock) -> tuple[Premises, Net]:
    columns = max(one.column for one in told.characters) + 1
    premises = Premises(Layout(hosts=told.keys, seed=told.seed, columns=columns), clock.moment)
    houses = [premises.furnish(key, f"http://{key}", [key]) for key in told.keys]
    open_up(told, premises)
    return premises, Net(houses, clock, told)
