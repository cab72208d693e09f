"""What lies on the queue is judged before Celery reads it, and written anew.

Celery trusts its messages: one that is no JSON, or has no body, ends the worker that takes it, and one that was taken
comes back when the worker starts again. So of each message the ids of fetches are kept, and nothing else of it counts;
one without such ids is dropped, for the ledger knows what is owed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis, virtual

from shared.messages import QUEUE
from shared.queue import fetches_in, message_of

log = structlog.get_logger()

NAME = f"{__name__}:Transport"


class QoS(redis.QoS):
    """Counts what this worker holds; what is let go of is held no longer, though the server could not be told.

    kombu goes on counting it, so a worker with its hands full as the queue goes away asks for nothing ever again, and
    does not notice that its connection is gone: both workers of a faulty day stood still until their watch ended them.
    The message comes back by its visibility timeout, and is a bell for what is done.
    """

    def ack(self, delivery_tag: str) -> None:
        """Let go of a message for good."""
        with self._held_no_longer(delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Let go of a message, which others may have if `requeue`."""
        with self._held_no_longer(delivery_tag):
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]

    @contextmanager
    def _held_no_longer(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        finally:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]


class Channel(redis.Channel):
    """A channel that survives what is no message at all."""

    QoS = QoS

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except (ValueError, RecursionError) as error:
            log.warning("bell_refused", reason=type(error).__name__)
            return True


class Transport(redis.Transport):
    """The Redis transport, which takes bells alone."""

    Channel = Channel

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have a worker's loop listen to a new connection, which is closed if that cannot be.

        Registering writes, which a full server refuses. Celery then forgets the connection, with its sockets open, and
        makes another, some ten times a second.
        """
        try:
            super().register_with_event_loop(connection, loop)  # type: ignore[no-untyped-call]
        except Exception:
            self.close_connection(connection)  # type: ignore[no-untyped-call]
            raise

    def _deliver(self, message: Any, queue: str) -> None:
        if queue == QUEUE:
            fetch_ids = fetches_in(message)
            if not fetch_ids:
                log.warning("bell_refused", reason="it names no fetch")
                return
            message = json.loads(message_of(*fetch_ids))
        super()._deliver(message, queue)  # type: ignore[no-untyped-call]


def install() -> None:
    """Let this process's `redis://` and `rediss://` be read by this transport."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = NAME
