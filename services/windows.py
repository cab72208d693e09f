"""What the leader of the relays does for the windows: it strikes the chime, writes streams, tends the WebSub hub."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from services.wiring import VERSION, Wiring
from shared.chime import STAMPED
from shared.clock import Clock
from shared.errors import Unavailable
from worker.deliver.hub import Hub, HubRules
from worker.streams import Stream, Streams

log = structlog.get_logger()

HUB_SECONDS = 1.0
STREAM_SECONDS = 5.0
"""How soon a stream that was lost with its server is written again."""


class Aside:
    """One step that is run beside the rounds, in a thread: when there is news for it, and at its pace in any case."""

    def __init__(self, name: str, step: Callable[[], object], seconds: float, clock: Clock) -> None:
        """Run `step` at least every `seconds`, never twice at the same moment."""
        self._name = name
        self._step = step
        self._seconds = seconds
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._under_way: Future[object] | None = None
        self._begun = float("-inf")
        self._owed = False

    def tend(self, *, news: bool = False) -> None:
        """Begin the step if it is due or owed; returns at once, and tells in the log what the last one raised."""
        self._owed |= news
        if self._under_way is not None:
            if not self._under_way.done():
                return
            error = self._under_way.exception()
            if error is not None:
                log.error(f"{self._name}_failed", exc_info=None if isinstance(error, Unavailable) else error)
            self._under_way = None
        now = self._clock.monotonic()
        if self._owed or now - self._begun >= self._seconds:
            self._owed, self._begun = False, now
            self._under_way = self._pool.submit(self._step)

    def close(self) -> None:
        """Let the step under way end."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Windows:
    """Tells those who show events that there are new ones, and writes the streams; nothing here waits for a server."""

    def __init__(self, wiring: Wiring) -> None:
        """Wire them; nothing is asked yet."""
        settings = wiring.settings
        self._chime = wiring.chime
        self._streams = Streams(wiring.ledger, wiring.redis_url, settings.stream_length, lambda: streams_of(wiring))
        rules = HubRules(
            settings.delivery_total_seconds,
            settings.delivery_schedule_scale,
            f"noticewire/{VERSION}",
            (settings.websub_allow or "").split(),
        )
        self._hub = Aside("hub", Hub(wiring.ledger, wiring.http, wiring.box, rules).tend, HUB_SECONDS, wiring.clock)
        self._writing = Aside("streams", self._streams.write, STREAM_SECONDS, wiring.clock)

    def tend(self, relayed: int) -> None:
        """Do what is due after a leader's round that relayed so many events."""
        if relayed:
            self._chime.strike(STAMPED)
        self._writing.tend(news=relayed > 0)
        self._hub.tend()

    def close(self) -> None:
        """Let what is under way end."""
        self._hub.close()
        self._writing.close()
        self._streams.close()


def streams_of(wiring: Wiring) -> Sequence[Stream]:
    """Return the streams that are kept: the one of all events, unless the settings say that there is none."""
    settings = wiring.settings
    return [Stream(settings.stream_key)] if settings.stream_length else []
