"""The ledger's tail, watched once for all readers of the stream: a thousand cost about as much as one.

One task looks for new events while anybody reads, turns each into its bytes once, keeps the newest few, and writes them
to everybody who is up to date (`crowd`). The relay's chime makes it look at once; where that is not heard, it looks a
few times a second. A reader has a position and no queue: one that is behind takes what is kept after its position, or,
when it is further behind than that, a page from the ledger. So a slow reader holds nobody up and fills no memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread

from services.api.crowd import Crowd
from services.api.frames import Asked, Frame, Page, Reader, asked_for, read_frames, read_page
from shared.db import Ledger
from shared.db.restores import Gap
from shared.errors import Unavailable

log = structlog.get_logger()

T = TypeVar("T")

MOST_READERS = 2000
KEPT_FRAMES = 1000
KEPT_BYTES = 8 * 1024 * 1024
LOOK_LIMIT = 200
TROUBLE_SECONDS = 1.0
GATHER_SECONDS = 0.00001
"""For each reader: a thousand are left alone for 10 ms after each round, one is written to as soon as can be."""
# Threads of their own, so that readers far behind cannot keep the routes waiting.
THREADS = 4


@dataclass(frozen=True)
class Rhythm:
    """How often the tail looks for events, and for what ends a stream; how often a quiet one says that it lives."""

    look_seconds: float = 0.25
    token_seconds: float = 2.0
    comment_seconds: float = 15.0


class Bounds(NamedTuple):
    """The first position kept (None if no event is), the last one handed out, and what restores left out."""

    first: int | None
    last: int
    gaps: Sequence[Gap]


async def happens(news: asyncio.Event, seconds: float) -> None:
    """Wait for `news`, at most `seconds`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, seconds)):
            await news.wait()


