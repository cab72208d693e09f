"""The chime: tells other processes at once that there is news, through Redis pub/sub. Losing every chime loses nothing.

Whoever listens also looks by itself, a few times a second: a chime that nobody hears costs one such pause. Striking
never waits and never fails, so that a queue server that is down or frozen holds up nobody who has news.
"""

from collections.abc import Callable
from threading import Event, Lock, Thread

from redis import Redis
from redis.exceptions import RedisError

RECORDED = "noticewire.recorded"
"""Events may have been recorded: for the relay."""
STAMPED = "noticewire.stamped"
"""Events got their positions: for whoever shows them."""

ANSWER_SECONDS = 2.0
REST_SECONDS = 1.0
"""Pause after a queue server did not answer."""
LISTEN_SECONDS = 0.5
"""How soon a listener that is closed ends."""


class Chime:
    """Strikes, from a thread of its own that starts with the first stroke; many strokes may sound as one."""

    def __init__(self, redis_url: str) -> None:
        """Sound through the server at `redis_url`."""
        self._redis = Redis.from_url(redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
        self._due: set[str] = set()
        self._lock = Lock()
        self._struck, self._closed = Event(), Event()
        self._thread: Thread | None = None

    def strike(self, news: str) -> None:
        """Tell everybody who listens for `news`; returns at once, and never raises."""
        with self._lock:
            self._due.add(news)
            if self._thread is None:
                # Made here and not before: a process that forks takes no thread along.
                self._thread = Thread(target=self._sound, name="chime", daemon=True)
                self._thread.start()
        self._struck.set()

    def close(self) -> None:
        """Sound no more."""
        self._closed.set()
        self._struck.set()
        if self._thread is not None:
            self._thread.join(2 * ANSWER_SECONDS)
        self._redis.close()

    def _sound(self) -> None:
        while self._struck.wait() and not self._closed.is_set():
            self._struck.clear()
            with self._lock:
                due, self._due = self._due, set()
            try:
                for news in due:
                    self._redis.publish(news, b"")
            except RedisError:
                self._closed.wait(REST_SECONDS)


class Ear:
    """Listens for one kind of news in a thread of its own, and goes on listening whatever becomes of the server."""

    def __init__(self, redis_url: str, news: str, heard: Callable[[], None]) -> None:
        """Call `heard`, from the thread, at each stroke; and once listening, for what was struck before."""
        self._redis_url = redis_url
        self._news = news
        self._heard = heard
        self._closed = Event()
        self._thread = Thread(target=self._listen, name=f"ear {news}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        self._thread.join(LISTEN_SECONDS + ANSWER_SECONDS)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._attend()
            except (RedisError, OSError):
                self._closed.wait(REST_SECONDS)

    def _attend(self) -> None:
        options = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        with (
            Redis.from_url(self._redis_url, socket_keepalive=True, health_check_interval=10, **options) as redis,
            redis.pubsub(ignore_subscribe_messages=True) as pubsub,
        ):
            pubsub.subscribe(self._news)
            self._heard()
            while not self._closed.is_set():
                if pubsub.get_message(timeout=LISTEN_SECONDS):
                    self._heard()
