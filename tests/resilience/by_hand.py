"""The whole line in one thread, each step of it a call, wired as its processes are: for what must happen in between.

A worker that is killed or frozen in the middle of its work is one whose store of snapshots does something else first.
"""

import json
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from crawler.politeness import user_agent
from services.processes.crawling import build_crawl_loop
from services.processes.relaying import RelayDuties, courier_rules
from services.processes.working import build_processor
from services.simulation.site import DisclosureSite
from services.wiring import VERSION, Wiring
from shared.blobs import Blobs
from shared.db.leadership import open_leadership
from shared.db.models import Target
from shared.errors import NoticewireError
from shared.messages import QUEUE
from shared.settings import Settings
from tests.invariants import broken_promises
from tests.servers.line import quick_settings
from tests.servers.subscriber import Sink
from worker.deliver.courier import Courier

DELAY_SECONDS = 0.5
REQUEST_SECONDS = 1.8
LEASE_SECONDS = 0.3
IDLE_SECONDS = 3.5
"""If nothing could be done for so long, nothing will be: leases, pauses and retries are shorter."""
IDLE_STEPS = 50
"""And so often tried: a busy machine is no reason."""
LONGEST_SECONDS = 60.0
MOMENT_SECONDS = 0.01


def hand_settings(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Return settings under which leases end, and lost bells are rung again, within a moment."""
    return quick_settings(
        folder,
        database_url,
        redis_url,
        host_delay_seconds=DELAY_SECONDS,
        request_total_seconds=REQUEST_SECONDS,
        target_lease_seconds=2.0,
        process_lease_seconds=LEASE_SECONDS,
        ring_again_seconds=0.2,
        sweep_interval_seconds=0.1,
        listing_interval_seconds=30.0,
        detail_first_interval_seconds=30.0,
        detail_last_interval_seconds=30.0,
        delivery_schedule_scale=1e-4,
        delivery_threads=4,
    )


class Killed(BaseException):
    """A process ends here."""


class Interrupted:
    """A store of snapshots where something happens before each look."""

    def __init__(self, blobs: Blobs, before: Callable[[], None]) -> None:
        self._blobs, self._before = blobs, before

    def put(self, content: bytes) -> str:
        return self._blobs.put(content)

    def get(self, digest: str) -> bytes:
        self._before()
        return self._blobs.get(digest)


class ByHand:
    """A site with one host, a subscriber, and the line between them."""

    def __init__(self, settings: Settings, site: DisclosureSite, sink: Sink) -> None:
        self.settings, self.site, self.sink = settings, site, sink
        self.wiring = Wiring(settings)
        self.redis: Any = Redis.from_url(settings.redis_url or "")
        self.redis.flushall()
        self.loop = self.crawler(self.wiring)
        self._processor = build_processor(self.wiring)
        leadership = open_leadership(self.wiring.ledger, settings.data_dir / "run")
        self._duties = RelayDuties(self.wiring, leadership)
        self._courier = Courier(self.wiring.ledger, self.wiring.webhooks, self.wiring.box, courier_rules(settings))
        self._leadership = leadership

    def crawler(self, wiring: Wiring) -> Any:
        """Return another crawler's loop."""
        return build_crawl_loop(wiring, user_agent(VERSION, self.settings.contact))

    def close(self) -> None:
        """End everything."""
        self._duties.close()
        self._courier.close()
        self._leadership.resign()
        self.redis.close()
        self.wiring.close()

    def look_again(self) -> None:
        """Make every target due now."""
        with Session(self.wiring.ledger.engine) as session:
            session.execute(update(Target).values(due_at=self.wiring.clock.now()))
            session.commit()

    def bells(self) -> list[str]:
        """Take the ids of fetches off the queue."""
        rung = []
        while (message := self.redis.rpop(QUEUE)) is not None:
            rung.append(json.loads(b64decode(json.loads(message)["body"]))[0][0])
        return rung

    def crawl_until(self, fact: Callable[[], object]) -> None:
        """Let rounds go by until something is so."""
        self.until(fact, self.loop.round)
        assert fact(), "the crawler did not come so far"

    def has_captured(self) -> bool:
        """Tell whether a fetch waits for a worker."""
        with self.wiring.ledger.reading() as uow:
            return uow.fetches.owed_count() > 0

    def work(self) -> bool:
        """Answer the bells; False if there were none."""
        rung = self.bells()
        for fetch_id in rung:
            self._processor.process(fetch_id)
        return bool(rung)

    def work_interrupted(self, before: Callable[[], None]) -> None:
        """Answer one bell as a worker to whom something happens when it has begun; a lost lease is no surprise."""
        wiring = Wiring(self.settings)
        wiring.blobs = Interrupted(self.wiring.blobs, before)  # type: ignore[assignment]
        try:
            with suppress(NoticewireError, Killed):
                build_processor(wiring).process(self.bells()[0])
        finally:
            wiring.close()

    def outlast_lease(self) -> None:
        """Let time go by until no lease of a worker stands, and another has read what was left."""
        over = time.monotonic() + LEASE_SECONDS
        self.until(lambda: time.monotonic() > over, lambda: False)
        self.until(lambda: not self.has_captured(), self.step)

    def step(self) -> bool:
        """Do a little of everything but crawling; False if there was nothing to do."""
        return any([self.work(), self._duties.lead() > 0, self._courier.bring() > 0])

    def settle(self) -> list[str]:
        """Let everything go on until it is told to the subscriber or stands still; return the broken promises."""
        self.until(self.is_done, lambda: self.loop.round() | self.step())
        return broken_promises(
            self.wiring.ledger, self.site, [self.sink], delay_seconds=DELAY_SECONDS, crawl_period_seconds=30.0
        )

    def is_done(self) -> bool:
        """Tell whether every notice that is up has been told to the subscriber, and nothing is owed."""
        receipts = self.sink.receipts()
        heard = {one.webhook_id for one in receipts if one.accepted and str(one.type).endswith("notice.published")}
        with self.wiring.ledger.reading() as uow:
            ages = uow.ages.four(uow.now())
        owed = (ages.oldest_unprocessed_fetch, ages.oldest_unrelayed_event, ages.oldest_due_delivery)
        return len(heard) >= len(self.site.truth()["notices"]) and owed == (None, None, None)

    def until(self, fact: Callable[[], object], step: Callable[[], object]) -> None:
        """Take steps until something is so, or no step has done anything for a while."""
        begun = moved = time.monotonic()
        idle = 0
        while not fact() and (now := time.monotonic()) - begun < LONGEST_SECONDS:
            if step():
                moved, idle = time.monotonic(), 0
            elif now - moved > IDLE_SECONDS and idle > IDLE_STEPS:
                return
            else:
                idle += 1
                time.sleep(MOMENT_SECONDS)
