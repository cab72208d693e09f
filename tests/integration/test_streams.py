"""Redis Streams, on a real queue server: every event once under its position, whatever becomes of the server."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from redis import Redis

from shared.db import Ledger
from shared.envelope import envelope
from tests.integration.scene import event, together
from worker import streams as streaming
from worker.relay import Relay
from worker.streams import Stream, Streams, reach_key

KEY = "noticewire:test-events"


@pytest.fixture
def redis(queue_url: str) -> Iterator[Redis]:
    with Redis.from_url(queue_url) as redis:
        yield redis
        redis.config_set("maxmemory", "0")
        redis.flushall()


@pytest.fixture
def streams(ledger: Ledger, redis: Redis, queue_url: str) -> Iterator[Streams]:
    with closing(writer(ledger, queue_url)) as made:
        yield made


def writer(ledger: Ledger, url: str, length: int = 1000) -> Streams:
    return Streams(ledger, url, length, lambda: [Stream(KEY)])


def publish(ledger: Ledger, *causes: int) -> None:
    for cause in causes:
        event(ledger, cause=f"revision/{cause}")
    Relay(ledger).relay()


def positions(redis: Redis, key: str = KEY) -> list[int]:
    entries: Any = redis.xrange(key)
    return [int(name.partition(b"-")[0]) for name, _ in entries]


def test_an_entry_has_the_position_as_its_id_and_the_envelope_byte_for_byte(
    ledger: Ledger, streams: Streams, redis: Redis
) -> None:
    publish(ledger, 1, 2)
    assert streams.write() == 2
    with ledger.reading() as uow:
        wanted = [envelope(one) for one in uow.events.after(0)]
    entries: Any = redis.xrange(KEY)
    assert [name for name, _ in entries] == [b"1-0", b"2-0"]
    assert [fields[b"event"] for _, fields in entries] == wanted
    assert entries[0][1][b"type"] == b"org.noticewire.notice.published"


def test_what_was_written_is_not_written_again(ledger: Ledger, streams: Streams, redis: Redis) -> None:
    publish(ledger, 1)
    assert [streams.write(), streams.write()] == [1, 0]
    publish(ledger, 2)
    assert streams.write() == 1
    assert positions(redis) == [1, 2]


def test_a_flushed_stream_is_written_again_under_the_same_ids(
    ledger: Ledger, streams: Streams, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH", 3)
    publish(ledger, *range(1, 9))
    streams.write()
    before = redis.xrange(KEY)
    redis.flushall()
    assert streams.write() == 8
    assert redis.xrange(KEY) == before


def test_an_event_that_comes_right_after_a_flush_does_not_shut_out_the_earlier_ones(
    ledger: Ledger, redis: Redis, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entry ids only grow: were the new event written first, the others could never be."""
    monkeypatch.setattr(streaming, "BATCH", 3)
    publish(ledger, *range(1, 6))
    flushes = [1, 3]

    def flushing(events: Any) -> Any:
        if flushes and events and events[0].position >= flushes[0]:
            flushes.pop(0)
            redis.flushall()  # between the question where the stream stands and the write
        return events

    with closing(Streams(ledger, queue_url, 1000, lambda: [Stream(KEY, flushing)])) as streams:
        streams.write()
        publish(ledger, 6)
        streams.write()
    assert flushes == []
    assert positions(redis) == [1, 2, 3, 4, 5, 6]


