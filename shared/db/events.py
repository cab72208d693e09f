"""Drawer of events: the outbox, its stamping by the relay, and reading by position."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from shared.db.models import Event, RelayState, Restore
from shared.db.statements import insert, insert_by
from shared.domain.events import id_after
from shared.domain.filters import Filter

_STATE = 1
_events: Any = Event.__table__  # past the mapper, which takes twice as long for many rows


class Events:
    """Facts, in the past tense."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Record facts; one that is there already (the same type, subject and cause) is not recorded twice."""
        if not rows:
            return
        restore = self._session.scalar(select(func.max(Restore.number))) or 0
        known = [row | {"id": id_after(row["id"], restore)} for row in rows]
        # Both of its keys name a fact, and either may be found taken first.
        self._session.execute(insert_by(self._session.get_bind().dialect.name, _events).on_conflict_do_nothing(), known)

    def lock_positions(self) -> int:
        """Hold the row that hands out positions until the transaction ends; return the last one handed out."""
        query = select(RelayState.last_position).where(RelayState.id == _STATE).with_for_update()
        last = self._session.scalar(query)
        if last is None:
            first = insert(self._session, RelayState).values(id=_STATE, last_position=0)
            self._session.execute(first.on_conflict_do_nothing(index_elements=["id"]))
            last = self._session.execute(query).scalar_one()
        return last

    def any_unstamped(self) -> bool:
        """Tell whether any event has no position yet."""
        query = select(Event.serial).where(Event.position.is_(None)).limit(1)
        return self._session.scalar(query) is not None

    def unstamped(self, limit: int) -> Sequence[Event]:
        """Return events without a position in order of recording."""
        query = select(Event).where(Event.position.is_(None)).order_by(Event.serial).limit(limit)
        return self._session.scalars(query).all()

    def stamp(self, events: Sequence[Event], last_position: int, at: datetime) -> int:
        """Give `events` the positions after `last_position`, without a gap; return the last. The row must be locked."""
        rows = [{"of": event.serial, "number": number} for number, event in enumerate(events, last_position + 1)]
        if rows:
            stamped = update(_events).values(position=bindparam("number"), stamped_at=at)
            self._session.execute(stamped.where(_events.c.serial == bindparam("of")), rows)
        last = last_position + len(rows)
        self._session.execute(update(RelayState).where(RelayState.id == _STATE).values(last_position=last))
        return last

    def beat(self, at: datetime, *, swept: bool = False) -> None:
        """Note that the leader is alive, and whether it has just swept."""
        self.lock_positions()
        values: dict[str, Any] = {"beat_at": at} | ({"swept_at": at} if swept else {})
        self._session.execute(update(RelayState).where(RelayState.id == _STATE).values(**values))

    def after(
        self, position: int, *, types: Sequence[str] = (), wanted: Filter | None = None, limit: int = 100
    ) -> Sequence[Event]:
        """Return up to `limit` stamped events after `position`, in order; only `types`, if any are named.

        Of a filter, the conditions are asked that the rows themselves answer; it may want fewer.
        """
        query = select(Event).where(Event.position > position)
        # An expression, for only the order of positions ends with the page: by the index of types all that there ever
        # were of them would be read and sorted.
        kind = Event.type.concat("")
        if types:
            query = query.where(kind.in_(types))
        if wanted is not None:
            asked = {kind: wanted.types, Event.source_id: wanted.sources, Event.column_id: wanted.columns}
            query = query.where(*(column.in_(values) for column, values in asked.items() if values))
            query = query if wanted.republications else query.where(Event.republication.is_(False))
        return self._session.scalars(query.order_by(Event.position).limit(limit)).all()

    def last_position(self) -> int:
        """Return the last position handed out (0 before the first)."""
        return self._session.scalar(select(RelayState.last_position).where(RelayState.id == _STATE)) or 0

    def first_position(self) -> int | None:
        """Return the lowest position kept, or None where no event is."""
        return self._session.scalar(select(func.min(Event.position)))

    def gone_up_to(self) -> int:
        """Return the highest position that is no longer kept; 0 where none has gone."""
        return (self.first_position() or 1) - 1

    def missed(self, after: int) -> int | None:
        """Return up to where events are gone that whoever has heard up to `after` has not; None where none is.

        Whoever asks from 0 on asks for what there is.
        """
        gone = self.gone_up_to()
        return gone if 0 < after < gone else None

    def may_be_gone_since(self, at: datetime) -> bool:
        """Tell whether events may be gone that got their positions at a time or later.

        What is gone came before the first that is kept, and nobody knows any more by how much.
        """
        first = self._session.scalar(select(Event.stamped_at).where(Event.position == self.first_position()))
        return self.gone_up_to() > 0 and (first is None or at <= first)

    def last_up_to(self, position: int) -> int | None:
        """Return the highest position kept that is not above `position`; None where there is none."""
        return self._session.scalar(select(func.max(Event.position)).where(Event.position <= position))

    def first_since(self, at: datetime) -> int:
        """Return the first position given at a time or later; where there is none yet, the next one."""
        first = self._session.scalar(select(func.min(Event.position)).where(Event.stamped_at >= at))
        return self.last_position() + 1 if first is None else first

    def by_id(self, event_id: str) -> Event | None:
        """Return the event, if there is one."""
        return self._session.scalar(select(Event).where(Event.id == event_id))

    def of_subject(self, subject: str, limit: int = 50) -> Sequence[Event]:
        """Return the events of one notice or source, the newest first."""
        query = select(Event).where(Event.partition_key == subject).order_by(Event.serial.desc()).limit(limit)
        return self._session.scalars(query).all()
