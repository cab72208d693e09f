"""Canaries: listeners on private addresses that nobody may ever reach, whatever an answer or an address says."""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Canary:
    """A listener; `heard` is who connected to it."""

    def __init__(self, address: str = "127.0.0.77") -> None:
        """Listen at once, on a free port of a loopback address."""
        self.heard: list[str] = []
        self._listener = socket.create_server((address, 0))
        self.url = f"http://{address}:{self._listener.getsockname()[1]}/latest/meta-data/"
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                connected, peer = self._listener.accept()
                self.heard.append(f"{peer[0]}:{peer[1]} came to {self.url}")
                connected.close()

    def __enter__(self) -> "Canary":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