def test_two_writers_at_once_write_every_event_once(
    open_another: Callable[[], Ledger], redis: Redis, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH", 2)
    ledger = open_another()
    publish(ledger, *range(1, 21))
    with closing(writer(ledger, queue_url)) as one, closing(writer(open_another(), queue_url)) as other:
        together(one.write, other.write)
    assert positions(redis) == list(range(1, 21))


def test_a_stream_reaches_back_only_so_far(ledger: Ledger, redis: Redis, queue_url: str) -> None:
    redis.config_set("stream-node-max-entries", 10)  # what is trimmed is trimmed by whole nodes
    publish(ledger, *range(1, 101))
    with closing(writer(ledger, queue_url, length=20)) as streams:
        streams.write()
        assert positions(redis) == list(range(81, 101))
        publish(ledger, *range(101, 151))
        streams.write()
    assert positions(redis)[-20:] == list(range(131, 151))
    assert len(positions(redis)) <= 30


def test_what_a_stream_no_longer_holds_is_told_beside_it(ledger: Ledger, redis: Redis, queue_url: str) -> None:
    """A reader that has read less far than that knows that it must ask the cursor first."""
    publish(ledger, *range(1, 31))
    with closing(writer(ledger, queue_url, length=20)) as streams:
        streams.write()
        assert redis.get(reach_key(KEY)) == b"10"
        redis.flushall()
        streams.write()
        assert redis.get(reach_key(KEY)) == b"10"
        publish(ledger, *range(31, 34))
        streams.write()
    assert redis.get(reach_key(KEY)) == b"13"


def test_a_stream_that_is_to_reach_back_farther_is_written_anew_and_its_groups_stay(
    ledger: Ledger, redis: Redis, queue_url: str
) -> None:
    publish(ledger, *range(1, 31))
    with closing(writer(ledger, queue_url, length=5)) as streams:
        streams.write()
    redis.xgroup_create(KEY, "readers", "28-0")
    with closing(writer(ledger, queue_url, length=20)) as streams:
        assert streams.write() == 20
        assert streams.write() == 0
    assert positions(redis) == list(range(11, 31))
    assert redis.get(reach_key(KEY)) == b"10"
    answer: Any = redis.xreadgroup("readers", "a", {KEY: ">"})
    ((_, entries),) = answer
    assert [name for name, _ in entries] == [b"29-0", b"30-0"]


def test_a_stream_whose_reach_nobody_wrote_down_is_written_anew(ledger: Ledger, redis: Redis, streams: Streams) -> None:
    publish(ledger, 1, 2, 3)
    streams.write()
    redis.xtrim(KEY, minid="3-0", approximate=False)
    redis.delete(reach_key(KEY))
    assert streams.write() == 3
    assert positions(redis) == [1, 2, 3]


@pytest.mark.parametrize("held", [(), (4,)])
def test_a_stream_that_is_to_begin_earlier_holds_what_came_before_it(
    ledger: Ledger, redis: Redis, queue_url: str, held: tuple[int, ...]
) -> None:
    publish(ledger, *range(1, 6))
    since = [3]

    def named() -> list[Stream]:
        return [Stream(KEY, lambda events: [one for one in events if one.position in (2, *held)], since[0])]

    with closing(Streams(ledger, queue_url, 1000, named)) as streams:
        streams.write()
        assert positions(redis) == [*held]
        since[0] = 1
        streams.write()
    assert positions(redis) == [2, *held]


def test_a_stream_holds_only_what_it_chooses_and_each_event_is_looked_at_once(
    ledger: Ledger, redis: Redis, queue_url: str
) -> None:
    looked: list[int] = []

    def odd(events: Any) -> Any:
        looked.extend(one.position for one in events)
        return [one for one in events if one.position % 2]

    with closing(Streams(ledger, queue_url, 1000, lambda: [Stream(KEY, odd)])) as streams:
        publish(ledger, *range(1, 7))
        streams.write()
        publish(ledger, 7)
        streams.write()
        assert positions(redis) == [1, 3, 5, 7]
        assert looked == [1, 2, 3, 4, 5, 6, 7]
        redis.flushall()
        streams.write()
    assert positions(redis) == [1, 3, 5, 7]


def test_the_stream_of_a_ledger_that_was_restored_from_a_backup_begins_anew(
    ledger: Ledger, redis: Redis, queue_url: str
) -> None:
    publish(ledger, 1, 2)
    for number in range(1, 4):
        redis.xadd(KEY, {"id": f"another-{number}", "event": "{}"}, f"{number}-0")
    with closing(writer(ledger, queue_url)) as streams:
        streams.write()
        assert positions(redis) == [1, 2]
    redis.delete(KEY)
    redis.xadd(KEY, {"id": "another", "event": "{}"}, "2-0")
    with closing(writer(ledger, queue_url)) as streams:
        streams.write()
    assert positions(redis) == [1, 2]


def test_a_full_server_takes_nothing_and_gets_everything_once_there_is_room(
    ledger: Ledger, streams: Streams, redis: Redis
) -> None:
    publish(ledger, 1)
    streams.write()
    redis.config_set("maxmemory", "1")  # with the policy noeviction, as our own server has it
    publish(ledger, 2)
    assert streams.write() == 0
    redis.config_set("maxmemory", "0")
    assert streams.write() == 1
    assert positions(redis) == [1, 2]


def test_a_key_that_is_something_else_leaves_the_other_streams_alone(
    ledger: Ledger, redis: Redis, queue_url: str
) -> None:
    redis.set(KEY, "mine")
    publish(ledger, 1)
    with closing(Streams(ledger, queue_url, 1000, lambda: [Stream(KEY), Stream(KEY + ":b")])) as streams:
        assert streams.write() == 1
    assert positions(redis, KEY + ":b") == [1]
    assert redis.get(KEY) == b"mine"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("frozen", [True, False])
def test_a_server_that_does_not_answer_is_given_up_on_for_now(ledger: Ledger, frozen: bool) -> None:
    publish(ledger, 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1] if frozen else 1}/0"
        with closing(writer(ledger, url)) as streams:
            assert streams.write() == 0
