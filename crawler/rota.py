"""The rota: which host a thread of the crawler turns to next, of all that have work due.

A host that a thread of ours has in hand is nobody else's to try, and has its next place when it is put back; so hosts
are looked for once a second, and not at every visit.
"""

from collections import deque
from threading import Lock

from shared.db import Ledger

HOSTS_LOOKED_AT = 2000
FRESH_SECONDS = 1.0
"""For how long the list of hosts with work due is good: what becomes due meanwhile waits no longer than that."""


class Rota:
    """Hosts with work due, those that waited longest first; the threads of a crawler share it."""

    def __init__(self, ledger: Ledger) -> None:
        """Know of no host yet."""
        self._ledger = ledger
        self._lock = Lock()
        self._waiting: deque[str] = deque()
        self._in_hand: set[str] = set()
        self._looked_at = float("-inf")
        self._visited = True

    def take(self) -> str | None:
        """Return a host to try, which is in hand until it is put back; None once all that are known were tried."""
        with self._lock:
            now = self._ledger.clock.monotonic()
            through = not self._waiting and not self._in_hand
            if (through and self._visited) or now - self._looked_at > FRESH_SECONDS:
                self._look()
                self._looked_at, self._visited = now, False
            elif through:
                self._visited = True  # nothing could be visited: the next round looks again
            if not self._waiting:
                return None
            host = self._waiting.popleft()
            self._in_hand.add(host)
            return host

    def put_back(self, host: str, *, visited: bool) -> None:
        """Let go of a host; after a visit it may have more to be done, and else is not tried again for a while."""
        with self._lock:
            self._in_hand.discard(host)
            if visited:
                self._visited = True
                self._waiting.append(host)

    def _look(self) -> None:
        with self._ledger.reading() as uow:
            due = uow.claims.due_hosts(uow.now(), HOSTS_LOOKED_AT)
        self._waiting = deque(host for host in due if host not in self._in_hand)
