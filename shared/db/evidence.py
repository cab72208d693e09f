"""Drawer of evidence: what was said on the wire, and fetches in the order of time with all that proves them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import Fetch, Spoken, Target
from shared.db.prepared import insertion
from shared.domain.states import Outcome

_KEEP = insertion(Spoken, tuple(column.name for column in Spoken.__table__.columns))


class Exhibit(NamedTuple):
    """A fetch that was answered, and its headers (None where a release before this made it)."""

    fetch: Fetch
    spoken: Spoken | None


class Evidence:
    """What can be shown of fetches."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def keep(self, spoken: Mapping[str, Any]) -> None:
        """Record what was said in a fetch (the row of a `Spoken`); the fetch is recorded already."""
        _KEEP.run(self._session, spoken)

    def exhibits(
        self, *, source_id: str | None = None, since: datetime | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Exhibit]:
        """Return up to `limit` answered fetches in order of id (which is that of recording), starting after `after`."""
        query = select(Fetch, Spoken).outerjoin(Spoken, Spoken.fetch_id == Fetch.id)
        query = query.where(Fetch.id > after, Fetch.status.is_not(None))
        if source_id is not None:
            query = query.join(Target, Target.id == Fetch.target_id).where(Target.source_id == source_id)
        if since is not None:
            query = query.where(Fetch.started_at >= since)
        return [Exhibit(*row) for row in self._session.execute(query.order_by(Fetch.id).limit(limit))]

    def captured_before(self, fetch: Fetch) -> Fetch | None:
        """Return the newest fetch of the same target before `fetch` that brought bytes, whose they still are."""
        query = select(Fetch).where(Fetch.target_id == fetch.target_id, Fetch.number < fetch.number)
        query = query.where(Fetch.outcome == Outcome.CAPTURED, Fetch.digest.is_not(None))
        return self._session.scalar(query.order_by(Fetch.number.desc()).limit(1))
