"""Two who record events at once, as workers do: each has notices of its own, and their transactions overlap."""

import threading
from collections.abc import Callable
from contextlib import suppress
from random import Random

from shared.db import Ledger
from shared.domain.events import NOTICE_RESTORED, NOTICE_WITHDRAWN, Fact
from shared.errors import Unavailable
from tests.resilience.receivers import CHOSEN
from worker.telling import Origin, event_row

NOTICES = 6
"""Of each writer."""
PAUSE_SECONDS = 0.2
LONGEST_SECONDS = 0.1
"""That a transaction lasts, on PostgreSQL: what was recorded first may become visible last."""


class Writers:
    """The two of them, until so many events are recorded."""

    def __init__(self, ledger: Ledger, events: int) -> None:
        """Write nothing yet."""
        self._ledger, self._each = ledger, events // 2
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(name,), daemon=True) for name in ("a", "b")]

    def start(self) -> None:
        """Begin."""
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        for one in self._threads:
            if one.is_alive():
                one.join(60)

    def _write(self, name: str) -> None:
        random = Random(name)
        longest = LONGEST_SECONDS if self._ledger.engine.dialect.name == "postgresql" else 0.0
        for number in range(1, 1 + self._each):
            with suppress(Unavailable):
                record(self._ledger, f"ntc_{name}{random.randrange(NOTICES)}", number, random.uniform(0, longest))
                if number % 5 == 0 and name == "a":
                    record(self._ledger, CHOSEN, number)
            if self._over.wait(PAUSE_SECONDS):
                return


def record(ledger: Ledger, notice: str, number: int, lasting: float = 0.0) -> None:
    """Record an event of a notice, in a transaction that lasts so many seconds more."""
    kind = NOTICE_WITHDRAWN if number % 2 else NOTICE_RESTORED
    fact = Fact(kind, notice, f"fet_{number}", {"notice": {"title": f"{notice}#{number}"}})
    with ledger.begin() as uow:
        uow.events.append([event_row(fact, Origin("src_1", None, uow.now())) | {"dataschema": None}])
        if lasting:
            threading.Event().wait(lasting)
        uow.commit()


def insist(step: Callable[[], object]) -> None:
    """Do what changes nothing where the database does not answer, again until it does: a frozen writer holds SQLite."""
    for _ in range(10):
        with suppress(Unavailable):
            step()
            return
    step()
