"""Redis Streams: every event, under the entry id `<position>-0`, for those who read with XREAD or a consumer group.

Where a stream stands is asked of the server, each time, and never remembered: after a flush it stands nowhere, and what
it is to hold is written again under the same ids. The ids make a second writer harmless, for an id that is not above
the last one is refused. Between the question and the write nothing may come, or a flush in between would leave a hole
that can no longer be filled, since ids only grow: hence WATCH.

How far back a stream reaches stands beside it, under `<key>/after`: whoever has read less far than that has missed
something, and finds it with the cursor. A stream that is to reach back farther than it does is written anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis import exceptions as redis_errors
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError, WatchError

from shared.db import Ledger
from shared.db.models import Event
from shared.domain.events import TYPE_PREFIX
from shared.envelope import envelope

log = structlog.get_logger()

BATCH = 200
ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Stream:
    """One stream: its key, which events it holds, and after which position it began."""

    key: str
    choose: Callable[[Sequence[Event]], Iterable[Event]] = iter
    since: int = 0


def entry_id(position: int) -> str:
    """Return the id of the entry of the event at `position`."""
    return f"{position}-0"


def reach_key(key: str) -> str:
    """Return the key of the position after which the stream at `key` holds every event that is for it."""
    return f"{key}/after"


def entry(event: Event) -> dict[str, bytes | str]:
    """Return an event's fields: what one may choose by, and the envelope, byte for byte that of every window."""
    return {
        "id": event.id,
        "type": TYPE_PREFIX + event.type,
        "partitionkey": event.partition_key,
        "event": envelope(event),
    }


class Streams:
    """Brings every stream up to the ledger; the caller leads, though nothing breaks if two do."""

    def __init__(self, ledger: Ledger, redis_url: str, length: int, named: Callable[[], Sequence[Stream]]) -> None:
        """Write the streams that `named` returns, each with what it wants of the newest `length` events."""
        self._ledger = ledger
        self._redis = Redis.from_url(redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
        self._length = length
        self._named = named
        self._looked: dict[str, tuple[int, int, int]] = {}
        """Of each key: where the stream stood and began, and up to which position nothing more is for it."""
        self._ailing: set[str] = set()
        """Keys that could not be written last time; told once."""

    def write(self) -> int:
        """Write what is missing; return how many entries. A server that is down, full or odd is told of in the log."""
        written = 0
        for stream in self._named():
            try:
                more = True
                while more:
                    count, more = self._extend(stream)
                    written += count
            except RedisError as error:
                # Others need no stream: the next pass will tell whether this one can be written again.
                if stream.key not in self._ailing:
                    log.warning("stream_not_written", key=stream.key, error=f"{type(error).__name__}: {error}")
                self._ailing.add(stream.key)
                if isinstance(error, redis_errors.ConnectionError | redis_errors.TimeoutError):
                    break
            else:
                self._ailing.discard(stream.key)
        return written

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()

    def _extend(self, stream: Stream) -> tuple[int, bool]:
        """Write up to a batch to one stream; return how much that was, and whether there may be more."""
        with self._redis.pipeline() as pipe:
            pipe.watch(stream.key)  # type: ignore[no-untyped-call]
            stands = _stands_at(pipe, stream.key)
            with self._ledger.reading() as uow:
                last = uow.events.last_position()
                kept_after = max(stream.since, last - self._length, uow.events.gone_up_to())
                after = max(stands, kept_after, self._looked_up_to(stream, stands))
                events = uow.events.after(after, limit=BATCH)
                newest = uow.events.after(stands - 1, limit=1) if stands else []
            if stands and not self._is_ours(pipe, stream.key, stands, newest):
                log.warning("stream_of_another_ledger", key=stream.key, stands_at=stands, last_position=last)
                self._redis.delete(stream.key, reach_key(stream.key))
                return 0, True
            if stands and kept_after < _reaches_back_to(pipe, stream.key):
                log.info("stream_rewound", key=stream.key, after=kept_after)
                self._rewind(pipe, stream.key)
                return 0, True
            chosen = list(stream.choose(events))
            if chosen and not self._append(pipe, stream.key, chosen, kept_after):
                return 0, True
        stands = max([stands, *(event.position or 0 for event in chosen)])
        looked = max([after, *(event.position or 0 for event in events)])
        self._looked[stream.key] = (stands, stream.since, looked)
        return len(chosen), len(events) == BATCH

    def _is_ours(self, pipe: Pipeline, key: str, stands: int, newest: Sequence[Event]) -> bool:
        """Tell whether the stream's last entry is the ledger's event of that position.

        It is another one where the ledger was restored from a backup, and hands positions out for a second time.
        """
        if newest and key in self._looked:
            return newest[0].position == stands
        entries: Any = pipe.xrevrange(key, count=1)
        written = next(
            (fields.get(b"id", b"").decode() for name, fields in entries if name == entry_id(stands).encode()), None
        )
        return bool(newest) and newest[0].position == stands and written in (None, newest[0].id)

    def _append(self, pipe: Pipeline, key: str, events: Sequence[Event], kept_after: int) -> bool:
        pipe.multi()
        for event in events:
            # Trimmed by position, not by count, so that every stream reaches back equally far.
            pipe.xadd(key, entry(event), entry_id(event.position or 0), minid=entry_id(kept_after + 1))  # type: ignore[arg-type]
        pipe.set(reach_key(key), kept_after)
        return _done(pipe)

    def _rewind(self, pipe: Pipeline, key: str) -> None:
        """Empty the stream so that it can be written anew under the same ids; its groups stay where they stand."""
        pipe.multi()
        pipe.xtrim(key, maxlen=0, approximate=False)
        pipe.execute_command("XSETID", key, "0-0")  # type: ignore[no-untyped-call]  # allowed where it is empty
        if _done(pipe):
            self._looked.pop(key, None)

    def _looked_up_to(self, stream: Stream, stands: int) -> int:
        """Return up to which position nothing is missing, as far as we know of the stream that stands there."""
        stood, began, looked = self._looked.get(stream.key, (-1, 0, 0))
        return looked if (stood, began) == (stands, stream.since) else 0


def _stands_at(pipe: Pipeline, key: str) -> int:
    """Return the position of the last entry that was ever written, 0 for a stream that is not there."""
    try:
        told: Any = pipe.xinfo_stream(key)
    except ResponseError as error:
        if "no such key" in str(error):
            return 0
        raise
    return int(bytes(told["last-generated-id"]).partition(b"-")[0])


def _reaches_back_to(pipe: Pipeline, key: str) -> int:
    """Return after which position the stream holds all that is for it; before any such word, its last position."""
    told: Any = pipe.get(reach_key(key))
    return int(told) if told is not None else _stands_at(pipe, key)


def _done(pipe: Pipeline) -> bool:
    """Tell whether what was gathered was done: False where the key had changed since it was watched."""
    try:
        pipe.execute()
    except WatchError:
        return False
    return True
