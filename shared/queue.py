"""The doorbell: tells a worker that a fetch waits. Losing every bell loses nothing; the sweeper rings again.

Celery on Redis loses tasks when a worker is killed, whatever the settings (25 SIGKILLs over 20,000 late-acknowledged
tasks lost 5 for good), so a task carries an id, and what is owed stands in the ledger.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Protocol
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.errors import Invalid
from shared.messages import MOST_TOLD, PROCESS_FETCH, QUEUE, is_fetch_id
from shared.together import Together

RING_SECONDS = 2
"""A queue that takes longer to answer whoever rings counts as down: others wait for the one who rings."""
LONGEST_BODY = 1024
"""Characters of the body of a message that may be one of ours, which have less than 600."""


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


class CeleryBell:
    """The bell that workers of `noticewire work` answer: it puts a task of theirs on the queue.

    The task is written here, as Celery's message protocol and its Redis transport have it (docs.celeryq.dev, "Message
    protocol", version 2), and not by `send_task`: that takes ten times as long, and a bell is rung for every page. What
    threads ring for at the same moment goes together, and lies in one message.
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
        self._together: Together[str, bool] = Together(self._ring_for)

    def ring(self, fetch_id: str) -> bool:
        """See `Bell.ring`."""
        return self._together.ask(fetch_id)

    def _ring_for(self, fetch_ids: Sequence[str]) -> Sequence[bool]:
        parts = [fetch_ids[at : at + MOST_TOLD] for at in range(0, len(fetch_ids), MOST_TOLD)]
        try:
            self._redis.lpush(QUEUE, *(message_of(*part) for part in parts))
        except (RedisError, OSError):
            return [False] * len(fetch_ids)
        return [True] * len(fetch_ids)

    def waiting(self) -> int | None:
        """See `Bell.waiting`."""
        try:
            return int(self._redis.llen(QUEUE))  # type: ignore[arg-type]
        except RedisError:
            return None

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def message_of(*fetch_ids: str) -> str:
    """Return the message that asks a worker to process fetches, as it lies on the queue."""
    task_id, tag = str(uuid4()), str(uuid4())
    body = b64encode(json.dumps([fetch_ids, {}, _OPTIONS]).encode()).decode()
    return _MESSAGE.replace(_BODY, body).replace(_TASK, task_id).replace(_TAG, tag)


_OPTIONS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
_BODY, _TASK, _TAG = "the-body", "the-task-id", "the-tag"
_MESSAGE = json.dumps(
    {
        "body": _BODY,
        "headers": {
            "lang": "py",
            "task": PROCESS_FETCH,
            "id": _TASK,
            "root_id": _TASK,
            "parent_id": None,
            "group": None,
            "retries": 0,
            "eta": None,
            "expires": None,
            "timelimit": [None, None],
            "argsrepr": "",
            "kwargsrepr": "{}",
            "ignore_result": True,
        },
        "properties": {
            "correlation_id": _TASK,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_tag": _TAG,
            "priority": 0,
            "body_encoding": "base64",
        },
        "content-encoding": "utf-8",
        "content-type": "application/json",
    }
)
"""A message with three gaps; what fills them needs no escaping."""


def fetches_in(message: object) -> tuple[str, ...]:
    """Return the fetches that a message asks a worker to process; none where it is not of the form of `message_of`."""
    try:
        body, task = message["body"], message["headers"]["task"]  # type: ignore[index]
        fetch_ids, _, _ = json.loads(b64decode(body)) if len(body) <= LONGEST_BODY else ([], 0, 0)
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()
    if task != PROCESS_FETCH or not isinstance(fetch_ids, list) or len(fetch_ids) > MOST_TOLD:
        return ()
    return tuple(fetch_ids) if all(is_fetch_id(fetch_id) for fetch_id in fetch_ids) else ()
