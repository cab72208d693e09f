"""The promises about a whole run, by what befell it and what was measured: the other half of `invariants`.

I10 repeats are bounded by the faults that touched the job
I12 memory, descriptors, connections and processes stay flat
I13 health is red within 30 s of a real stall, green within 60 s of recovery, and never red for nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db import Ledger
from shared.db.models import Fetch
from tests.servers.subscriber import Sink

RED_SECONDS, GREEN_SECONDS = 30.0, 60.0
AFTERMATH_SECONDS = 15.0
"""What a fault broke may show for so long after it: leases end, and attempts are made again."""
ENDING_SECONDS = 2.0
MEMORY_TIMES, MEMORY_MORE = 1.5, 48 << 20
FILES_TIMES, FILES_MORE = 1.5, 24


@dataclass
class Struck:
    """A fault that was injected: when it began and was over (monotonic seconds), and what came of it."""

    number: int
    name: str
    group: str
    began: float
    began_at: datetime
    over: float | None = None
    recovered_seconds: float | None = None
    """From its end until what it broke had been made up for."""


@dataclass(frozen=True)
class Use:
    """What processes of ours use at one moment, by their name; connections are those to the servers."""

    processes: int
    memory_bytes: Mapping[str, int]
    files: Mapping[str, int]
    connections: int
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Of what kinds the descriptors are, process by process, in words."""


@dataclass(frozen=True)
class Stall:
    """A stall that was made: seconds until health was red, and, once it was over, until it was green again."""

    name: str
    red_seconds: float | None
    green_seconds: float | None


class Measured(Protocol):
    """What was measured while a run lasted."""

    @property
    def calm(self) -> Use | None:
        """What was used before the first fault."""
        ...

    @property
    def quiet(self) -> Use | None:
        """What was used once everything had settled after the last."""
        ...

    @property
    def stalls(self) -> Sequence[Stall]:
        """The stalls that were made."""
        ...

    @property
    def reds(self) -> Sequence[tuple[float, float, str]]:
        """When health was red: from, to (monotonic seconds), and the first problem it told."""
        ...

    @property
    def wrong_counts(self) -> Sequence[str]:
        """Counts that were shown and were not the database's."""
        ...


def kept_over_time(
    ledger: Ledger, struck: Sequence[Struck], sink: Sink, measured: Measured, lease_seconds: float
) -> list[str]:
    """Return every promise about the run that is broken, in words."""
    with Session(ledger.engine) as session:
        broken = [*leases_are_bounded(session, struck, lease_seconds), *deliveries_are_bounded(struck, sink)]
    if measured.calm and measured.quiet:
        broken += resources_are_flat(measured.calm, measured.quiet)
    return [*broken, *health_tells(measured, struck)]


def leases_are_bounded(session: Session, struck: Sequence[Struck], lease_seconds: float) -> Iterator[str]:
    """I10: a fetch was leased again only if a fault fell between its visit and its end."""
    leased = select(Fetch.id, Fetch.leases, Fetch.started_at, Fetch.processed_at, Fetch.quarantined_at)
    for fetch_id, leases, started, processed, quarantined in session.execute(leased.where(Fetch.leases > 1)):
        ended = processed or quarantined
        if ended is None:
            continue  # I9 tells
        margin = timedelta(seconds=AFTERMATH_SECONDS)
        touched = [one for one in struck if started - margin <= one.began_at <= ended + margin]
        if quarantined is None and leases - 1 > leases_lost(touched, lease_seconds):
            yield f"I10 {fetch_id} was leased {leases} times, and {len(touched)} faults fell meanwhile"


def leases_lost(struck: Sequence[Struck], lease_seconds: float) -> int:
    """Return how many leases these faults may cost: one each, and one for every lease that they lasted.

    Rows that are held for ten seconds outlast two leases of four, of whoever waits for them.
    """
    return sum(1 + int(((one.over or one.began) - one.began) / lease_seconds) for one in struck)


def deliveries_are_bounded(struck: Sequence[Struck], sink: Sink) -> Iterator[str]:
    """I10: an event is accepted once more only if a fault fell since it was accepted before."""
    accepted: dict[str | None, list[float]] = {}
    for one in sink.receipts():
        if one.accepted:
            accepted.setdefault(one.webhook_id, []).append(one.monotonic)
    for webhook_id, times in accepted.items():
        for before, again in pairwise(times):
            if not _touched(struck, before, again):
                yield f"I10 {webhook_id} came again after {again - before:.1f} s, and no fault had touched it"


def _touched(
    struck: Sequence[Struck], since: float, until: float, aftermath_seconds: float = AFTERMATH_SECONDS
) -> bool:
    return any(one.began <= until and (one.over or until) + aftermath_seconds >= since for one in struck)


def resources_are_flat(calm: Use, quiet: Use) -> Iterator[str]:
    """I12: after the run our processes use about as much as before it."""
    if quiet.processes != calm.processes:
        yield f"I12 {quiet.processes} processes run; there were {calm.processes}"
    for name, memory in quiet.memory_bytes.items():
        allowed = calm.memory_bytes.get(name, 0) * MEMORY_TIMES + MEMORY_MORE
        if memory > allowed:
            yield f"I12 {name} uses {memory >> 20} MiB; it used {calm.memory_bytes.get(name, 0) >> 20}"
    for name, files in quiet.files.items():
        if files > calm.files.get(name, 0) * FILES_TIMES + FILES_MORE:
            of = f": {quiet.kinds[name]}" if name in quiet.kinds else ""
            yield f"I12 {name} holds {files} descriptors; it held {calm.files.get(name, 0)}{of}"
    if quiet.connections > calm.connections * FILES_TIMES + FILES_MORE:
        yield f"I12 {quiet.connections} connections to the servers; there were {calm.connections}"


def health_tells(measured: Measured, struck: Sequence[Struck]) -> Iterator[str]:
    """I13: red in time, green in time, not red for nothing, and with the database's own counts."""
    for one in measured.stalls:
        if one.red_seconds is None or one.red_seconds > RED_SECONDS:
            yield f"I13 health was not red {RED_SECONDS:.0f} s into {one.name}"
        if one.green_seconds is None or one.green_seconds > GREEN_SECONDS:
            yield f"I13 health was not green {GREEN_SECONDS:.0f} s after {one.name}"
    for began, ended, problem in measured.reds:
        if not any(one.began <= ended and (one.over or ended) + GREEN_SECONDS >= began for one in struck):
            yield f"I13 health was red for {ended - began:.0f} s though nothing was broken: {problem}"
    yield from (f"I13 {wrong}" for wrong in measured.wrong_counts)


def hostile_answers_end(
    log: Sequence[Mapping[str, Any]], deadline_seconds: float, struck: Sequence[Struck] = ()
) -> Iterator[str]:
    """Whatever a site answers, a request to it is over by its deadline, and two seconds: if no crawler was frozen."""
    frozen = [one for one in struck if "crawler" in one.name and "frozen" in one.name]
    for one in log:
        ended = one["ended"] or float("inf")
        took = ended - one["started"]
        late = took > deadline_seconds + ENDING_SECONDS
        if one["fault"] and late and not _touched(frozen, one["started"], ended, aftermath_seconds=0.0):
            yield f"origin: a request that met {one['fault']!r} took {took:.1f} s (no. {one['number']}, {one['host']})"
