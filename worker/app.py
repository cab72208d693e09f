"""The Celery worker: a task is a shim that takes a bell's ids to the processor; nothing else happens here."""

import warnings
from collections.abc import Callable
from functools import cache

import structlog
from celery import Celery
from celery.signals import task_received, worker_process_init
from celery.worker import state

from shared.errors import NoticewireError
from shared.messages import MOST_TOLD, PROCESS_FETCH, QUEUE, is_fetch_id
from shared.queue import RING_SECONDS
from worker import queue_transport

log = structlog.get_logger()

TASK_TIME_LIMIT_SECONDS = 120
VISIBILITY_TIMEOUT_SECONDS = 600
CONSUMER_SECONDS = 10


class Received:
    """What a worker's main process has received so far; made before the worker runs."""

    def __init__(self) -> None:
        """Count from now on."""
        self.count = 0
        task_received.connect(self._note, weak=False)

    def _note(self, **_: object) -> None:
        self.count += 1

    def in_hand(self) -> bool:
        """Tell whether anything that was received has not ended yet."""
        return bool(state.reserved_requests)


def make_celery(redis_url: str) -> Celery:
    """Return the Celery application that answers bells on `redis_url`, which has `CONSUMER_SECONDS` to answer."""
    celery = Celery("noticewire", broker=redis_url)
    socket = {
        "socket_connect_timeout": RING_SECONDS,
        "socket_timeout": CONSUMER_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "retry_on_timeout": False,
    }
    celery.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=TASK_TIME_LIMIT_SECONDS,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2000,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=20,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a full queue, too, is waited for, and no reason to end
        broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS, "max_retries": 0} | socket,
        redis_socket_keepalive=True,
    )
    return celery


def answer_bells(celery: Celery, build: Callable[[], Callable[[str], None]], on_fork: Callable[[], None]) -> None:
    """Register the task; `build` wires what takes a fetch's id, once in each child: no connection outlives the fork.

    `on_fork` runs in each child as it starts.
    """
    processor = cache(build)

    def begin(**_: object) -> None:
        processor.cache_clear()
        on_fork()

    worker_process_init.connect(begin, weak=False)

    @celery.task(name=PROCESS_FETCH)  # type: ignore[untyped-decorator]
    def process_fetch(*fetch_ids: object) -> None:
        for fetch_id in fetch_ids[:MOST_TOLD]:
            if is_fetch_id(fetch_id):
                _process(processor(), str(fetch_id))
            else:
                log.warning("bell_refused", argument=repr(fetch_id)[:80])


def _process(process: Callable[[str], None], fetch_id: str) -> None:
    try:
        process(fetch_id)
    except NoticewireError as error:
        # A server of ours is down, or the lease ended meanwhile: the fetch is owed still, and rung for again.
        log.error("fetch_not_processed", fetch_id=fetch_id, error=f"{type(error).__name__}: {error}")


def run_worker(celery: Celery, processes: int) -> None:
    """Answer bells in `processes` child processes until SIGTERM; tasks under way are finished."""
    # Messages are JSON and carry an id alone, which is what Celery's warning about root is concerned with.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    queue_transport.install()
    options = ["--pool=prefork", f"--concurrency={processes}", "--loglevel=WARNING"]
    celery.worker_main(["--quiet", "worker", *options, "--without-gossip", "--without-mingle", "--without-heartbeat"])
