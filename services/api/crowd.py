"""The readers who have seen everything so far: what is new is made into bytes once, and written to all of them at once.

To wake a task for each reader, and to have it send the same bytes through every layer, cost several times what the
kernel takes to carry them. So whoever is up to date stands in the crowd and its task sleeps; the tail writes straight
to the connection. Who reads too slowly, or asked with a filter that was not tried, steps out and goes on by itself.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.api.frames import Frame, Reader

COMMENT = b": still here\n\n"
MOST_UNREAD = 64 * 1024
"""Bytes: whoever has not read as many yet steps out. As much as uvicorn lets a response have."""


@dataclass(eq=False)
class Place:
    """Where a reader stands: its connection, and the position up to which everything was written to that."""

    reader: Reader
    connection: asyncio.WriteTransport
    position: int
    written_at: float
    out: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the reader must go on by itself."""


class Crowd:
    """Those who are up to date, on one event loop."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._places: dict[Reader, Place] = {}

    async def stand(self, reader: Reader, connection: asyncio.WriteTransport, position: int) -> int:
        """Write to `connection` what `reader` wants after `position`; return up to where, once it must step out."""
        place = Place(reader, connection, position, asyncio.get_running_loop().time())
        self._places[reader] = place
        try:
            await place.out.wait()
        finally:
            self._places.pop(reader, None)
        return place.position

    def tell(self, frames: Sequence[Frame], now: float) -> None:
        """Write frames to everybody; they follow what was told before."""
        chunks: dict[tuple[frozenset[str], str | None], bytes | None] = {}
        for place in list(self._places.values()):
            reader = place.reader
            kind = (reader.types, reader.asked.version if reader.asked else None)
            if kind not in chunks:
                chunks[kind] = _wanted(frames, reader)
            text = chunks[kind]
            if text is None:
                self.send_out(reader)
                continue
            place.position = frames[-1].position
            if text:
                self._write(place, text, now)

    def comment(self, now: float, quiet_seconds: float) -> None:
        """Let everybody to whom nothing was written for so long know that the stream lives."""
        for place in list(self._places.values()):
            if now - place.written_at >= quiet_seconds:
                self._write(place, chunk(COMMENT), now)

    def send_out(self, reader: Reader) -> None:
        """Have a reader go on by itself, if it stands here."""
        place = self._places.pop(reader, None)
        if place is not None:
            place.out.set()

    def disperse(self) -> None:
        """Send everybody out."""
        for reader in list(self._places):
            self.send_out(reader)

    def _write(self, place: Place, text: bytes, now: float) -> None:
        if place.connection.is_closing():
            return  # its task is about to hear of that
        place.connection.write(text)
        place.written_at = now
        if place.connection.get_write_buffer_size() > MOST_UNREAD:
            self.send_out(place.reader)


def chunk(text: bytes) -> bytes:
    """Return a part of an HTTP/1.1 body that ends when it ends (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(text), text)


def _wanted(frames: Sequence[Frame], reader: Reader) -> bytes | None:
    """Return what a reader is sent of frames, None if they do not say what it wants."""
    if not all(reader.can_tell(frame) for frame in frames):
        return None
    text = b"".join(frame.text for frame in frames if reader.wants(frame))
    return chunk(text) if text else b""
