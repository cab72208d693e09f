"""Health: alive, and ready. Open to all, so without secrets; asynchronous, so that busy threads cannot silence it.

Strangers are told what works, what does not, and for how long something waits; what is watched, and how much there is
of anything, is for those who may read (decision 23).
"""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from services.api.description import PROBLEMS
from services.api.looks import Lookout, Seen, look_at_disk, look_at_ledger, look_at_queue
from services.api.schemas import Shown
from services.api.verdict import LedgerFacts, checks, problems, warnings
from services.desk.tokens import allows
from services.wiring import VERSION, Wiring
from shared.domain.states import Scope

DEADLINE_SECONDS = 3.0

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    alive: bool
    version: str


class Ages(BaseModel):
    """Seconds that the oldest work of each kind has waited; null where none waits."""

    most_overdue_target: float | None = None
    oldest_unprocessed_fetch: float | None = None
    oldest_unrelayed_event: float | None = None
    oldest_due_delivery: float | None = None


class HostTrouble(Shown):
    """A host that failed last time."""

    host: str
    failures: int
    error: str


class HostRemark(Shown):
    """A host of which an operator should know something: its robots.txt is odd, or cannot be had."""

    host: str
    remark: str


class ColumnTrouble(BaseModel):
    """A column whose last listing was odd."""

    url: str
    warning: str


class Checks(BaseModel):
    """What the wire depends on, and what it does: true where it works."""

    database: bool
    queue: bool
    disk: bool
    crawling: bool | None = None
    reading: bool | None = None
    relaying: bool | None = None
    delivering: bool | None = None


class Readiness(BaseModel):
    """Whether the wire works, and everything that one should know of it; null where it could not be found out.

    What follows `ages` is null to whoever shows no token that may read.
    """

    ready: bool
    checks: Checks
    problems: list[str] = Field(description="What is wrong and what to do; not ready if there is any.")
    ages: Ages
    warnings: list[str] | None = Field(None, description="What deserves a look, though the wire works.")
    relay_beat_seconds: float | None = Field(None, description="Since a relay last showed that it leads.")
    last_position: int | None = None
    queue_waiting: int | None = None
    disk_free_bytes: int | None = None
    quarantined: int | None = None
    parked: int | None = None
    failing_hosts: list[HostTrouble] | None = None
    column_warnings: list[ColumnTrouble] | None = None
    host_remarks: list[HostRemark] | None = None

    def to_a_stranger(self) -> "Readiness":
        """Return it without what is watched, how that fares, and how much there is of anything."""
        return Readiness(ready=self.ready, checks=self.checks, problems=self.problems, ages=self.ages)


class Health:
    """The three looks of one process."""

    def __init__(self, wiring: Wiring) -> None:
        """Prepare the looks; none is taken yet."""
        clock = wiring.clock
        self._ledger = Lookout(
            lambda: look_at_ledger(wiring),
            "the database does not answer; check that it runs, and NOTICEWIRE_DATABASE_URL",
            clock,
        )
        self._queue = Lookout(
            lambda: look_at_queue(wiring),
            "the queue does not answer; check that Redis or Valkey runs, and NOTICEWIRE_REDIS_URL",
            clock,
        )
        self._disk = Lookout(
            lambda: look_at_disk(wiring), "the folder of NOTICEWIRE_BLOBS_URL cannot be looked at; mend it", clock
        )

    async def readiness(self) -> Readiness:
        """Look at everything at once; takes `DEADLINE_SECONDS` at most."""
        ledger, queue, disk = await asyncio.gather(
            self._ledger.ask(DEADLINE_SECONDS), self._queue.ask(DEADLINE_SECONDS), self._disk.ask(DEADLINE_SECONDS)
        )
        return _report(ledger, queue, disk)


def _report(ledger: Seen[LedgerFacts], queue: Seen[int], disk: Seen[int]) -> Readiness:
    facts = ledger.found
    wrong = [seen.problem for seen in (ledger, queue, disk) if seen.problem is not None]
    wrong += problems(facts) if facts else []
    report = Readiness(
        ready=not wrong,
        checks=Checks(
            database=ledger.problem is None, queue=queue.problem is None, disk=disk.problem is None, **checks(facts)
        ),
        problems=wrong,
        warnings=warnings(facts) if facts else [],
        ages=Ages(**_rounded(facts)),
        queue_waiting=queue.found,
        disk_free_bytes=disk.found,
    )
    if facts is None:
        return report
    found = {
        "relay_beat_seconds": facts.relay_beat,
        "last_position": facts.last_position,
        "quarantined": facts.quarantined,
        "parked": facts.parked,
        "failing_hosts": [HostTrouble.model_validate(host) for host in facts.failing_hosts],
        "column_warnings": _column_troubles(facts.column_warnings),
        "host_remarks": [HostRemark(host=host, remark=remark) for host, remark in facts.host_remarks],
    }
    return report.model_copy(update=found)


def _rounded(facts: LedgerFacts | None) -> dict[str, float | None]:
    ages = facts.ages if facts else {}
    return {name: None if age is None else round(age, 3) for name, age in ages.items()}


def _column_troubles(rows: Sequence[tuple[str, str]]) -> list[ColumnTrouble]:
    return [ColumnTrouble(url=url, warning=warning) for url, warning in rows]


@router.get("/healthz", summary="Tell whether the API is alive")
async def healthz() -> Alive:
    """Asks nothing of anybody: if this answers, the process serves."""
    return Alive(alive=True, version=VERSION)


@router.get(
    "/readyz",
    summary="Tell whether the wire works",
    response_model=Readiness,
    responses={
        401: PROBLEMS[401],
        503: {"model": Readiness, "description": "Something is wrong; `problems` says what, and what to do."},
    },
)
async def readyz(request: Request) -> JSONResponse:
    """Judged by progress: what is owed and nobody takes. Answers within a few seconds whatever is down.

    Open to all: what works and what does not, and for how long something has waited. How much there is of anything,
    and which hosts and columns deserve a look, is told only to a token that may read.
    """
    health: Health = request.app.state.health
    report = await health.readiness()
    headers = {} if report.ready else {"Retry-After": "5"}
    token = getattr(request.state, "token", None)
    told = report if token is not None and allows(token, Scope.READ) else report.to_a_stranger()
    return JSONResponse(told.model_dump(mode="json"), 200 if report.ready else 503, headers)
