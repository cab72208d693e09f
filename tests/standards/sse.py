"""A parser of event streams by the letter of WHATWG HTML, 9.2.5 and 9.2.6, which forgives nothing that they do not.

A browser ignores what it does not know; here a field that the standard has no name for, a retry that is no number, an
id with a NUL, or bytes that are no UTF-8 are errors: we wrote them.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass


class Malformed(Exception):
    """The stream breaks the standard's grammar."""


@dataclass(frozen=True)
class Dispatched:
    """A message event, as a reader is told of it."""

    type: str
    data: str
    last_event_id: str


class EventSource:
    """One connection after the other, as an EventSource makes them: the last event id outlives each."""

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.reconnection_time: int | None = None
        self.comments: list[str] = []
        self.connect()

    def connect(self) -> None:
        """Begin a new connection: what was half read of the last one is dropped."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._rest, self._first = "", True
        self._id = self.last_event_id
        self._type, self._data = "", ""

    def feed(self, chunk: bytes) -> Iterator[Dispatched]:
        """Yield what a part of the stream, of any length, completes."""
        try:
            self._rest += self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8: {error}") from error
        while (line := self._line()) is not None:
            yield from self._process(line)

    def _line(self) -> str | None:
        """Take one line off: it ends with CRLF, LF or CR; a CR at the very end may be half of a CRLF."""
        if self._first and self._rest:
            self._rest, self._first = self._rest.removeprefix("\ufeff"), False
        ends = [place for place in (self._rest.find("\r"), self._rest.find("\n")) if place >= 0]
        if not ends or (self._rest[min(ends)] == "\r" and min(ends) == len(self._rest) - 1):
            return None
        end = min(ends)
        line, width = self._rest[:end], 2 if self._rest[end : end + 2] == "\r\n" else 1
        self._rest = self._rest[end + width :]
        return line

    def _process(self, line: str) -> Iterator[Dispatched]:
        if not line:
            yield from self._dispatch()
            return
        if line.startswith(":"):
            self.comments.append(line[1:])
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "event":
                self._type = value
            case "data":
                self._data += value + "\n"
            case "id":
                if "\0" in value:
                    raise Malformed("an id holds a NUL")
                self._id = value
            case "retry":
                if not (value.isascii() and value.isdigit()):
                    raise Malformed(f"retry is no number: {value!r}")
                self.reconnection_time = int(value)
            case _:
                raise Malformed(f"no such field: {line!r}")

    def _dispatch(self) -> Iterator[Dispatched]:
        self.last_event_id = self._id
        kind, data = self._type or "message", self._data
        self._type, self._data = "", ""
        if data:
            yield Dispatched(kind, data.removesuffix("\n"), self.last_event_id)
