"""A process that is alive and does nothing ends by itself, to be started again; one that does its work never does."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from services.health import trouble_of
from services.heartbeat import Heartbeat
from services.processes.worker_watch import STUCK, WorkerWatch
from services.wiring import Wiring
from shared.ids import new_id
from shared.messages import QUEUE
from shared.queue import message_of
from tests.integration.test_duties import beaten_ago
from tests.integration.test_processes import environment
from tests.servers import sqlite
from tests.servers.line import quick_settings
from tests.servers.queue import Queue
from worker.app import TASK_TIME_LIMIT_SECONDS, Received

STUCK_SECONDS = 2.0

STANDS = {
    "work": """
from celery.signals import worker_ready
from services.processes.working import work as process
worker_ready.connect(lambda **_: threading.Event().wait(), weak=False)  # the main loop, before it receives anything
""",
    "relay": """
from services.processes.relaying import relay as process
from worker.relay import Relay
Relay.relay = lambda self: threading.Event().wait()
""",
    "relay, in C code that lets nobody else run": """
import re
from services.processes.relaying import relay as process
from worker.relay import Relay
Relay.relay = lambda self: re.match("(a+)+$", "a" * 60 + "b")
""",
    "crawl": """
from crawler.loop import CrawlLoop
from services.processes.crawling import crawl as process
CrawlLoop.round = lambda self: threading.Event().wait()  # each of its threads
""",
    "crawl, before anybody has felt its pulse": """
from crawler.loop import CrawlLoop
from services.processes import crawling
from services.processes.crawling import crawl as process
crawling.PULSE_SECONDS = 3.0
CrawlLoop.round = lambda self: threading.Event().wait()
""",
}
RUN = """
import threading
{}
from services.processes.beginning import stop_on_signals
from services.wiring import wire
process(wire(), stop_on_signals())
"""


@pytest.mark.parametrize("kind", STANDS)
def test_a_process_that_stands_still_ends_by_itself_and_says_where_it_stood(tmp_path: Path, kind: str) -> None:
    with Queue() as queue, Redis.from_url(queue.url) as redis:
        redis.lpush(QUEUE, message_of(new_id("fet")))
        settings = {"data_dir": tmp_path, "database_url": sqlite.fresh(tmp_path), "redis_url": queue.url}
        settings |= {"contact": "https://noticewire.example/", "stuck_seconds": STUCK_SECONDS}
        settings |= {"request_total_seconds": 0.5, "log_format": "json"}
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(STANDS[kind])],
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    said = done.stdout + done.stderr
    if kind == "work":
        assert (done.returncode, "worker_stuck" in said) == (STUCK, True), said
    else:
        assert (done.returncode, "Timeout (0:00:02)!" in said) == (1, True), said
        assert "<lambda>" in said


class Hand:
    """What a worker has received, said by a test."""

    count = 0
    full = False

    def in_hand(self) -> bool:
        return self.full


@pytest.fixture
def hand() -> Hand:
    return Hand()


def watching(hand: Hand) -> Callable[[int | None, float], float]:
    return WorkerWatch(cast(Received, hand), 0.0).idle_seconds


def test_a_worker_is_idle_only_where_bells_wait_at_every_look_and_none_is_received(hand: Hand) -> None:
    idle = watching(hand)
    assert idle(3, 50.0) == 50.0
    hand.count += 1
    assert (idle(3, 60.0), idle(3, 65.0)) == (0.0, 5.0)
    assert (idle(0, 70.0), idle(1, 71.0)) == (0.0, 1.0)


def test_a_queue_that_does_not_answer_is_no_fault_of_the_workers(hand: Hand) -> None:
    idle = watching(hand)
    assert (idle(None, 1000.0), idle(5, 1001.0)) == (0.0, 1.0)


def test_what_is_in_hand_may_take_its_time(hand: Hand) -> None:
    idle = watching(hand)
    hand.full = True
    assert idle(5, 100.0) < 0
    assert idle(5, TASK_TIME_LIMIT_SECONDS + 9.0) == 9.0


def test_health_is_red_within_half_a_minute_of_the_last_bell_that_a_worker_answered(
    tmp_path: Path, queue_url: str
) -> None:
    wiring = Wiring(quick_settings(tmp_path, sqlite.fresh(tmp_path), queue_url))
    try:
        beaten_ago(wiring, "work", 25)
        assert "answered no bell for 25 s" in (trouble_of(wiring, "work") or "")
        Heartbeat(tmp_path, "work").beat()
        assert trouble_of(wiring, "work") is None
    finally:
        wiring.close()
