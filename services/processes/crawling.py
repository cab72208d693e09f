"""The crawler's process, and how its parts are wired by the settings."""

from collections.abc import Callable
from threading import Event, Thread

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
from services.processes.beginning import wait_for_ledger
from services.watchdog import Watchdog
from services.wiring import VERSION, Wiring
from shared.db.shared_turns import SharedHosts, SharedTurns
from shared.db.turns import Turns, open_turns
from shared.http import Limits
from shared.settings import Settings

log = structlog.get_logger()

PULSE_SECONDS = 1.0


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
