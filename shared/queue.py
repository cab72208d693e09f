"""The doorbell: tells a worker that a fetch waits. Losing every bell loses nothing; the sweeper rings again.

Celery on Redis loses tasks when a worker is killed, whatever the settings (25 SIGKILLs over 20,000 late-acknowledged
tasks lost 5 for good), so a task carries an id, and what is owed stands in the ledger.
"""

from typing import Protocol

from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from shared.messages import PROCESS_FETCH, QUEUE

TASK_TIME_LIMIT_SECONDS = 120
VISIBILITY_TIMEOUT_SECONDS = 600
RING_SECONDS = 2
"""A queue that takes longer to answer whoever rings counts as down: others wait for the one who rings."""
CONSUMER_SECONDS = 10


class Bell(Protocol):
    """A way to tell workers that fetches wait."""

    def ring(self, fetch_id: str) -> bool:
        """Tell a worker of `fetch_id`; False if nobody could be told. Never raises, never waits long."""
        ...

    def waiting(self) -> int | None:
        """Return how many bells nobody has answered yet, or None if the queue is not reachable."""
        ...


def make_celery(redis_url: str, *, answer_seconds: float = RING_SECONDS) -> Celery:
    """Return the Celery application that rings or answers bells on `redis_url`.

    `answer_seconds` is how long the queue may take to answer; whoever consumes gives it `CONSUMER_SECONDS`.
    """
    celery = Celery("noticewire", broker=redis_url)
    socket = {
        "socket_connect_timeout": RING_SECONDS,
        "socket_timeout": answer_seconds,
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
        broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS, "max_retries": 0} | socket,
        redis_socket_keepalive=True,
    )
    return celery


class CeleryBell:
    """The bell that workers of `noticewire work` answer."""

    def __init__(self, celery: Celery, redis_url: str) -> None:
        """Ring through `celery`; count through a Redis connection of its own."""
        self._celery = celery
        self._redis = Redis.from_url(redis_url, socket_timeout=RING_SECONDS, socket_connect_timeout=RING_SECONDS)

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        try:
            self._celery.send_task(PROCESS_FETCH, args=[fetch_id], retry=False)
        except (OperationalError, RedisError, OSError):
            return False
        return True

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        try:
            return int(self._redis.llen(QUEUE))  # type: ignore[arg-type]
        except RedisError:
            return None

    def close(self) -> None:
        """Close the counting connection."""
        self._redis.close()
