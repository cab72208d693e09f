"""Small truths about sockets: wait for one with a bound, notice a peer that left, break off with a reset."""

import contextlib
import select
import socket
import struct
import threading
import time

STEP_SECONDS = 0.05


def ready(sock: socket.socket, event: int, seconds: float) -> bool:
    """Wait up to `seconds` for `event` (select.POLLIN or POLLOUT); errors and hang-ups count as ready."""
    poll = select.poll()  # poll, not select: descriptors above 1023 are common under load
    poll.register(sock, event)
    return bool(poll.poll(max(0.0, seconds) * 1000))


def peer_left(sock: socket.socket, seconds: float) -> bool:
    """Wait up to `seconds`; True as soon as the peer has closed or reset, False if it is still there."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not ready(sock, select.POLLIN, left):
            return False
        try:
            if not sock.recv(1, socket.MSG_PEEK):
                return True
        except OSError:
            return True
        time.sleep(min(left, STEP_SECONDS))  # pipelined bytes wait to be read: look again a little later
    return False


def break_off(sock: socket.socket) -> None:
    """Make the next close of `sock` a reset (RST) in place of an orderly end (FIN)."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(sock: socket.socket) -> None:
    """Wake whoever waits on `sock` and tell the peer that nothing more will come or be read."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def join_all(threads: list[threading.Thread], seconds: float) -> None:
    """Wait for `threads`, all together at most `seconds`."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
