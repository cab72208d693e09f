"""Drawer of the four ages: each tells how long the oldest work of one kind has waited, straight from the rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, inspect, or_, select
from sqlalchemy.orm import Session

from shared.db.models import (
    Column,
    Delivery,
    Event,
    Fetch,
    Notice,
    RelayState,
    Revision,
    Searchable,
    Source,
    Subscription,
    Target,
)
from shared.domain.events import TOLD_OF_TIMES
from shared.domain.states import DeliveryState, SubscriptionState, TargetKind


@dataclass(frozen=True)
class FourAges:
    """Seconds that the oldest of each kind has waited; None where none waits."""

    most_overdue_target: float | None
    oldest_unprocessed_fetch: float | None
    oldest_unrelayed_event: float | None
    oldest_due_delivery: float | None


class Ages:
    """Health, as the database sees it."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def four(self, now: datetime) -> FourAges:
        """Return the four ages at `now`."""
        target = (
            select(func.min(Target.due_at))
            .join(Source, Source.id == Target.source_id)
            .where(
                Target.due_at <= now,
                # What a backfill asks for is not late while it waits for everything else.
                or_(Target.backfill_id.is_(None), and_(Target.kind != TargetKind.BACKFILL, Target.fetch_count > 0)),
                Source.paused_at.is_(None),
                or_(Target.leased_until.is_(None), Target.leased_until < now),
            )
        )
        owed = and_(Fetch.rung_at.is_not(None), Fetch.processed_at.is_(None), Fetch.quarantined_at.is_(None))
        fetch = select(func.min(Fetch.started_at)).where(owed)
        # What the leader tells of times gone by is not old because they are; it relays it at once.
        waits = and_(Event.position.is_(None), Event.type.not_in(TOLD_OF_TIMES))
        event = select(func.min(Event.occurred_at)).where(waits)
        delivery = (
            select(func.min(Delivery.next_attempt_at))
            .join(Subscription, Subscription.id == Delivery.subscription_id)
            .where(Delivery.state == DeliveryState.DUE, Subscription.state == SubscriptionState.ACTIVE)
        )
        return FourAges(*(_age(self._session.scalar(query), now) for query in (target, fetch, event, delivery)))

    def relay_beat(self, now: datetime) -> float | None:
        """Return seconds since a relay last showed that it leads; None if none ever did."""
        return _age(self._session.scalar(select(RelayState.beat_at)), now)

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of the main nouns, for the metrics and the summary."""
        tables = {
            "sources": Source,
            "columns": Column,
            "targets": Target,
            "fetches": Fetch,
            "notices": Notice,
            "revisions": Revision,
            "events": Event,
            "deliveries": Delivery,
        }
        return {
            name: self._session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
        }

    def by_state(self) -> dict[str, dict[str, int]]:
        """Return, for each noun that has states, how many rows are in each; fetches by outcome."""
        states = {
            "notices": Notice.state,
            "subscriptions": Subscription.state,
            "deliveries": Delivery.state,
            "fetches": Fetch.outcome,
        }
        found: dict[str, dict[str, int]] = {}
        for noun, state in states.items():
            rows = self._session.execute(select(state, func.count()).group_by(state))
            found[noun] = {row[0]: row[1] for row in rows}
        return found

    def quarantined(self) -> int:
        """Return how many fetches are set aside."""
        aside = Fetch.quarantined_at.is_not(None)
        return self._session.scalar(select(func.count()).select_from(Fetch).where(aside)) or 0

    def search_indexed(self) -> bool:
        """Tell whether the index is there that makes the search quick: a restored database may lack its extension."""
        look = inspect(self._session.connection())
        if self._session.get_bind().dialect.name == "sqlite":
            return look.has_table("searchable_index")
        return any(index["name"] == "ix_searchable_text" for index in look.get_indexes(Searchable.__tablename__))

    def column_warnings(self, limit: int = 50) -> list[tuple[str, str]]:
        """Return (URL, warning) of columns whose last listing was odd."""
        query = select(Column.url, Column.warning).where(Column.warning.is_not(None)).order_by(Column.url).limit(limit)
        return [(url, warning or "") for url, warning in self._session.execute(query)]


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())
