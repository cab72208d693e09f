"""A TCP proxy that can pass, delay, reset, swallow or cut what flows between our processes and their servers."""

import select
import socket
import threading
import time
from types import TracebackType

from services.simulation.sockets import STEP_SECONDS, break_off, hang_up, join_all, ready

MODES = ("pass", "delay", "reset", "blackhole")
STOP_SECONDS = 5.0


class Link:
    """One client's connection and ours to the target; two threads carry the bytes, one each way."""

    def __init__(self, proxy: "FaultProxy", client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._target: socket.socket | None = None
        self._over = threading.Event()
        self._unheard = threading.Event()
        self._guard = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def end(self, reset: bool) -> None:
        """Close both sides: orderly, or with a reset."""
        with self._guard:
            for sock in (self._client, self._target):
                if sock is not None and reset:
                    break_off(sock)
            self._over.set()

    def _run(self) -> None:
        try:
            while not self._over.is_set() and self._proxy.mode == "blackhole":
                self._over.wait(STEP_SECONDS)  # the connection is made, and nobody answers
            if self._over.is_set():
                return
            target = socket.create_connection(self._proxy.target, timeout=5)
            target.settimeout(None)
            with self._guard:
                self._target = target
            for sock in (self._client, target):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._carry, args=(target, self._client), daemon=True)
            back.start()
            self._carry(self._client, target)
            back.join()
        except OSError:
            break_off(self._client)  # the target refuses: so do we
        finally:
            self._close()
            self._proxy.forget(self)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while not self._over.is_set():
                if self._proxy.mode == "reset":
                    raise ConnectionResetError
                if self._proxy.mode == "blackhole":
                    self._over.wait(STEP_SECONDS)  # unread bytes wait in the kernel, as on a dead line that heals
                    continue
                if ready(source, select.POLLIN, STEP_SECONDS):
                    chunk = source.recv(1 << 16)
                    if not chunk:
                        sink.shutdown(socket.SHUT_WR)
                        return
                    self._hold()
                    self._lose_answer(source, chunk)
                    self._push(sink, chunk)
        except OSError:
            self.end(reset=True)  # one side broke off: so does the other

    def _hold(self) -> None:
        if self._proxy.mode == "delay":
            self._over.wait(self._proxy.delay_seconds)
        while self._proxy.mode == "blackhole" and not self._over.is_set():
            self._over.wait(STEP_SECONDS)

    def _lose_answer(self, source: socket.socket, chunk: bytes) -> None:
        """Let the question pass whose answer is to be lost, and break off in place of the answer."""
        if source is self._client:
            if self._proxy.is_to_be_unheard(chunk):
                self._unheard.set()
        elif self._unheard.is_set():
            raise ConnectionResetError

    def _push(self, sink: socket.socket, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest and not self._over.is_set():
            if ready(sink, select.POLLOUT, STEP_SECONDS):
                rest = rest[sink.send(rest, socket.MSG_DONTWAIT) :]

    def _close(self) -> None:
        with self._guard:
            self._client.close()
            if self._target is not None:
                self._target.close()


class FaultProxy:
    """Listens on loopback and carries connections to a target; `mode` may be changed at any time.

    pass: bytes flow. delay: each piece waits `delay_seconds`. reset: connections end with RST, new ones too.
    blackhole: connections are accepted and nothing flows; switched back to pass, what was sent arrives.
    """

    def __init__(self, target_host: str, target_port: int, listen: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        """Bind and listen at once; a client that comes before `start` waits."""
        self.target = (target_host, target_port)
        self.mode = "pass"
        self.delay_seconds = 0.0
        self.accepted = 0
        self._to_lose: bytes | None = None
        self._guard = threading.Lock()
        self._links: set[Link] = set()
        self._stopping = threading.Event()
        self._listener = socket.create_server(listen, backlog=128)
        self.host, self.port = str(self._listener.getsockname()[0]), int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> "FaultProxy":
        """Accept connections."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close everything; every thread has ended afterwards."""
        self._stopping.set()
        hang_up(self._listener)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._listener.close()
        self._end_links(reset=True)

    def __enter__(self) -> "FaultProxy":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def set_mode(self, mode: str, delay_seconds: float = 0.0) -> None:
        """Change the mode; "reset" also ends the connections that exist, "cut" closes them and changes no more."""
        if mode == "cut":
            self._end_links(reset=False)
            return
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}: one of {[*MODES, 'cut']}")
        self.delay_seconds, self.mode = delay_seconds, mode
        if mode == "reset":
            self._end_links(reset=True)

    def lose_next_answer(self, to: bytes) -> None:
        """Carry the next piece that holds `to` to the target, and end its connection with RST in place of the answer.

        So a transaction is committed, and whoever committed it does not learn of it.
        """
        with self._guard:
            self._to_lose = to

    @property
    def is_losing(self) -> bool:
        """Whether the answer that is to be lost has not been asked for yet."""
        return self._to_lose is not None

    def is_to_be_unheard(self, chunk: bytes) -> bool:
        """Tell, once, that the answer to `chunk` is the one to be lost."""
        with self._guard:
            if self._to_lose is None or self._to_lose not in chunk:
                return False
            self._to_lose = None
            return True

    @property
    def connections(self) -> int:
        """How many connections are carried now."""
        with self._guard:
            return len(self._links)

    def forget(self, link: Link) -> None:
        """A link has ended."""
        with self._guard:
            self._links.discard(link)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                if not self._stopping.is_set():
                    time.sleep(STEP_SECONDS)
                continue
            self.accepted += 1
            if self.mode == "reset" or self._stopping.is_set():
                break_off(client)
                client.close()
                continue
            link = Link(self, client)
            with self._guard:
                self._links.add(link)
                link.thread.start()

    def _end_links(self, reset: bool) -> None:
        with self._guard:
            links = list(self._links)
        for link in links:
            link.end(reset)
        join_all([link.thread for link in links], STOP_SECONDS)


def parse_address(text: str) -> tuple[str, int]:
    """("127.0.0.1", 6379) of "127.0.0.1:6379"."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"not HOST:PORT: {text!r}")
    return host, int(port)
