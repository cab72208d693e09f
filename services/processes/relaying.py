"""The relay's process, what only the leader among them does, and how both are wired by the settings."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Event
from urllib.parse import urlsplit

import structlog

from services.heartbeat import Heartbeat
from services.processes.beginning import TROUBLE_SECONDS, wait_for_ledger
from services.watchdog import Watchdog
from services.windows import Windows
from services.wiring import VERSION, Wiring
from shared.chime import RECORDED, Ear
from shared.db.leadership import Leadership, open_leadership
from shared.errors import Unavailable
from shared.settings import Settings
from worker.alarm import Alarm
from worker.deliver.courier import Courier, CourierRules
from worker.due import Calendar
from worker.keep import Keeper, KeepRules
from worker.relay import Relay
from worker.sweep import Sweeper, SweepRules

log = structlog.get_logger()

BEAT_SECONDS = 2.0
GATHER_SECONDS = 0.025
REST_SECONDS = 1.0
"""Who rests looks up so often, whether it is to stop."""
SWEEP_SECONDS = 600.0
"""A sweep that takes longer stands still: each statement of its few is ended after a minute."""


def relay(wiring: Wiring, stop: Event) -> None:
    """Stamp, fan out and sweep while leading; deliver in any case; until `stop` is set."""
    if not wait_for_ledger(wiring, stop):
        return
    settings = wiring.settings
    leadership = open_leadership(wiring.ledger, settings.data_dir / "run")
    news = Event()
    courier = Courier(wiring.ledger, wiring.webhooks, wiring.box, courier_rules(settings), news.set)
    windows = Windows(wiring)
    duties = RelayDuties(wiring, leadership, windows.tend)
    heartbeat = Heartbeat(settings.data_dir, "relay")
    watchdog = Watchdog(settings.stuck_seconds)
    ear = Ear(wiring.redis_url, RECORDED, news.set)
    log.info("relay_started")

    def round_() -> int:
        busy = duties.lead() + courier.bring()
        heartbeat.beat()
        return busy

    try:
        while not stop.is_set():
            if duties.sweeping_seconds() <= SWEEP_SECONDS:
                watchdog.stroke()
            news.clear()
            busy = _guarded(round_, stop)
            _rest(news, stop, 0.0 if busy else settings.relay_interval_seconds)
            if courier.busy:
                # What ends within this moment is written down together.
                stop.wait(GATHER_SECONDS)
    finally:
        watchdog.leave()
        ear.close()
        duties.close()
        windows.close()
        courier.close()
        leadership.resign()
    log.info("relay_stopped")


def _rest(news: Event, stop: Event, seconds: float) -> None:
    """Wait for news; not much longer than that for `stop`."""
    until = time.monotonic() + seconds
    while not stop.is_set() and (left := until - time.monotonic()) > 0 and not news.wait(min(left, REST_SECONDS)):
        continue


def _guarded(step: Callable[[], int], stop: Event) -> int | None:
    """Run one round; None if it failed, after telling so and waiting a little."""
    try:
        return step()
    except Unavailable as error:
        log.error("round_failed", error=str(error))
    except Exception:
        # The top of a round: one odd event must not end the relay, which other events and deliveries wait for.
        log.exception("round_failed")
    stop.wait(TROUBLE_SECONDS)
    return None


class RelayDuties:
    """What only the leader does, each at its own pace; the sweep in a thread, for the queue may keep it waiting."""

    def __init__(
        self,
        wiring: Wiring,
        leadership: Leadership,
        tend: Callable[[int], None] = lambda _: None,
        pool: Executor | None = None,
    ) -> None:
        """Wire the duties; `tend`, which must not wait, hears how many events each round relayed.

        The sweep is done in `pool`, or in a thread of its own.
        """
        settings = wiring.settings
        self._ledger = wiring.ledger
        self._leadership = leadership
        self._tend = tend
        self._relay = Relay(wiring.ledger)
        self._alarm = Alarm(wiring.ledger)
        self._calendar = Calendar(wiring.ledger, settings.comment_window_closing_days)
        self._sweeper = Sweeper(
            wiring.ledger, wiring.bell, SweepRules(settings.ring_again_seconds, settings.attachments_wait_seconds)
        )
        self._keeper = Keeper(wiring.ledger, wiring.blobs, keep_rules(settings))
        self._sweep_seconds = settings.sweep_interval_seconds
        self._swept = self._beaten = self._told = float("-inf")
        self._pool = pool or ThreadPoolExecutor(1, thread_name_prefix="sweep")
        self._sweep: Future[int] | None = None

    def lead(self) -> int:
        """Do what is due now, if this process leads; return how many events were relayed."""
        if not self._leadership.hold():
            return 0
        now = self._ledger.clock.monotonic()
        if now - self._told >= self._sweep_seconds:
            # Noted first: should telling fail, what is recorded is relayed all the same before it is tried again.
            self._told = now
            self._alarm.tell()
            if self._calendar.tell():
                self._told = float("-inf")  # there may be more; what is told already is relayed in between
        relayed = self._relay.relay()
        self._tend(relayed)
        swept = self._has_swept()
        if self._sweep is None and now - self._swept >= self._sweep_seconds:
            self._sweep = self._pool.submit(self._sweep_and_keep)
            self._swept = now
        if swept or now - self._beaten >= BEAT_SECONDS:
            with self._ledger.begin() as uow:
                uow.events.beat(uow.now(), swept=swept)
                uow.commit()
            self._beaten = now
        return relayed

    def _sweep_and_keep(self) -> int:
        """Ring for what was forgotten, and let a little go of what is too old to be kept."""
        rung = self._sweeper.sweep()
        try:
            self._keeper.keep()
        except Unavailable as error:
            log.error("nothing_let_go", error=str(error))  # there is time; the sweep is what others wait for
        return rung

    def _has_swept(self) -> bool:
        """Tell whether a sweep has just ended; raises what it raised."""
        if self._sweep is None or not self._sweep.done():
            return False
        ended, self._sweep = self._sweep, None
        ended.result()
        return True

    def sweeping_seconds(self) -> float:
        """Return for how long a sweep has been under way."""
        return 0.0 if self._sweep is None else self._ledger.clock.monotonic() - self._swept

    def close(self) -> None:
        """Let the sweep under way end."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def keep_rules(settings: Settings) -> KeepRules:
    """Return for how long what is kept, by the settings."""
    return KeepRules(
        events=settings.keep_events_days,
        attempts=settings.keep_attempts_days,
        visits=settings.keep_visits_days,
        snapshots=settings.keep_snapshots_days,
        audit=settings.keep_audit_days,
    )


def courier_rules(settings: Settings) -> CourierRules:
    """Return how webhooks are called, by the settings."""
    contact = settings.contact or ""
    host = urlsplit(contact).hostname or contact.rpartition("@")[2]
    return CourierRules(
        threads=settings.delivery_threads,
        total_seconds=settings.delivery_total_seconds,
        schedule_scale=settings.delivery_schedule_scale,
        user_agent=f"noticewire/{VERSION}",
        origin=settings.webhook_origin or host or "localhost",
        disable_after_seconds=settings.delivery_disable_after_seconds,
    )
