"""The world of one schedule: a ledger of its own, time that is played, and the processes that are at work in it."""

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from services.desk import delivering, keys, subscribing
from services.processes.relaying import RelayDuties, courier_rules
from services.wiring import Wiring
from shared.db import open_ledger
from shared.db.engine import READ_ONLY, make_engine
from shared.db.models import Delivery, Event, Subscription
from shared.domain.states import Consent, DeliveryState, SubscriptionState
from shared.errors import NoticewireError
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from tests.integration import scene
from tests.invariants import (
    nothing_is_owed,
    positions_are_gapless,
    reader_has_heard,
    receipts_are_complete_and_in_order,
)
from tests.month.clock import PlayedClock, seconds_of
from tests.simulated.doors import PlayedBell, PlayedBlobs, PlayedHttp, PlayedLeadership, PlayedLedger, PlayedWork, Seat
from tests.simulated.readers import CursorReader, StreamReader
from tests.simulated.receivers import Receiver, Receivers
from tests.simulated.stage import Pool, Process, Stage
from tests.standards.sse import EventSource
from worker.deliver.courier import Courier

QUIET_DAYS = 12.0
"""In which everything must have come to rest once nothing fails any more: the last pauses of the retry schedule."""
LEAST_NAP = 1.0
FIRST = "http://one.example/hook"
SHM = Path("/dev/shm")
TOLD_BEFORE = (
    ("ntc_0", "revision/1", "notice.published"),
    ("ntc_0", "revision/2", "notice.revised"),
)
"""Events that wait when a schedule of the wire alone begins, so that no act is wasted on them."""

_DUE = Delivery.state == DeliveryState.DUE
_NOW = bindparam("now", type_=Delivery.next_attempt_at.type)


def _first(column: Any, *when: Any) -> Any:
    return select(func.min(column)).where(column > _NOW, *when).scalar_subquery()


_NEXT = select(
    _first(Delivery.next_attempt_at, _DUE),
    _first(Delivery.leased_until, _DUE),
    _first(Subscription.next_request_at),
    _first(Subscription.consent_ask_at, Subscription.consent != Consent.GIVEN),
)
"""When something is due that waits for its time."""
_OWED = select(or_(exists().where(Event.position.is_(None)), exists().where(_DUE)))
_SUBSCRIPTIONS = select(Subscription.id, Subscription.state).where(Subscription.url == bindparam("to"))
_TOLD = select(func.count()).where(Event.subject == bindparam("subject"))


