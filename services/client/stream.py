"""Server-sent events, read by the standard's own steps (WHATWG HTML, 9.2.6): half an event at the end is none."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Told(NamedTuple):
    """One event of the stream: its id, its name, and its data, read as JSON."""

    id: str
    name: str
    data: Any


def told(lines: Iterable[bytes]) -> Iterator[Told]:
    """Yield the events in `lines`, which keep their ends."""
    name, last_id = "", ""
    data: list[str] = []
    for raw in lines:
        if not raw.endswith(b"\n"):
            return
        line = raw.decode().rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Told(last_id, name or "message", json.loads("\n".join(data)))
            name, data = "", []
        elif field == "id":
            last_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