class Tail:
    """The newest events, in memory, on one event loop."""

    def __init__(self, ledger: Ledger, rhythm: Rhythm) -> None:
        """Watch nothing yet; `run` does."""
        self._ledger = ledger
        self._rhythm = rhythm
        self._limiter = CapacityLimiter(THREADS)
        # A crowd that comes back at once must not keep the tail from looking, or nobody would ever be up to date.
        self._own_limiter = CapacityLimiter(1)
        self._readers: set[Reader] = set()
        self._crowd = Crowd()
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._watching = False
        self._floor = self._seen = 0
        self._tokens_checked = 0.0
        self.comment_seconds = rhythm.comment_seconds
        self.news = asyncio.Event()
        """Set at the next news, and then replaced; take it before looking, and nothing is missed."""
        self.closed = False
        self._knocked = asyncio.Event()
        self._tick_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def readers(self) -> int:
        """How many read now."""
        return len(self._readers)

    @contextmanager
    def joined(self, reader: Reader) -> Iterator[None]:
        """Count `reader` in; raises `Unavailable` where too many read already."""
        if len(self._readers) >= MOST_READERS:
            raise Unavailable(f"{MOST_READERS} readers of the stream are enough")
        self._readers.add(reader)
        try:
            yield
        finally:
            self._readers.discard(reader)

    def knock(self) -> None:
        """Have the tail look at once; may be called from any thread, and is nothing before `run`."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(self._knocked.set)

    def close(self) -> None:
        """End every stream at once; safe to call twice."""
        self.closed = True
        self._crowd.disperse()
        self._tell()

    async def run(self) -> None:
        """Watch until closed or cancelled."""
        self._loop = asyncio.get_running_loop()
        while not self.closed:
            pause = self._rhythm.look_seconds
            self._knocked.clear()
            try:
                self._tick()
                if self._readers:
                    await self._check_readers()
                    pause = 0.0 if await self._look() else pause
                else:
                    self._watching = False
            except Unavailable as error:
                log.warning("tail_blind", error=str(error))
                pause = TROUBLE_SECONDS
            except Exception:
                log.exception("tail_failed")
                pause = TROUBLE_SECONDS
            await happens(self._knocked, pause)
            # A crowd may be told of several events at once: to write to everybody takes as long as that.
            await asyncio.sleep(len(self._readers) * GATHER_SECONDS)

    async def after(self, position: int, reader: Reader) -> Page:
        """Return the next frames for `reader` after `position`, and the position up to which it has then seen all."""
        if not self._watching or position < self._floor:
            return await self._in_thread(read_page, self._ledger, position, reader)
        fresh: list[Frame] = []
        for frame in reversed(self._frames):
            if frame.position <= position:
                break
            if not reader.can_tell(frame):
                return await self._in_thread(read_page, self._ledger, position, reader)
            if reader.wants(frame):
                fresh.append(frame)
        return Page(fresh[::-1], max(position, self._seen))

    async def stand_by(self, reader: Reader, connection: asyncio.WriteTransport, position: int) -> int | None:
        """Write to `connection` what `reader` wants from `position` on, where the tail is too; return up to where.

        None, at once, where the tail is not at that position, or nobody is to stand by any more.
        """
        if not self._watching or position != self._seen or reader.over or self.closed:
            return None
        return await self._crowd.stand(reader, connection, position)

    async def asked_for(self, name: str) -> Asked | None:
        """Return the filter of a name, or of a subscription by its id; None if there is none."""
        return (await self._in_thread(self._filters, {name})).get(name)

    async def bounds(self) -> Bounds:
        """Return which positions there are."""
        return await self._in_thread(self._read_bounds)

    def _tick(self) -> None:
        """Wake everybody now and then, so that no reader needs a clock of its own to say that its stream lives."""
        now = asyncio.get_running_loop().time()
        if now >= self._tick_at:
            self._tick_at = now + self.comment_seconds / 4
            self._crowd.comment(now, self.comment_seconds)
            self._tell()

    async def _look(self) -> bool:
        """Look for news; return whether there may be more at once."""
        if not self._watching:
            last = (await self._by_itself(self._read_bounds)).last
            self._frames.clear()
            self._bytes, self._floor, self._seen, self._watching = 0, last, last, True
            self._tell()
            return False
        fresh = await self._by_itself(read_frames, self._ledger, self._seen, self._asked(), LOOK_LIMIT)
        for frame in fresh:
            self._keep(frame)
        if fresh:
            self._crowd.tell(fresh, asyncio.get_running_loop().time())
            self._tell()
        return len(fresh) == LOOK_LIMIT

    def _keep(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._bytes += len(frame.text)
        self._seen = frame.position
        while len(self._frames) > KEPT_FRAMES or self._bytes > KEPT_BYTES:
            oldest = self._frames.popleft()
            self._bytes -= len(oldest.text)
            self._floor = oldest.position

    async def _check_readers(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._tokens_checked < self._rhythm.token_seconds:
            return
        self._tokens_checked = now
        asked = {reader.key for reader in self._readers}
        live = await self._by_itself(self._live_tokens, asked)
        filters = await self._by_itself(self._filters, {one.name for one in self._asked() if one.name})
        ended = [reader for reader in self._readers if reader.key in asked - live]
        for reader in self._readers:
            if reader.asked is not None and reader.asked.name:
                found = filters.get(reader.asked.name, reader.asked)
                if found is None:
                    ended.append(reader)
                else:
                    reader.asked = found
        for reader in ended:
            reader.over = True
            self._crowd.send_out(reader)
        if ended:
            self._tell()

    def _asked(self) -> list[Asked]:
        return list({one.asked.version: one.asked for one in self._readers if one.asked is not None}.values())

    def _tell(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()

    async def _by_itself(self, work: Callable[..., T], *args: object) -> T:
        return await to_thread.run_sync(work, *args, limiter=self._own_limiter)

    async def _in_thread(self, work: Callable[..., T], *args: object) -> T:
        return await to_thread.run_sync(work, *args, limiter=self._limiter)

    def _read_bounds(self) -> Bounds:
        with self._ledger.reading() as uow:
            return Bounds(uow.events.first_position(), uow.events.last_position(), uow.restores.gaps())

    def _filters(self, names: set[str]) -> dict[str, Asked | None]:
        if not names:
            return {}
        with self._ledger.reading() as uow:
            return {name: asked_for(uow, name) for name in names}

    def _live_tokens(self, keys: set[str]) -> set[str]:
        with self._ledger.reading() as uow:
            return uow.tokens.live(keys, uow.now())
