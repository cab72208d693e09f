"""Subscriptions that come, pause, go on and go in bursts, while events flow; one server receives for all of them."""

from collections.abc import Iterator
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, pause, resume, subscribe, unsubscribe
from services.wiring import Wiring
from shared.db.models import Delivery, Subscription
from tests.invariants import subscriber_has_heard
from tests.servers.line import LOOPBACK
from tests.servers.subscriber import Sink

BURST = 3
MOST = 12


class Crowd:
    """Those who come and go; `members` are the ids of those who stayed, each with its path."""

    def __init__(self, wiring: Wiring, random: Random) -> None:
        self.sink = Sink().start()
        self._wiring, self._random = wiring, random
        self.members: dict[str, str] = {}
        self._paused: list[str] = []
        self._gone: list[str] = []

    def surge(self) -> None:
        """Let some come, one of them with a pause, and some go that came earlier; whoever paused before goes on."""
        ledger = self._wiring.ledger
        for one in self._paused:
            resume(ledger, one)
        self._paused = []
        earlier = list(self.members)
        for _ in range(BURST):
            path = f"/{len(self.members) + len(self._gone)}"
            made, secret = subscribe(ledger, self._wiring.box, Webhook(f"{self.sink.base_url}{path}", allow=[LOOPBACK]))
            self.sink.set_secret(secret, path=path)
            self.members[made.id] = path
        paused = self._random.choice(list(self.members))
        pause(ledger, paused)
        self._paused.append(paused)
        leaving = BURST if len(earlier) > MOST else 1
        for one in self._random.sample(earlier, min(leaving, len(earlier))):
            if one != paused:
                unsubscribe(ledger, one)
                del self.members[one]
                self._gone.append(one)

    def settle(self) -> None:
        """Let all who paused go on."""
        for one in self._paused:
            resume(self._wiring.ledger, one)
        self._paused = []

    def broken(self, session: Session) -> Iterator[str]:
        """Yield what members have missed since they came, and what is owed to those who went."""
        receipts = self.sink.receipts()
        for name, path in self.members.items():
            subscription = session.get_one(Subscription, name)
            mine = [one for one in receipts if one.path == path]
            yield from subscriber_has_heard(session, subscription, mine)
            early = [one for one in mine if int(one.event["sequence"]) <= subscription.starts_after]
            if early:
                yield f"I4 {name} heard of {len(early)} events from before it came"
        for name in self._gone:
            if session.scalars(select(Delivery.id).where(Delivery.subscription_id == name)).first():
                yield f"I9 something is owed to {name}, which has gone"
