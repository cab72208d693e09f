"""Drawer of calls: the targets by which the lists of pages are asked for that do not show them."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from shared.db.claims import Claimed
from shared.db.frontier import Frontier, Link
from shared.db.models import Target
from shared.domain.states import TargetKind

CALL_FAILS = "its call fails"
"""Why a listing's page is due: the call that it named brings nothing."""


class Calls:
    """Which call stands in for which page; a call is a listing's target whose parent is the page."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def name(self, page: Claimed, link: Link, now: datetime) -> None:
        """Let the list of the listing's `page` be asked for by the call `link`, and by no other that it named before.

        A call that it names again is not due because of that: it keeps its own pace.
        """
        scope = {"source_id": page.source_id, "column_id": page.column_id}
        Frontier(self._session).add_listing(**scope, link=link, page=1, now=now, parent_id=page.id)
        asleep = and_(_first_of(page.id), Target.url == link.key, Target.due_at.is_(None))
        self._session.execute(update(Target).where(asleep).values(due_at=now, due_reason="the page names it again"))
        self.drop(page.id, keep=link.key)

    def drop(self, page_id: str, keep: str | None = None) -> None:
        """Ask by none of the calls that a listing's page named, but for `keep`."""
        others = and_(_first_of(page_id), Target.url != (keep or ""), Target.due_at.is_not(None))
        values = {"due_at": None, "due_reason": "its page names it no longer"}
        self._session.execute(update(Target).where(others).values(**values))

    def stand_in_for(self, page_id: str) -> bool:
        """Tell whether the list of a listing's page is asked for by a call."""
        awake = and_(_first_of(page_id), Target.due_at.is_not(None))
        return self._session.scalar(select(Target.id).where(awake).limit(1)) is not None

    def doubt(self, page_id: str, not_since: datetime, now: datetime) -> None:
        """Make a listing's page due now, unless it was looked at since `not_since`: it may name another call."""
        long_ago = or_(Target.last_fetch_at.is_(None), Target.last_fetch_at < not_since)
        waiting = and_(Target.id == page_id, long_ago, Target.due_at > now)
        self._session.execute(update(Target).where(waiting).values(due_at=now, due_reason=CALL_FAILS))


def _first_of(page_id: str) -> Any:
    return and_(Target.parent_id == page_id, Target.kind == TargetKind.LISTING, Target.page == 1)
