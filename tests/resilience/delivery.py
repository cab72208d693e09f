"""The ordeal of delivery: receivers fail in every way at once while events flow, and readers are cut off all the time.

Real processes (relay and standby, API) on one database and one queue; events are recorded as workers record them, by
two writers whose transactions overlap. After the blows comes quiet, and every window is held against the promises.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from random import Random
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.desk.channels import subscribe_stream
from services.desk.delivering import redrive
from services.desk.subscribing import find, resume
from shared.db.models import Subscription
from shared.domain.events import NOTICE_WITHDRAWN
from shared.domain.filters import Filter
from shared.domain.states import Channel, DeliveryState, Scheme, SubscriptionState
from shared.errors import Unavailable
from tests.invariants import (
    canaries_heard_nothing,
    nothing_is_owed,
    one_event_per_cause,
    positions_are_gapless,
    reader_has_heard,
    subscriber_has_heard,
)
from tests.resilience.crowd import Crowd
from tests.resilience.listeners import Feed, Letters, Listener, broken, subscription_of
from tests.resilience.place import Place, private_place
from tests.resilience.readers import CursorReader, CutReader, EntryReader, Reader
from tests.resilience.receivers import WAYS, Receiver
from tests.resilience.writers import Writers, insist, record
from tests.servers.canaries import Canaries
from tests.servers.line import Line, quick_settings

RELAYS = ("relay", "standby")
TOTAL_SECONDS = 1.0
LEASE_SECONDS = TOTAL_SECONDS + 10.0
"""Of a delivery (`worker.deliver.courier`)."""
RESEEDED_SECONDS = 60.0
SETTLED_SECONDS = 120.0
QUICKLY: dict[str, Any] = {
    "delivery_total_seconds": TOTAL_SECONDS,
    "delivery_schedule_scale": 5e-5,
    "delivery_threads": 16,
    "delivery_disable_after_seconds": 86_400.0,
    "websub_allow": "127.0.0.0/8",
    "api_requests_per_minute": 1_000_000,
}
BESIDES = ("rotate", "surge", "surge", "kill", "flush", "begin_anew", "rotate", "surge", "restart_api", "flush", "kill")
BLOWS = (*WAYS, "deafen", *BESIDES)
"""Each is a receiver's way to fail, or a method of the ordeal."""


class Size(NamedTuple):
    """How much happens at most: events, and connections of stream readers that break off at random bytes.

    `letters`, whether a mailbox is written to: whose relay is killed while a letter is under way waits for 90 s.
    """

    events: int
    cuts: int
    letters: bool = False


