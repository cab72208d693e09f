"""The doorbell: tells a worker that a fetch waits. Losing every bell loses nothing; the sweeper rings again.

Celery on Redis loses tasks when a worker is killed, whatever the settings (25 SIGKILLs over 20,000 late-acknowledged
tasks lost 5 for good), so a task carries an id, and what is owed stands in the ledger.
"""

import json
from base64 import b64decode, b64encode
from typing import Protocol
from uuid import uuid4

from celery import Celery
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.errors import Invalid
from shared.messages import PROCESS_FETCH, QUEUE, is_fetch_id

TASK_TIME_LIMIT_SECONDS = 120
VISIBILITY_TIMEOUT_SECONDS = 600
RING_SECONDS = 2
"""A queue that takes longer to answer whoever rings counts as down: others wait for the one who rings."""
CONSUMER_SECONDS = 10
LONGEST_BODY = 1024
"""Characters of the body of a message that may be one of ours, which have less than 200."""


class Bell(Protocol):
    """A way to tell workers that fetches wait."""

    def ring(self, fetch_id: str) -> bool:
        """Tell a worker of `fetch_id`; False if nobody could be told. Never raises, never waits long."""
        ...

    def waiting(self) -> int | None:
        """Return how many bells nobody has answered yet, or None if the queue is not reachable."""
        ...


def check_address(redis_url: str) -> None:
    """Raise `Invalid`, without what may be a password, where `redis_url` is no address of a queue."""
    try:
        Redis.from_url(redis_url).close()
    except ValueError:
        raise Invalid(
            "NOTICEWIRE_REDIS_URL is not an address of a Redis or Valkey server; write redis://:password@host:6379/0"
        ) from None


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


class CeleryBell:
    """The bell that workers of `noticewire work` answer: it puts a task of theirs on the queue.

    The task is written here, as Celery's message protocol and its Redis transport have it (docs.celeryq.dev, "Message
    protocol", version 2), and not by `send_task`: that takes ten times as long, and a bell is rung for every page.
    """

    def __init__(self, redis_url: str) -> None:
        """Ring and count on `redis_url`; threads may share it. Nothing is connected yet."""
        # One more attempt on a connection that the server has closed meanwhile; none at a server that does not answer.
        again = Retry(NoBackoff(), 1, supported_errors=(Disconnected,))
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=RING_SECONDS,
            socket_connect_timeout=RING_SECONDS,
            socket_keepalive=True,
            retry=again,
        )

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        try:
            self._redis.lpush(QUEUE, message_of(fetch_id))
        except (RedisError, OSError):
            return False
        return True

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        try:
            return int(self._redis.llen(QUEUE))  # type: ignore[arg-type]
        except RedisError:
            return None

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def message_of(fetch_id: str) -> str:
    """Return the message that asks a worker to process a fetch, as it lies on the queue."""
    task_id, tag = str(uuid4()), str(uuid4())
    options = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    body = b64encode(json.dumps([[fetch_id], {}, options]).encode()).decode()
    headers = {
        "lang": "py",
        "task": PROCESS_FETCH,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "eta": None,
        "expires": None,
        "timelimit": [None, None],
        "argsrepr": repr([fetch_id]),
        "kwargsrepr": "{}",
        "ignore_result": True,
    }
    properties = {
        "correlation_id": task_id,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
        "delivery_tag": tag,
        "priority": 0,
        "body_encoding": "base64",
    }
    coding = {"content-encoding": "utf-8", "content-type": "application/json"}
    return json.dumps({"body": body, "headers": headers, "properties": properties} | coding)


def fetch_in(message: object) -> str | None:
    """Return the fetch that a message asks a worker to process; None where it is not of the form of `message_of`."""
    try:
        body, task = message["body"], message["headers"]["task"]  # type: ignore[index]
        [fetch_id], _, _ = json.loads(b64decode(body)) if len(body) <= LONGEST_BODY else ([None], 0, 0)
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return str(fetch_id) if task == PROCESS_FETCH and is_fetch_id(fetch_id) else None
