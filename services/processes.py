"""What each process does: crawl, work, relay; wired here, run by the command line as compose and the supervisor do."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Thread
from urllib.parse import urlsplit

import structlog

from crawler.capture import Capture
from crawler.guest import Guest
from crawler.loop import CrawlLoop
from crawler.manners import Manners
from crawler.politeness import from_address, user_agent
from crawler.robots import Policy
from crawler.schedule import Budget, Cadence
from crawler.terms import Terms, quiet_spans, zone_name
from services.heartbeat import Heartbeat
from services.tied import tie_to_parent
from services.watchdog import Watchdog, watch_worker
from services.windows import Windows
from services.wiring import VERSION, Wiring
from shared.chime import RECORDED, Ear
from shared.db.leadership import Leadership, open_leadership
from shared.db.shared_turns import SharedHosts, SharedTurns
from shared.db.turns import Turns, open_turns
from shared.errors import Unavailable
from shared.http import Limits
from shared.migrations import require_current
from shared.queue import make_celery
from shared.settings import Settings
from worker.alarm import Alarm
from worker.app import Received, answer_bells, run_worker
from worker.decide import WithdrawalRule
from worker.deliver.courier import Courier, CourierRules
from worker.due import Calendar
from worker.files import FileRules
from worker.keep import Keeper, KeepRules
from worker.process import Processor, ProcessRules
from worker.relay import Relay
from worker.sweep import Sweeper, SweepRules

log = structlog.get_logger()

TROUBLE_SECONDS = 2.0
BEAT_SECONDS = 2.0
PULSE_SECONDS = 1.0
GATHER_SECONDS = 0.025
SWEEP_SECONDS = 600.0
"""A sweep that takes longer stands still: each statement of its few is ended after a minute."""


def stop_on_signals() -> Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def wait_for_ledger(wiring: Wiring, stop: Event) -> bool:
    """Wait until the database answers, telling so; False if stopped. Raises `Invalid` if it is not migrated."""
    while not stop.is_set():
        try:
            require_current(wiring.ledger)
        except Unavailable as error:
            log.error("database_unavailable", error=str(error))
            stop.wait(TROUBLE_SECONDS)
        else:
            return True
    return False


def crawl(wiring: Wiring, stop: Event) -> None:
    """Crawl until `stop` is set. Raises `Invalid` without a contact: nobody is asked anonymously."""
    settings = wiring.settings
    agent = user_agent(VERSION, settings.contact)
    if not wait_for_ledger(wiring, stop):
        return
    loop = build_crawl_loop(wiring, agent)
    watchdog = Watchdog(settings.stuck_seconds)

    def rounds() -> int:
        if loop.standing_seconds() <= 2 * settings.request_total_seconds:
            watchdog.stroke()
        return loop.rounds

    beating = (rounds, Heartbeat(settings.data_dir, "crawl"), stop)
    Thread(target=keep_pulse, args=beating, name="pulse", daemon=True).start()
    log.info("crawler_started", threads=settings.crawl_threads, user_agent=agent)
    loop.run(settings.crawl_threads, stop)
    watchdog.leave()
    log.info("crawler_stopped")


def keep_pulse(rounds: Callable[[], int], heartbeat: Heartbeat, stop: Event) -> None:
    """Beat whenever more rounds have ended, until `stop` is set; should it end by itself, it sets `stop`.

    A crawler without a pulse would be taken for dead while it works; it had better end, and be started again.
    """
    seen = -1
    try:
        while not stop.wait(PULSE_SECONDS):
            try:
                if (count := rounds()) != seen:
                    seen = count
                    heartbeat.beat()
            except Exception:
                # The top of a beat: the disk may be full for a while.
                log.exception("heartbeat_not_written")
    finally:
        stop.set()


def build_crawl_loop(wiring: Wiring, agent: str) -> CrawlLoop:
    """Wire a crawl loop."""
    settings = wiring.settings
    turns = turns_of(wiring)
    guest = Guest(wiring.ledger, turns, wiring.http, manners_of(settings, agent))
    cadence = Cadence(
        listing=settings.listing_interval_seconds,
        detail_first=settings.detail_first_interval_seconds,
        detail_last=settings.detail_last_interval_seconds,
        gone_again=settings.withdrawal_span_seconds / (settings.withdrawal_confirmations - 1),
        budget=Budget(settings.listing_looks_per_day, int(settings.listing_longest_gap_seconds // 3600)),
        attachment_first=settings.attachment_first_interval_seconds,
    )
    capture = Capture(wiring.ledger, wiring.blobs, wiring.bell, cadence, settings.listing_pages)
    return CrawlLoop(wiring.ledger, turns, guest, capture, settings.target_lease_seconds)


def turns_of(wiring: Wiring) -> Turns:
    """Return the turns of hosts, shared by those that the settings say are one server. Raises `Invalid`."""
    turns = open_turns(wiring.ledger, wiring.settings.data_dir / "turns")
    hosts = SharedHosts.parse(wiring.settings.shared_hosts)
    return SharedTurns(turns, hosts, wiring.ledger) if wiring.settings.shared_hosts else turns


def manners_of(settings: Settings, agent: str) -> Manners:
    """Return how we behave everywhere, by the settings. Raises `Invalid`."""
    return Manners(
        user_agent=agent,
        limits=Limits(total_seconds=settings.request_total_seconds, max_bytes=settings.page_max_bytes),
        delay_seconds=settings.host_delay_seconds,
        jitter_seconds=settings.host_delay_jitter_seconds,
        backoff_seconds=settings.host_backoff_seconds,
        backoff_cap_seconds=settings.host_backoff_cap_seconds,
        robots=robots_policy(settings),
        from_address=from_address(settings.from_address),
        terms=terms_of(settings),
        shared=SharedHosts.parse(settings.shared_hosts),
        feed_max_bytes=settings.feed_max_bytes,
        file_max_bytes=settings.attachment_max_bytes,
    )


def robots_policy(settings: Settings) -> Policy:
    """Return how robots files are read, by the settings."""
    return Policy(closed_means_disallowed=settings.robots_closed_forbids)


def terms_of(settings: Settings) -> Terms:
    """Return on what terms hosts are asked whose source says nothing else, by the settings. Raises `Invalid`."""
    return Terms(
        requests=settings.host_daily_requests,
        bytes=settings.host_daily_bytes,
        quiet=quiet_spans(settings.quiet_hours),
        zone=zone_name(settings.time_zone),
    )


def withdrawal_rule(settings: Settings) -> WithdrawalRule:
    """Return when gone counts as withdrawn, by the settings."""
    span, beyond = settings.withdrawal_span_seconds, settings.withdrawal_beyond_seconds
    return WithdrawalRule(settings.withdrawal_confirmations, timedelta(seconds=span), timedelta(seconds=beyond))


def build_processor(wiring: Wiring) -> Processor:
    """Wire a processor of fetches."""
    settings = wiring.settings
    rules = ProcessRules(
        settings.process_lease_seconds,
        settings.process_leases,
        withdrawal_rule(settings),
        FileRules(settings.attachments_per_notice, settings.attachments_wait_seconds),
    )
    return Processor(wiring.ledger, wiring.blobs, wiring.bell, rules)


def work(wiring: Wiring, stop: Event) -> None:
    """Answer bells until told to stop, by Celery's own signal handling."""
    if not wait_for_ledger(wiring, stop):
        return
    wiring.close()
    settings, main = wiring.settings, os.getpid()
    celery = make_celery(wiring.redis_url)
    watch_worker(Received(), wiring.bell.waiting, Heartbeat(settings.data_dir, "work"), settings.stuck_seconds)
    # A child whose main process was killed would wait for work for ever.
    answer_bells(celery, lambda: chiming(Wiring(settings)), lambda: tie_to_parent(signal.SIGKILL, main))
    log.info("worker_started", processes=settings.worker_processes)
    run_worker(celery, settings.worker_processes)
    log.info("worker_stopped")


def chiming(wiring: Wiring) -> Callable[[str], None]:
    """Return what processes a fetch and then tells the relay at once that there may be events."""
    processor, chime = build_processor(wiring), wiring.chime

    def process(fetch_id: str) -> None:
        processor.process(fetch_id)
        chime.strike(RECORDED)

    return process


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


def _rest(news: Event, stop: Event, seconds: float) -> None:
    """Wait for news; not much longer than that for `stop`."""
    until = time.monotonic() + seconds
    while not stop.is_set() and (left := until - time.monotonic()) > 0 and not news.wait(min(left, PULSE_SECONDS)):
        continue


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
