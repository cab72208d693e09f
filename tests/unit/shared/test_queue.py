"""The doorbell at a queue that is frozen: it accepts connections and never answers."""

import socket
from collections.abc import Iterator

import pytest

from shared.queue import CONSUMER_SECONDS, RING_SECONDS, CeleryBell, make_celery


@pytest.fixture
def frozen_queue() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.timeout(30)
def test_a_bell_at_a_frozen_queue_is_not_heard_and_holds_nobody_up(frozen_queue: str) -> None:
    bell = CeleryBell(make_celery(frozen_queue, answer_seconds=0.2), frozen_queue)
    assert not bell.ring("fet_1")
    assert bell.waiting() is None
    bell.close()


def test_who_rings_waits_shorter_than_who_consumes() -> None:
    ringing, consuming = (
        make_celery("redis://127.0.0.1:1/0", **given) for given in ({}, {"answer_seconds": CONSUMER_SECONDS})
    )
    assert ringing.conf.broker_transport_options["socket_timeout"] == RING_SECONDS <= 2
    assert consuming.conf.broker_transport_options["socket_timeout"] == CONSUMER_SECONDS >= 10
