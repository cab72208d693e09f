"""The doorbell: what it puts on the queue, and a queue that is frozen: it accepts connections and never answers."""

import json
import socket
from collections.abc import Iterator

import pytest
from celery.worker.request import Request
from hypothesis import given
from hypothesis import strategies as st

from shared.messages import MOST_TOLD, PROCESS_FETCH
from shared.queue import LONGEST_BODY, RING_SECONDS, CeleryBell, fetches_in, message_of
from worker.app import CONSUMER_SECONDS, make_celery

FETCH = "fet_01kanqjy3cf8e8dhzrj9fmcd5e"
ANOTHER = "fet_01kanqjy3cf8e8dhzrj9fmcd5f"


@pytest.fixture
def frozen_queue() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.timeout(30)
def test_a_bell_at_a_frozen_queue_is_not_heard_and_holds_nobody_up(
    frozen_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.queue.RING_SECONDS", 0.2)
    bell = CeleryBell(frozen_queue)
    assert not bell.ring("fet_1")
    assert bell.waiting() is None
    bell.close()


def test_who_rings_waits_shorter_than_who_consumes() -> None:
    consuming = make_celery("redis://127.0.0.1:1/0")
    assert consuming.conf.broker_transport_options["socket_timeout"] == CONSUMER_SECONDS > 4 * RING_SECONDS


def test_what_is_rung_is_a_task_as_celery_would_send_it() -> None:
    celery = make_celery("redis://127.0.0.1:1/0")
    heard: list[str] = []

    @celery.task(name=PROCESS_FETCH)  # type: ignore[untyped-decorator]
    def process_fetch(*fetch_ids: str) -> None:
        heard.extend(fetch_ids)

    celery.finalize()
    lying = json.loads(message_of(FETCH, ANOTHER))
    channel = celery.connection_for_read(url="memory://").channel()
    request = Request(channel.Message(lying, channel=channel), app=celery)
    assert (request.name, request.args, request.kwargs) == (PROCESS_FETCH, [FETCH, ANOTHER], {})
    celery.tasks[request.name](*request.args)
    assert heard == [FETCH, ANOTHER]
    sent = celery.amqp.as_task_v2(request.id, PROCESS_FETCH, args=[FETCH, ANOTHER])
    assert set(lying["headers"]) <= set(sent.headers)
    assert json.loads(json.dumps(sent.body)) == request.message.payload


def test_a_message_holds_ids_and_little_else() -> None:
    assert len(message_of(FETCH)) < 1024
    fullest = message_of(*[FETCH] * MOST_TOLD)
    assert len(fullest) < 1536
    assert len(json.loads(fullest)["body"]) <= LONGEST_BODY


def test_what_was_rung_for_is_found_again_and_no_more_than_one_worker_may_be_asked_for() -> None:
    assert fetches_in(json.loads(message_of(FETCH))) == (FETCH,)
    assert fetches_in(json.loads(message_of(FETCH, ANOTHER))) == (FETCH, ANOTHER)
    assert fetches_in(json.loads(message_of(*[FETCH] * (MOST_TOLD + 1)))) == ()
    assert fetches_in(json.loads(message_of(FETCH, "W10="))) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([FETCH, "W10=", "W1tdXQ=="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["body", "headers", "task", "properties", "x"]), inner, max_size=4)
    ),
)


@given(JSON)
def test_whatever_lies_on_the_queue_is_an_id_or_nothing(message: object) -> None:
    assert fetches_in(message) == ()
