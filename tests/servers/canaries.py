"""Canaries: listeners at private addresses that nobody may ask. Whoever connects to one is heard."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOME = "127.0.0.66"
HOME_6 = "::1"


class Canaries:
    """A listener at `HOME`, and at `HOME_6` where this machine has IPv6, on one port."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._listeners = [socket.create_server((HOME, 0))]
        self.port: int = self._listeners[0].getsockname()[1]
        with suppress(OSError):
            self._listeners.append(socket.create_server((HOME_6, self.port), family=socket.AF_INET6))
        self._threads = [threading.Thread(target=self._listen, args=(one,), daemon=True) for one in self._listeners]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        """Where one of them listens."""
        return f"http://{HOME}:{self.port}/latest/meta-data/"

    @property
    def forms(self) -> dict[str, str]:
        """The ways to spell where they listen, as the host and port of a URL; the names are `names`."""
        hosts = {
            "dotted": HOME,
            "decimal": "2130706498",
            "hexadecimal": "0x7f000042",
            "octal": "0177.0.0.0102",
            "short": "127.66",
            "mapped": f"[::ffff:{HOME}]",
            "IPv6": f"[{HOME_6}]",
            "a name": "canary.example",
            "one of two": "two.example",
        }
        return {name: f"{host}:{self.port}" for name, host in hosts.items()}

    @property
    def names(self) -> dict[str, list[str]]:
        """What a hostile name server says."""
        return {"canary.example": [HOME], "two.example": ["127.0.0.1", HOME]}

    def _listen(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = listener.accept()
                self.heard.append(listener.getsockname()[0])
                accepted.close()

    def stop(self) -> None:
        for one in self._listeners:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def listening() -> Iterator[Canaries]:
    """Let canaries listen; in the end none may have heard anybody."""
    canaries = Canaries()
    try:
        yield canaries
    finally:
        canaries.stop()
    assert canaries.heard == [], "a private address was asked"
