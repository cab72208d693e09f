"""The worker's process, and how what it does with a fetch is wired by the settings."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import structlog

from services.heartbeat import Heartbeat
from services.processes.beginning import end_on_signals, wait_for_ledger
from services.processes.worker_watch import watch_worker
from services.tied import tie_to_parent
from services.wiring import Wiring
from shared.chime import RECORDED
from shared.settings import Settings
from worker.app import Received, answer_bells, make_celery, run_worker
from worker.decide import WithdrawalRule
from worker.process import Processor, ProcessRules
from worker.waiting import FileRules

log = structlog.get_logger()


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
    end_on_signals(stop)
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


def withdrawal_rule(settings: Settings) -> WithdrawalRule:
    """Return when gone counts as withdrawn, by the settings."""
    span, beyond = settings.withdrawal_span_seconds, settings.withdrawal_beyond_seconds
    return WithdrawalRule(settings.withdrawal_confirmations, timedelta(seconds=span), timedelta(seconds=beyond))
