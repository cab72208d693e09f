"""The worker's side of the queue: what it took is let go of, whatever becomes of the server meanwhile."""

import socket
from collections.abc import Callable, Iterator

import pytest
from kombu.asynchronous import Hub
from kombu.message import Message
from redis.exceptions import ResponseError

from shared.ids import new_id
from shared.queue import CeleryBell
from tests.servers.queue import Queue
from worker import queue_transport
from worker.app import make_celery

DRAIN_SECONDS = 10


@pytest.fixture
def server() -> Iterator[Queue]:
    with Queue() as server:
        yield server


@pytest.mark.parametrize("let_go", [Message.ack, Message.reject, Message.requeue])
def test_a_message_that_is_let_go_while_the_queue_is_away_keeps_no_room(
    server: Queue, let_go: Callable[[Message], None]
) -> None:
    """Else a worker with all its hands full at that moment asks for nothing ever again, and does not notice."""
    bell = CeleryBell(server.url)
    taken: list[Message] = []
    queue_transport.install()
    celery = make_celery(server.url)
    with celery.connection_for_read() as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        with celery.amqp.TaskConsumer(channel, on_message=taken.append):
            assert bell.ring(new_id("fet"))
            connection.drain_events(timeout=DRAIN_SECONDS)
            (first,) = taken
            server.kill()
            with pytest.raises(connection.connection_errors):
                let_go(first)
            assert channel.qos.can_consume()
            with pytest.raises(connection.connection_errors) as noticed:
                connection.drain_events(timeout=DRAIN_SECONDS)
    assert not isinstance(noticed.value, socket.timeout)
    bell.close()


def test_a_connection_that_a_full_queue_does_not_let_begin_is_closed(server: Queue) -> None:
    """Celery forgets such a one and tries again, ten times a second, until it has no more sockets."""
    bell = CeleryBell(server.url)
    assert bell.ring(new_id("fet"))
    bell.close()
    queue_transport.install()
    celery = make_celery(server.url)
    server.fill()
    connection = celery.connection_for_read()
    connection.ensure_connection(max_retries=1)
    with pytest.raises(ResponseError):
        connection.transport.register_with_event_loop(connection.connection, Hub())  # type: ignore[no-untyped-call]
    assert server.clients() == []