class Ordeal:
    """One run: `begin`, then `strike` as often as you like, then `judge`."""

    def __init__(self, line: Line, seed: int, size: "Size") -> None:
        """Be ready."""
        self.line, self._random, self._size = line, Random(f"delivery/{seed}"), size
        self.wiring = line.wiring
        self.canaries = Canaries()
        self.receivers = {name: Receiver(name, self.canaries.url) for name in WAYS}
        self.crowd = Crowd(line.wiring, self._random)
        self.readers: list[Reader] = []
        self.entries = EntryReader(line.settings.redis_url or "", line.settings.stream_key)
        self.chosen = EntryReader(line.settings.redis_url or "", f"{line.settings.stream_key}:withdrawn")
        self.feed = Feed()
        self.letters = Letters() if size.letters else None
        self.listeners: list[Listener] = [self.feed, *([self.letters] if self.letters else [])]
        self.struck: list[str] = []
        self.cuts = 0
        self._writers = Writers(line.wiring.ledger, size.events)
        self._frozen: tuple[str, float] | None = None

    @property
    def api(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.line.settings.api_port}"

    def begin(self) -> None:
        """Start everything, and wait until each receiver has heard something: those who fail later consented first."""
        for name in RELAYS:
            self.line.start("relay", name)
        self._start_api()
        for number, receiver in enumerate(self.receivers.values()):
            receiver.subscribe(self.wiring, Scheme.ED25519 if number % 4 == 3 else Scheme.HMAC)
        self.feed.subscribe(self.api, self.line.token)
        if self.letters:
            self.letters.subscribe(self.wiring)
        subscribe_stream(self.wiring, "withdrawn", Filter.parse({"types": [NOTICE_WITHDRAWN]}))
        self.line.wait_until(self._all_listen, what="every listener confirmed")
        record(self.wiring.ledger, "ntc_0", 0)
        for one in self.receivers.values():
            self.line.wait_until(one.has_taken_any, what=f"{one.name} called")
        self.readers = [
            self.entries,
            self.chosen,
            *(CursorReader(self.api, self.line.token, self._random) for _ in range(2)),
        ]
        self.readers += [CutReader(self.api, self.line.token, Random(n), self._may_cut) for n in range(2)]
        for reader in self.readers:
            reader.start()
        self._writers.start()

    def _start_api(self) -> None:
        self.line.start("api")

        def answers() -> bool:
            with suppress(URLError, OSError), urlopen(f"{self.api}/healthz", timeout=1):
                return True
            return False

        self.line.wait_until(answers, what="the API to answer")

    def _all_listen(self) -> bool:
        with Session(self.wiring.ledger.engine) as session:
            return all(subscription_of(session, one) for one in self.listeners)

    def _may_cut(self) -> bool:
        self.cuts += 1
        return self.cuts <= self._size.cuts

    # Blows ------------------------------------------------------------------------------------------------------------

    def strike(self, blows: Sequence[str], pause_seconds: float) -> None:
        """Let blows fall, one after the other, with so much time in between."""
        for blow in blows:
            self.struck.append(blow)
            print(f"{time.monotonic():.1f} {blow}")
            act: Callable[[], object] = self.receivers[blow].fail if blow in self.receivers else getattr(self, blow)
            try:
                act()
            except Unavailable:
                self.thaw()  # it may be a writer of SQLite's that is frozen
                insist(act)
            self._wait(pause_seconds)
            if blow != "down":
                self.receivers["down"].recover()
            if blow != "deafen" and self.letters:
                self.letters.recover()
            if self._frozen and time.monotonic() > self._frozen[1]:
                self.thaw()

    def _wait(self, seconds: float) -> None:
        over = time.monotonic() + seconds
        self.line.wait_until(lambda: time.monotonic() > over, seconds + 60)

    def surge(self) -> None:
        """Let subscriptions come and go."""
        self.crowd.surge()

    def deafen(self) -> None:
        """Let whoever else is called take nothing for a while."""
        for one in self.listeners:
            one.fail()

    def rotate(self) -> None:
        """Give two receivers new keys, of either scheme."""
        for name in self._random.sample(sorted(self.receivers), 2):
            self.receivers[name].rotate(self.wiring, self._random.choice(list(Scheme)))

    def kill(self) -> None:
        """Kill a relay that is not frozen, and start it again."""
        name = self._random.choice([one for one in RELAYS if self._frozen is None or one != self._frozen[0]])
        self.line.kill(name)
        self.line.start("relay", name)

    def freeze(self, leases: float = 1.1) -> None:
        """Stop a relay for so many leases; other blows fall meanwhile."""
        self.thaw()
        name = self._random.choice(RELAYS)
        self.line.signal(name, signal.SIGSTOP)
        self._frozen = (name, time.monotonic() + leases * LEASE_SECONDS)

    def thaw(self) -> None:
        """Let the frozen relay go on."""
        if self._frozen:
            self.line.signal(self._frozen[0], signal.SIGCONT)
        self._frozen = None

    def flush(self) -> None:
        """Empty Redis, and wait until the stream holds everything again that it held; nobody is frozen then.

        On PostgreSQL whoever leads still does while it is frozen.
        """
        if self._frozen:
            self._wait(self._frozen[1] - time.monotonic())
            self.thaw()
        redis: Any = Redis.from_url(self.line.settings.redis_url or "")
        with redis:
            before = [(one, one.stands()) for one in (self.entries, self.chosen)]
            redis.flushall()
            for one, stood in before:
                self.line.wait_until(
                    partial(_begins_with, one, stood), RESEEDED_SECONDS, what=f"{one.name} written again"
                )

    def begin_anew(self) -> None:
        """Let readers begin somewhere in the middle."""
        with self.wiring.ledger.reading() as uow:
            after = self._random.randint(0, uow.events.last_position())
        fresh: list[Reader] = [CursorReader(self.api, self.line.token, self._random, after)]
        fresh.append(CutReader(self.api, self.line.token, Random(after), self._may_cut, after))
        for one in fresh:
            one.start()
        self.readers += fresh

    def restart_api(self) -> None:
        """Kill the API, with every stream in it."""
        self.line.kill("api")
        self._start_api()

    # The end ----------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Let quiet come, and hold everything that anybody heard against the promises."""
        self._writers.stop()
        self.thaw()
        for one in (*self.receivers.values(), *self.listeners):
            one.recover()
        insist(self.crowd.settle)
        self._settle()
        self._bring_what_was_parked()
        last = self._last_position()
        for reader in self.readers:
            reader.end_at(last)
        for reader in self.readers:
            self.line.wait_until(reader.is_over, SETTLED_SECONDS, what=f"{reader.name} to reach {last}")
        broken = self.broken()
        assert not broken, "\n".join(broken)

    def _settle(self) -> None:
        self.line.wait_until(self.line.owes_nothing, SETTLED_SECONDS, what="nothing owed")

    def _bring_what_was_parked(self) -> None:
        """Enable who was disabled (410), and redrive what was given up on; then one event more, under new keys."""
        for one in self.receivers.values():
            if find(self.wiring.ledger, one.subscription_id).state == SubscriptionState.DISABLED:
                insist(partial(resume, self.wiring.ledger, one.subscription_id))
            insist(partial(redrive, self.wiring.ledger, one.subscription_id))
        for listener in self.listeners:
            with Session(self.wiring.ledger.engine) as session:
                subscription = subscription_of(session, listener)
            if subscription is not None:
                insist(partial(redrive, self.wiring.ledger, subscription.id))
        insist(partial(record, self.wiring.ledger, "ntc_last", 1))
        self._settle()

    def _last_position(self) -> int:
        with self.wiring.ledger.reading() as uow:
            return uow.events.last_position()

    def broken(self) -> list[str]:
        """Return the promises that were broken."""
        with Session(self.wiring.ledger.engine) as session:
            found = [*one_event_per_cause(session), *positions_are_gapless(session), *nothing_is_owed(session)]
            for one in self.receivers.values():
                subscription = find(self.wiring.ledger, one.subscription_id)
                found += subscriber_has_heard(session, subscription, one.receipts())
                if not one.knows_by_newest(one.receipts()[-1]):
                    found.append(f"I6 the last delivery to {one.name} is not signed with its newest key")
            found += self.crowd.broken(session)
            for listener in self.listeners:
                found += broken(session, listener)
            for reader in self.readers:
                if reader is not self.chosen:
                    found += reader_has_heard(session, reader.name, reader.heard, reader.after)
            found += reader_has_heard(session, "the whole stream", self.entries.stands(), 0)
            found += self._chosen_broken(session)
            found += canaries_heard_nothing(self.canaries)
        with self.wiring.ledger.reading() as uow:
            if parked := uow.deliveries.count(DeliveryState.PARKED):
                found.append(f"I4 {parked} deliveries are parked though every receiver is well")
        return found

    def _chosen_broken(self, session: Session) -> Iterator[str]:
        """Yield what is wrong with the stream of one filter, as it was read and as it stands."""
        began = select(Subscription.starts_after).where(Subscription.kind == Channel.STREAM)
        after = session.scalars(began).one()
        for name, heard in ((self.chosen.name, self.chosen.heard), ("a stream of its own", self.chosen.stands())):
            yield from reader_has_heard(session, name, heard, after, [NOTICE_WITHDRAWN])

    def told(self) -> str:
        """Return what was seen, in a line."""
        receipts = [one for receiver in self.receivers.values() for one in receiver.receipts()]
        receipts += self.crowd.sink.receipts()
        schemes = {scheme: sum(one.scheme == scheme for one in receipts) for scheme in Scheme}
        refused = sum(not one.accepted for one in receipts)
        return (
            f"{self._last_position()} events, {len(receipts)} requests ({refused} of them failed; verified: "
            f"{', '.join(f'{number} {scheme}' for scheme, number in schemes.items())}), {len(self.crowd.members)} of "
            f"the crowd stayed, {self.heeded()} events noted by {len(self.listeners)} "
            f"listeners, {self.cuts} connections of {sum(isinstance(r, CutReader) for r in self.readers)} "
            f"stream readers, {sum(len(one.heard) for one in self.readers)} events read, blows: {len(self.struck)}"
        )

    def heeded(self) -> int:
        """Return how many events those took note of who are called by other windows than webhooks."""
        with Session(self.wiring.ledger.engine) as session:
            return sum(len(set(one.told(session))) for one in self.listeners)

    def close(self) -> None:
        """End what is ours; the line is its opener's."""
        self._writers.stop()
        self.thaw()
        for reader in self.readers:
            reader.abandon()
        for one in (*self.receivers.values(), *self.listeners):
            one.close()
        self.crowd.sink.stop()
        self.canaries.stop()


def _begins_with(stream: EntryReader, stood: list[tuple[int, bytes]]) -> bool:
    return stream.stands()[: len(stood)] == stood


@contextmanager
def open_ordeal(place: Place, seed: int, size: Size) -> Iterator[Ordeal]:
    """Open an ordeal; nothing has begun."""
    settings = quick_settings(*place, **QUICKLY)
    with ExitStack() as stack:
        line = stack.enter_context(Line(settings))
        ordeal = Ordeal(line, seed, size)
        stack.callback(ordeal.close)
        yield ordeal


def go_through(database: str, seed: int, seconds: float) -> None:
    """Go through an ordeal that lasts about so long, on servers of its own; raises AssertionError for what broke."""
    random, size = (
        Random(f"blows/{seed}"),
        Size(events=int(4 * seconds), cuts=max(1000, int(10 * seconds)), letters=True),
    )
    with private_place(database) as place, open_ordeal(place, seed, size) as ordeal:
        ordeal.begin()
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            ordeal.freeze(leases=3.2)
            ordeal.strike(random.sample(BLOWS, len(BLOWS)), pause_seconds=2.0)
        ordeal.judge()
        print(f"{database}, seed {seed}: {ordeal.told()}; no promise broken")
