"""Turns as they must not be: a key in Redis for each host, which ends by itself whether or not its holder is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from redis import Redis

FIRST_SECONDS = 1.0


class TtlTurns:
    """The politeness of many a crawler: see `shared.db.turns` for the promise that this does not keep."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url)

    @contextmanager
    def take(self, host: str) -> Iterator["TtlTurn | None"]:
        turn = TtlTurn(self._redis, host)
        if not self._redis.set(turn.lock, turn.token, nx=True, px=int(1000 * FIRST_SECONDS)):
            yield None
            return
        try:
            yield turn
        finally:
            if self._redis.get(turn.lock) == turn.token:
                self._redis.delete(turn.lock)


class TtlTurn:
    """A turn for as long as its key is there."""

    def __init__(self, redis: Redis, host: str) -> None:
        self._redis, self._pause = redis, f"pause:{host}"
        self.lock, self.token = f"turn:{host}", uuid4().bytes

    def wait_seconds(self) -> float:
        left: int = self._redis.pttl(self._pause)  # type: ignore[assignment]
        return max(0, left) / 1000

    def begin(self, seconds: float) -> bool:
        self._redis.pexpire(self.lock, int(1000 * seconds))
        return True

    def hold_for(self, seconds: float) -> None:
        self._redis.set(self._pause, b"", px=max(1, int(1000 * seconds)))