class House:
    """Where worlds are played one after the other: one database file, and the statements compiled for it once."""

    def __init__(self) -> None:
        """Make a folder in memory, where there is one, and the database, with one subscription, of each beginning."""
        self.folder = Path(tempfile.mkdtemp(prefix="noticewire-play-", dir=SHM if SHM.is_dir() else None))
        url = f"sqlite:///{self.folder / 'noticewire.db'}"
        ledger = open_ledger(url, PlayedClock())
        upgrade(ledger)
        first, self.secret = subscribing.subscribe(ledger, scene.BOX, subscribing.Webhook(FIRST))
        scene.consented(ledger, first)
        # To tell of thousands of schedules takes longer than to play them.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._empty = self._kept()
        for notice, cause, kind in TOLD_BEFORE:
            scene.event(ledger, notice, cause, kind)
        self._told = self._kept()
        ledger.close()
        self.engine: Engine = make_engine(url, pool_size=20)
        # What is no part of these plays costs nothing then.
        kept_for_ever = {"keep_events_days": 0, "keep_attempts_days": 0, "keep_visits_days": 0}
        self.settings = read_settings(
            data_dir=self.folder / "data",
            contact="https://noticewire.example/",
            delivery_threads=4,
            host_delay_jitter_seconds=0,
            listing_interval_seconds=4 * 3600,
            detail_last_interval_seconds=86_400,
            **kept_for_ever,
        )

    def _kept(self) -> sqlite3.Connection:
        """Return a copy of the database in memory."""
        kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.folder / "noticewire.db")) as there:
            there.backup(kept)
        return kept

    def clean(self, told: bool) -> None:
        """Begin anew: with nothing, or with some events `told` that nobody has handed on."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        with self.engine.connect() as connection:
            (self._told if told else self._empty).backup(connection.connection.driver_connection)  # type: ignore[arg-type]

    def close(self) -> None:
        """Leave nothing behind."""
        structlog.reset_defaults()
        self.engine.dispose()
        self._empty.close()
        self._told.close()
        shutil.rmtree(self.folder)


@dataclass(frozen=True)
class Plan:
    """What is left out of the processes of a world, to see that it is missed; nothing, usually."""

    sweeps: bool = True
    sweep_seconds: float = 5.0
    work: type[PlayedWork] = PlayedWork
    source: type[EventSource] = EventSource


class Player:
    """A process by its role: it is started again after it was killed, with nothing in its memory."""

    def __init__(self, stage: Stage, role: Callable[[Process], Callable[[], object]]) -> None:
        """Start it; `role` wires a process, and returns what it does again and again."""
        self._stage, self._role = stage, role
        self.raised: list[BaseException] = []
        """What no process of this role knew how to live with."""
        self._start()

    def _start(self) -> None:
        self.process = Process(self._stage, self.raised)
        self._turn = self._role(self.process)

    @property
    def idle(self) -> bool:
        """Whether it is between two turns."""
        return not self.process.strands

    def go(self, pick: int = 0, steps: int = 1000) -> None:
        """Go on for some steps, with a new turn if it is idle."""
        if self.idle:
            self.process.begin(self._turn)
        self.process.advance(pick, steps)

    def turn(self) -> None:
        """End the turn that it is in, or make a whole one."""
        if self.idle:
            self.process.begin(self._turn)
        self.process.finish()

    def kill(self) -> None:
        """Kill it where it stands, and start it again."""
        self.process.kill()
        self._start()


class World:
    """Two relays, the subscribers that they call, and a reader each of the stream and of the cursor."""

    told_before = True

    def __init__(self, house: House, plan: Plan = Plan()) -> None:
        """Begin with one subscription, and what was told before."""
        house.clean(self.told_before)
        self.plan = plan
        self.settings: Settings = house.settings.model_copy(update={"sweep_interval_seconds": plan.sweep_seconds})
        self.clock = PlayedClock()
        self.stage = Stage()
        self.ledger = PlayedLedger(house.engine, self.clock, self.stage, plan.work)
        self.bell = PlayedBell(self.stage)
        self.seat = Seat()
        self.receivers = [Receiver(FIRST), Receiver("http://two.example/hook")]
        self.receivers[0].secrets = [house.secret]
        self.random = Random(7)
        self.stream = StreamReader(self.ledger, self.stage, plan.source)
        self.cursor = CursorReader(self.settings, self.ledger)
        reads: list[Callable[[], None]] = [self.stream.read, self.cursor.read]
        self.readers = [Player(self.stage, partial(_reads, read)) for read in reads]
        self.players = self._cast()

    def _cast(self) -> list[Player]:
        return [Player(self.stage, self._relay) for _ in range(2)]

    def _wired(self) -> Wiring:
        """Return the parts of one process."""
        wiring = Wiring(self.settings)
        vars(wiring).update(
            clock=self.clock,
            ledger=self.ledger,
            bell=self.bell,
            blobs=PlayedBlobs(self.settings.data_dir / "blobs", self.stage),
            webhooks=PlayedHttp(Receivers(self.receivers, self.clock), self.clock, self.stage),
            box=scene.BOX,
        )
        return wiring

    def _relay(self, process: Process) -> Callable[[], object]:
        wiring = self._wired()
        leadership = PlayedLeadership(self.seat, process)
        duties = RelayDuties(wiring, leadership, pool=Pool(process, idle=not self.plan.sweeps))
        rules = courier_rules(self.settings)
        # Chance that is the same each time.
        courier = Courier(self.ledger, wiring.webhooks, wiring.box, rules, pool=Pool(process))
        seeded(courier, self.random)
        seeded(vars(courier)["_postman"], self.random)

        def turn() -> None:
            duties.lead()
            courier.bring()

        return turn

    # What befalls the processes ---------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Let time go by, whoever stands still meanwhile."""
        self.clock.sleep(seconds)

    def cut_off(self) -> None:
        """End the session by which somebody leads; who does, does not know it yet."""
        self.seat.holder = None

    # What people do ---------------------------------------------------------------------------------------------------

    def tell(self, notice: int) -> None:
        """Record an event about a notice."""
        with self.looking() as connection:
            known = connection.scalar(_TOLD, {"subject": f"ntc_{notice}"}) or 0
        scene.event(
            self.ledger, f"ntc_{notice}", f"revision/{known + 1}", "notice.revised" if known else "notice.published"
        )

    def subscribe(self, which: int) -> None:
        """Subscribe one of the receivers, if it is not."""
        one = self.receivers[which % len(self.receivers)]
        if not self._subscriptions(one):
            _, secret = subscribing.subscribe(self.ledger, scene.BOX, subscribing.Webhook(one.url))
            one.secrets = [secret]

    def change(self, which: int, how: str) -> None:
        """Pause, resume, remove or redrive the subscription of a receiver, or rotate its key; if there is one."""
        one = self.receivers[which % len(self.receivers)]
        for found in self._subscriptions(one):
            match how:
                case "pause":
                    subscribing.pause(self.ledger, found.id)
                case "resume":
                    subscribing.resume(self.ledger, found.id)
                case "remove":
                    subscribing.unsubscribe(self.ledger, found.id)
                    one.receipts().clear()
                case "redrive" if found.state != SubscriptionState.DISABLED:
                    delivering.redrive(self.ledger, found.id)
                case "rotate" if len(one.secrets) < 3:
                    _, secret = keys.rotate(self.ledger, scene.BOX, found.id, grace_seconds=86_400.0)
                    one.secrets.append(secret or "")

    def _subscriptions(self, one: Receiver) -> Sequence[Any]:
        with self.looking() as connection:
            return connection.execute(_SUBSCRIPTIONS, {"to": one.url}).all()

    def looking(self) -> Connection:
        """Return a connection that reads what is there, without a step."""
        return self.ledger.engine.execution_options(**{READ_ONLY: True}).connect()

    # The end ----------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let nothing fail any more, and everything come to rest; raises AssertionError if it does not."""
        self.calm()
        for player in (*self.players, *self.readers):
            player.process.finish()
        ends, patience = self.clock.seconds + QUIET_DAYS * 86_400, LEAST_NAP
        while self.clock.seconds < ends:
            for player in self.enough():
                player.turn()
            if self.is_quiet():
                for reader in self.readers:
                    reader.turn()
                return
            # Where nothing ever comes to rest, it is not looked on every second for days.
            patience *= 1.08
            self.clock.sleep(max(patience, self._next() - self.clock.seconds))
        raise AssertionError(f"no rest after {QUIET_DAYS:g} days: {'; '.join(self.broken())}")

    def enough(self) -> list["Player"]:
        """Return the processes that do all there is to do while nothing fails: one of each role, and who leads."""
        return [next((one for one in self.players if one.process is self.seat.holder), self.players[0])]

    def calm(self) -> None:
        """Let nothing fail any more."""
        self.bell.away = False
        for number, one in enumerate(self.receivers):
            one.ills.clear()
            if any(found.state == SubscriptionState.PAUSED for found in self._subscriptions(one)):
                self.change(number, "resume")

    def _next(self) -> float:
        """Return when something is due that waits for its time."""
        with self.looking() as connection:
            row = connection.execute(_NEXT, {"now": self.clock.now()}).one()
        return min((seconds_of(at) for at in row if at), default=0.0)

    def is_quiet(self) -> bool:
        """Tell whether nothing is owed."""
        with self.looking() as connection:
            return not connection.scalar(_OWED)

    def broken(self) -> list[str]:
        """Return the promises that are broken."""
        everybody = (*self.players, *self.readers)
        raised = [error for player in everybody for error in player.raised if is_surprise(error)]
        with self.looking() as connection, Session(connection) as session:
            return [f"surprise: {error!r}" for error in raised] + list(self.held_against(session))

    def held_against(self, session: Session) -> Iterator[str]:
        """Yield the promises that what is in the ledger breaks."""
        yield from positions_are_gapless(session)
        yield from nothing_is_owed(session)
        for one in self.receivers:
            if self._subscriptions(one):
                yield from receipts_are_complete_and_in_order(session, one)
        yield from reader_has_heard(session, "the stream's reader", self.stream.heard, 0)
        yield from reader_has_heard(session, "the cursor's reader", self.cursor.heard, 0)

    def close(self) -> None:
        """End every process."""
        for player in (*self.players, *self.readers):
            player.process.kill()


def _reads(read: Callable[[], None], _process: Process) -> Callable[[], None]:
    return read


def is_surprise(error: BaseException) -> bool:
    """Tell whether an error is none that a process knows how to live with."""
    return not isinstance(error, NoticewireError)


def seeded(part: object, random: Random) -> None:
    """Let `part`, whose chance is its own, draw from `random`."""
    assert "_random" in vars(part)
    vars(part)["_random"] = random
