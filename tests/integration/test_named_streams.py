"""Streams of subscriptions, on a real queue server: what one holds of a moment is what its filter wanted then."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from services.desk.channels import subscribe_stream
from services.desk.delivering import Which, replay
from services.desk.subscribing import change_filter
from services.windows import streams_of
from services.wiring import Wiring
from shared.db.models import Subscription
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED
from shared.domain.filters import Filter
from shared.settings import Settings
from tests.integration.scene import event, rows
from worker.relay import Relay
from worker.streams import Streams

LENGTH = 1000
PUBLISHED = Filter.parse({"types": [NOTICE_PUBLISHED]})
REVISED = Filter.parse({"types": [NOTICE_REVISED]})


@pytest.fixture
def wiring(tmp_path: Path, database_url: str, queue_url: str) -> Iterator[Wiring]:
    made = Wiring(Settings(data_dir=tmp_path, database_url=database_url, redis_url=queue_url, stream_length=LENGTH))
    yield made
    made.close()


@pytest.fixture
def redis(queue_url: str) -> Iterator[Redis]:
    with Redis.from_url(queue_url) as redis:
        yield redis
        redis.flushall()


@pytest.fixture
def streams(wiring: Wiring) -> Iterator[Streams]:
    with closing(Streams(wiring.ledger, wiring.redis_url, LENGTH, lambda: streams_of(wiring))) as made:
        yield made


def publish(wiring: Wiring, *causes: int) -> None:
    """Relay an event of each of the two types for each cause, the published one first."""
    for cause in causes:
        event(wiring.ledger, cause=f"revision/{cause}", kind=NOTICE_PUBLISHED)
        event(wiring.ledger, cause=f"revision/{cause}", kind=NOTICE_REVISED)
    Relay(wiring.ledger).relay()


def held(redis: Redis, made: Subscription) -> Any:
    return redis.xrange(made.url)


def positions(redis: Redis, made: Subscription) -> list[int]:
    return [int(name.partition(b"-")[0]) for name, _ in held(redis, made)]


def test_a_stream_whose_filter_was_changed_is_written_again_with_the_same_entries(
    wiring: Wiring, streams: Streams, redis: Redis
) -> None:
    made = subscribe_stream(wiring, "mine", PUBLISHED)
    publish(wiring, 1, 2)
    change_filter(wiring.ledger, made.id, REVISED)
    change_filter(wiring.ledger, made.id, PUBLISHED)  # which nothing happened under
    change_filter(wiring.ledger, made.id, REVISED)
    publish(wiring, 3)
    change_filter(wiring.ledger, made.id, Filter())
    publish(wiring, 4)
    streams.write()
    first = held(redis, made)
    assert positions(redis, made) == [1, 3, 6, 7, 8]
    redis.flushall()
    streams.write()
    assert held(redis, made) == first


def test_what_happened_under_the_old_filter_is_written_by_it_also_where_that_was_not_written_in_time(
    wiring: Wiring, streams: Streams, redis: Redis
) -> None:
    made = subscribe_stream(wiring, "mine", PUBLISHED)
    stale = streams_of(wiring)
    publish(wiring, 1)
    change_filter(wiring.ledger, made.id, REVISED)
    publish(wiring, 2)
    # A round that had asked who there is before the filter was changed, and looks at the events after that.
    with closing(Streams(wiring.ledger, wiring.redis_url, LENGTH, lambda: stale)) as late:
        late.write()
    assert positions(redis, made) == [1, 4]


def test_a_stream_that_is_to_begin_earlier_holds_of_then_what_it_wanted_first(
    wiring: Wiring, streams: Streams, redis: Redis
) -> None:
    publish(wiring, 1)
    made = subscribe_stream(wiring, "mine", PUBLISHED)
    publish(wiring, 2)
    change_filter(wiring.ledger, made.id, REVISED)
    publish(wiring, 3)
    streams.write()
    done = replay(wiring.ledger, made.id, Which(after=0), LENGTH)
    assert (done.new, done.owed_already) == (1, 2)
    streams.write()
    assert positions(redis, made) == [1, 3, 6]


def test_old_filters_are_kept_no_longer_than_events_of_their_time(wiring: Wiring) -> None:
    made = subscribe_stream(wiring, "mine", PUBLISHED)
    publish(wiring, 1)
    change_filter(wiring.ledger, made.id, REVISED)
    publish(wiring, 2)
    change_filter(wiring.ledger, made.id, PUBLISHED)
    assert [one["up_to"] for one in _old_filters(wiring, made)] == [2, 4]
    publish(wiring, 3)
    assert _let_go(wiring) == 5  # the newest event stays
    change_filter(wiring.ledger, made.id, Filter())
    assert [one["up_to"] for one in _old_filters(wiring, made)] == [6]


def _old_filters(wiring: Wiring, made: Subscription) -> list[dict[str, Any]]:
    (found,) = rows(wiring.ledger, Subscription, id=made.id)
    return list(found.old_filters)


def _let_go(wiring: Wiring) -> int:
    with wiring.ledger.begin() as uow:
        gone = uow.retention.drop_events(uow.now(), 100)
        uow.commit()
    return gone
