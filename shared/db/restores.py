"""Drawer of restores: when the ledger was brought back from a backup, and which positions are left out since."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.db.models import Event, RelayState, Restore
from shared.domain.events import id_after

GAP = 1_000_000_000
"""Positions go on at the next multiple of it: more than anybody can have been told of since the backup."""


class Gap(NamedTuple):
    """Positions after `after` and before `resumes_after` may have been handed out, but not by what is stored here."""

    after: int
    resumes_after: int

    def holds(self, position: int) -> bool:
        """Tell whether a reader who stands there may have heard what is not known here."""
        return self.after < position < self.resumes_after


class Restores:
    """Restores of this ledger."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def gaps(self) -> Sequence[Gap]:
        """Return what is left out, the oldest first."""
        query = select(Restore.after_position, Restore.resumes_after).order_by(Restore.number)
        return [Gap(*row) for row in self._session.execute(query)]

    def note(self, at: datetime) -> Gap:
        """Note that the ledger has just been restored; nothing else may be at work on it. Positions leave a gap.

        Events that were recorded and had no position yet may have been told under one since, so they get other ids.
        """
        number = (self._session.scalar(select(func.max(Restore.number))) or 0) + 1
        known = self._session.scalar(select(RelayState.last_position)) or 0
        gap = Gap(known, (known // GAP + 1) * GAP)
        self._session.add(Restore(number=number, after_position=gap.after, resumes_after=gap.resumes_after, at=at))
        if self._session.scalar(select(RelayState.id)) is None:
            self._session.add(RelayState(id=1, last_position=gap.resumes_after))
        self._session.execute(update(RelayState).values(last_position=gap.resumes_after))
        for event in self._session.scalars(select(Event).where(Event.position.is_(None))):
            event.id = id_after(event.id, number)
        self._session.flush()
        return gap
