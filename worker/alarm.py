"""The alarm: records the beginnings and ends of episodes as events of their source.

The crawler sees that a column is silent, drifted or blocked and writes an episode; that is all it knows of. The leader
looks for episodes that nobody was told of. An event's cause is the episode's number, so that telling twice counts once.
"""

from datetime import datetime
from typing import Any

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.models import Episode
from shared.domain.events import SOURCE_BLOCKED, SOURCE_DRIFTED, SOURCE_RECOVERED, SOURCE_SILENT, Fact
from shared.domain.states import Ailment
from worker.difference import shortened
from worker.telling import Origin, event_row

log = structlog.get_logger()

RULES = {
    SOURCE_SILENT: "quiet-beyond-its-habit",
    SOURCE_DRIFTED: "listing-reads-otherwise",
    SOURCE_BLOCKED: "list-not-to-be-had",
    SOURCE_RECOVERED: "list-reads-as-it-did",
}
"""What decided, where the evidence names no rule of its own (`crawler.health`)."""
TYPES = {Ailment.SILENT: SOURCE_SILENT, Ailment.DRIFTED: SOURCE_DRIFTED, Ailment.BLOCKED: SOURCE_BLOCKED}


class Alarm:
    """Tells of episodes; the caller holds the leadership."""

    def __init__(self, ledger: Ledger) -> None:
        """Wire the alarm."""
        self._ledger = ledger

    def tell(self) -> int:
        """Record what episodes began or ended since the last time, in one transaction; return how many events."""
        with self._ledger.reading() as uow:
            if not uow.episodes.untold(1):
                return 0
        with self._ledger.begin() as uow:
            now = uow.now()
            rows = [row for episode in uow.episodes.untold() for row in _tell(uow, episode, now)]
            uow.events.append(rows)
            uow.commit()
        log.info("episodes_told", events=len(rows))
        return len(rows)


def _tell(uow: UnitOfWork, episode: Episode, now: datetime) -> list[dict[str, Any]]:
    rows = []
    if episode.told_at is None:
        rows.append(_event_row(uow, episode, TYPES[Ailment(episode.kind)], episode.began_at))
        episode.told_at = now
    if episode.ended_at is not None:
        rows.append(_event_row(uow, episode, SOURCE_RECOVERED, episode.ended_at))
        episode.end_told_at = now
    return rows


def _event_row(uow: UnitOfWork, episode: Episode, kind: str, at: datetime) -> dict[str, Any]:
    source, column = uow.sources.by_id(episode.source_id), uow.sources.column(episode.column_id)
    ended = kind == SOURCE_RECOVERED and episode.ended_at is not None
    judged = None if ended else episode.evidence.get("rule")
    data = {
        "rule": shortened(str(judged or RULES[kind])),
        "source": {
            "id": episode.source_id,
            "name": shortened(source.name) if source else None,
            "host": source.host if source else None,
            "href": f"/v1/sources/{episode.source_id}",
        },
        "column": {
            "id": episode.column_id,
            "name": shortened(column.name) if column else None,
            "url": column.url if column else None,
        },
        "episode": {
            "number": episode.number,
            "kind": episode.kind,
            "began_at": episode.began_at.isoformat(),
            "ended_at": episode.ended_at.isoformat() if ended and episode.ended_at else None,
        },
        "evidence": {name: shortened(one) if isinstance(one, str) else one for name, one in episode.evidence.items()},
    }
    fact = Fact(kind, episode.source_id, f"episode/{episode.number}", data)
    return event_row(fact, Origin(episode.source_id, episode.column_id, at))
