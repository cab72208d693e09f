"""Scripted troubles of a host: some replace the answer (block page, 429, bomb), some spoil its way (drip, reset)."""

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from services.simulation.answers import Answer, page
from services.simulation.moment import Clock, now
from services.simulation.pages import odd


@dataclass
class Trouble:
    """One trouble: it lasts `seconds` from its start, and at most `times` requests (None: any number).

    `path` limits it to paths that begin so; the robots file is spared unless `path` names it. `status` and
    `retry_after` (seconds, or any text) serve the kind "status"; "429" and "503" are short for it. `drip_seconds` is
    how long a slowed answer takes.
    """

    kind: str
    seconds: float = 60.0
    times: int | None = None
    path: str = "/"
    status: int = 503
    retry_after: str | int | None = None
    drip_seconds: float = 5.0
    ends_at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Unfold the short names, and refuse unknown ones."""
        if self.kind in ("429", "503"):
            self.kind, self.status = "status", int(self.kind)
        if self.kind not in REPLACEMENTS and self.kind not in DELIVERIES:
            raise ValueError(f"unknown trouble {self.kind!r}: one of {sorted([*REPLACEMENTS, *DELIVERIES])}")

    def concerns(self, path: str, now: float) -> bool:
        """Whether it is in force for `path` at the monotonic time `now`."""
        if now >= self.ends_at or self.times == 0:
            return False
        return path.startswith(self.path) and (path != "/robots.txt" or self.path == "/robots.txt")


class Troubles:
    """The troubles of all hosts; the oldest that concerns a request is the one it meets."""

    def __init__(self, clock: Clock = now) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._by_host: dict[str, list[Trouble]] = {}

    def add(self, host: str, trouble: Trouble) -> None:
        """Let `trouble` begin."""
        trouble.ends_at = self._clock().monotonic + trouble.seconds
        with self._guard:
            self._by_host.setdefault(host, []).append(trouble)

    def clear(self, host: str | None = None) -> None:
        """End all troubles of a host, or of every host."""
        with self._guard:
            for name in [host] if host else list(self._by_host):
                self._by_host.pop(name, None)

    def take(self, host: str, path: str) -> Trouble | None:
        """The trouble that a request for `path` meets, counted as met."""
        at = self._clock().monotonic
        with self._guard:
            for trouble in self._by_host.get(host, []):
                if trouble.concerns(path, at):
                    if trouble.times is not None:
                        trouble.times -= 1
                    return trouble
        return None


class Wire(Protocol):
    """The way to the client, as a delivery needs it; `send` raises ConnectionError when the client is gone."""

    def head(self, answer: Answer, length: int | None, extra: str = "") -> bytes:
        """The bytes of the head; `length` None leaves Content-Length out."""
        ...

    def send(self, chunk: bytes) -> None:
        """Send now."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass; raises ConnectionError as soon as the client has left or the site stops."""
        ...

    def reset(self) -> None:
        """End the connection with a reset."""
        ...

    def close(self) -> None:
        """End the connection after this answer."""
        ...


def _status(_: Answer, trouble: Trouble) -> Answer:
    answer = page(trouble.status, f"<html><body><h1>{trouble.status}</h1></body></html>")
    if trouble.retry_after is not None:
        answer.headers["Retry-After"] = str(trouble.retry_after)
    return answer


@cache
def bomb() -> bytes:
    """64 MiB of nothing, packed once: who packs while a client waits would notice late that it has left."""
    return gzip.compress(b"\0" * (64 << 20), compresslevel=9)


def _bomb(answer: Answer, _: Trouble) -> Answer:
    return Answer(200, {**answer.headers, "Content-Encoding": "gzip"}, bomb())


def _many_headers(answer: Answer, _: Trouble) -> Answer:
    return Answer(200, answer.headers | {f"X-Filler-{number}": "x" * 40 for number in range(150)}, answer.body)


def _redirect_loop(answer: Answer, trouble: Trouble) -> Answer:
    return Answer(302, {"Location": f"{trouble.path}?again={time.monotonic_ns()}"}, answer.body)


REPLACEMENTS: dict[str, Callable[[Answer, Trouble], Answer]] = {
    "status": _status,
    "block": lambda _, __: page(200, odd.challenge()),
    "soft_404": lambda _, __: page(200, odd.soft_404("清风网")),
    "maintenance": lambda _, __: page(200, odd.maintenance("清风网")),
    "redirect_loop": _redirect_loop,
    "bomb": _bomb,
    "many_headers": _many_headers,
}


def _reset(wire: Wire, _: Answer, __: Trouble) -> None:
    wire.reset()


def _hang(wire: Wire, _: Answer, trouble: Trouble) -> None:
    wire.close()
    wire.wait(max(0.0, trouble.ends_at - time.monotonic()))


def _delay(wire: Wire, answer: Answer, trouble: Trouble) -> None:
    wire.wait(trouble.drip_seconds)
    wire.send(wire.head(answer, len(answer.body)) + answer.body)


def _drip(wire: Wire, raw: bytes, seconds: float) -> None:
    steps = max(1, min(len(raw), int(seconds / 0.05)))
    size = -(-len(raw) // steps)
    for start in range(0, len(raw), size):
        wire.wait(seconds / steps)
        wire.send(raw[start : start + size])


def _slow(wire: Wire, answer: Answer, trouble: Trouble) -> None:
    wire.send(wire.head(answer, len(answer.body)))
    _drip(wire, answer.body, trouble.drip_seconds)


def _drip_headers(wire: Wire, answer: Answer, trouble: Trouble) -> None:
    filler = "".join(f"X-Slow-{number}: x\r\n" for number in range(20))
    _drip(wire, wire.head(answer, len(answer.body), filler), trouble.drip_seconds)
    wire.send(answer.body)


def _short(wire: Wire, answer: Answer, _: Trouble) -> None:
    wire.close()
    wire.send(wire.head(answer, len(answer.body) + 1000) + answer.body[: len(answer.body) // 2])


def _bad_chunks(wire: Wire, answer: Answer, _: Trouble) -> None:
    wire.close()
    head = wire.head(answer, None, "Transfer-Encoding: chunked\r\n")
    wire.send(head + b"10\r\n" + answer.body[:16] + b"\r\nNOT-HEX\r\n" + answer.body[16:32])


def _endless(wire: Wire, answer: Answer, _: Trouble) -> None:
    wire.close()
    wire.send(wire.head(answer, 1 << 30))
    for _round in range(1 << 14):
        wire.send(b"x" * (1 << 16))


DELIVERIES: dict[str, Callable[[Wire, Answer, Trouble], None]] = {
    "reset": _reset,
    "hang": _hang,
    "delay": _delay,
    "slow": _slow,
    "drip_headers": _drip_headers,
    "short": _short,
    "bad_chunks": _bad_chunks,
    "endless": _endless,
}
