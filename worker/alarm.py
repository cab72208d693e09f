"""The alarm: records the beginnings and ends of episodes as events of their source.

The crawler sees that a column is silent, drifted or blocked and writes an episode; that is all it knows of. The leader
looks for episodes that nobody was told of. An event's cause is the episode's number, so that telling twice counts once.
"""

from datetime import datetime
from typing import Any, NamedTuple

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.models import Episode
from shared.domain.events import SOURCE_BLOCKED, SOURCE_DRIFTED, SOURCE_RECOVERED, SOURCE_SILENT, Fact
from shared.domain.states import Ailment
from worker.dates import lateness
from worker.difference import shortened
from worker.telling import Origin, event_row

log = structlog.get_logger()

RULES = {
    SOURCE_SILENT: "quiet-beyond-its-habit",
    SOURCE_DRIFTED: "listing-reads-otherwise",
    SOURCE_BLOCKED: "list-not-to-be-had",
}
"""What decided, where the evidence names no rule of its own (`crawler.health`)."""
ENDS = {Ailment.SILENT: "news-again", Ailment.DRIFTED: "list-reads-as-it-did", Ailment.BLOCKED: "list-to-be-had-again"}
"""What decided that it is over."""
TYPES = {Ailment.SILENT: SOURCE_SILENT, Ailment.DRIFTED: SOURCE_DRIFTED, Ailment.BLOCKED: SOURCE_BLOCKED}


class Telling(NamedTuple):
    """What is told of an episode's beginning or end, when that was to be told, and when it is."""

    type: str
    data: dict[str, Any]
    due_at: datetime
    now: datetime


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
    rows, kind = [], Ailment(episode.kind)
    evidence = {name: shortened(one) if isinstance(one, str) else one for name, one in episode.evidence.items()}
    # The visits that saw its beginning and its end; episodes of earlier releases know none.
    began_by, ended_by = evidence.pop("fetch", None), evidence.pop("end_fetch", None)
    if episode.told_at is None:
        rule = str(evidence.get("rule") or RULES[TYPES[kind]])
        told = {"rule": rule, "evidence": evidence, "fetch": began_by}
        rows.append(_event_row(uow, episode, Telling(TYPES[kind], told, episode.began_at, now)))
        episode.told_at = now
    if episode.ended_at is not None:
        told = {"rule": ENDS[kind], "evidence": evidence, "fetch": ended_by}
        rows.append(_event_row(uow, episode, Telling(SOURCE_RECOVERED, told, episode.ended_at, now)))
        episode.end_told_at = now
    return rows


def _event_row(uow: UnitOfWork, episode: Episode, telling: Telling) -> dict[str, Any]:
    source, column = uow.sources.by_id(episode.source_id), uow.sources.column(episode.column_id)
    ended_at = episode.ended_at if telling.type == SOURCE_RECOVERED else None
    data = telling.data | {
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
            "ended_at": ended_at.isoformat() if ended_at else None,
            "lasted_seconds": int((ended_at - episode.began_at).total_seconds()) if ended_at else None,
        },
        **lateness(telling.due_at, telling.now),
    }
    fact = Fact(telling.type, episode.source_id, f"episode/{episode.number}", data)
    return event_row(fact, Origin(episode.source_id, episode.column_id, telling.due_at))
