"""The timetable as this crawler knows it: made from all columns' habits, and made anew every quarter of an hour."""

from threading import Lock

from crawler.schedule import Budget, Timetable, learned_profile, restored
from crawler.schedule.latest import is_read_through
from shared.db import Ledger

FRESH_SECONDS = 900.0


class Pace:
    """Keeps the timetable; threads share it.

    It is made outside of any transaction that writes, for it may take a second.
    """

    def __init__(self, ledger: Ledger, budget: Budget) -> None:
        """Know nothing yet."""
        self._ledger = ledger
        self._budget = budget
        self._lock = Lock()
        self._timetable: Timetable | None = None
        self._made_at = 0.0

    def timetable(self) -> Timetable:
        """Return the timetable, at most `FRESH_SECONDS` old. Raises `Unavailable` if the database is down."""
        with self._lock:
            now = self._ledger.clock.monotonic()
            if self._timetable is None or now - self._made_at > FRESH_SECONDS:
                with self._ledger.reading() as uow:
                    known = uow.sources.habits()
                habits = [restored(kept) for kept, _ in known]
                seldom = sum(is_read_through(latest) for _, latest in known)
                paced = [restored(kept) for kept, latest in known if not is_read_through(latest)]
                before = self._timetable.profile if self._timetable else None
                self._timetable = Timetable(paced, self._budget, learned_profile(habits, before), seldom)
                self._made_at = now
            return self._timetable
