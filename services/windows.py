"""What the leader does for the windows: it strikes the chime, writes streams, tends the hub, and sends to chats."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from services.wiring import VERSION, Wiring
from shared.chime import STAMPED
from shared.clock import Clock
from shared.db import Ledger, UnitOfWork
from shared.db.models import Event, Subscription
from shared.db.subscriptions import filters_of
from shared.domain.filters import matches
from shared.domain.states import SubscriptionState
from shared.errors import Unavailable
from worker.deliver.chat import ChatRules, Chats
from worker.deliver.hub import Hub, HubRules
from worker.streams import Stream, Streams

log = structlog.get_logger()

CHAT_SECONDS = 0.5
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
        self._hub = Hub(wiring.ledger, wiring.http, wiring.box, rules)
        self._verifying = Aside("hub", self._hub.tend, HUB_SECONDS, wiring.clock)
        chat_rules = ChatRules(settings.delivery_schedule_scale, settings.delivery_disable_after_seconds)
        self._chats = Chats(wiring.ledger, wiring.box, chat_rules)
        self._chatting = Aside("chats", self._chats.bring, CHAT_SECONDS, wiring.clock)
        self._writing = Aside("streams", self._streams.write, STREAM_SECONDS, wiring.clock)

    def tend(self, relayed: int) -> None:
        """Do what is due after a leader's round that relayed so many events."""
        if relayed:
            self._chime.strike(STAMPED)
        self._writing.tend(news=relayed > 0)
        self._verifying.tend()
        self._chatting.tend()  # people can wait for half a second, which those above would otherwise wait for

    def close(self) -> None:
        """Let what is under way end."""
        self._verifying.close()
        self._hub.close()
        self._chatting.close()
        self._chats.close()
        self._writing.close()
        self._streams.close()


def streams_of(wiring: Wiring) -> Sequence[Stream]:
    """Return the streams that are kept: the one of all events, and one for each subscription that is a stream's.

    None, where the settings say so; a paused one stays as it is, and is written on from there when it is resumed.
    """
    settings = wiring.settings
    if not settings.stream_length:
        return []
    with wiring.ledger.reading() as uow:
        named = [one for one in uow.subscriptions.streams() if one.state == SubscriptionState.ACTIVE]
    chosen = [Stream(one.url, chooser(wiring.ledger, one.id), one.starts_after) for one in named]
    return [Stream(settings.stream_key), *chosen]


def chooser(ledger: Ledger, subscription_id: str) -> Callable[[Sequence[Event]], Iterable[Event]]:
    """Return what tells which events a subscription's stream holds: those it wanted when they got their positions."""

    def choose(events: Sequence[Event]) -> Iterable[Event]:
        with ledger.reading() as uow:
            # Asked after the events were read: whatever held when they got their positions is known by now.
            subscription = uow.subscriptions.by_id(subscription_id)
            return [] if subscription is None else list(_wanted(uow, subscription, events))

    return choose


def _wanted(uow: UnitOfWork, subscription: Subscription, events: Sequence[Event]) -> Iterator[Event]:
    since = 0
    for up_to, wanted in filters_of(subscription):
        theirs = [one for one in events if since < (one.position or 0) <= up_to]
        known = uow.facets.events(theirs, wanted)
        yield from (one for one, facets in zip(theirs, known, strict=True) if matches(wanted, facets))
        since = up_to
