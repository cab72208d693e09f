"""The report of a run: what fell, what did not hold, how quickly things recovered, and what our processes used."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median
from typing import Any

from services.simulation.witness import gaps
from tests.endurance import Use
from tests.resilience.lab import Lab

USED = ("processes", "memory_mib", "api_memory_mib", "descriptors", "connections")
MARKS = 8
"""Moments of the run of which the report tells what was used."""


def facts_of(lab: Lab, seed: int, seconds: float) -> dict[str, Any]:
    """Return everything that a run came to, as plain values."""
    kept = lab.rig.sink.receipts()
    return {
        "database": lab.rig.database,
        "seed": seed,
        "seconds": round(seconds),
        "load": [round(load / (os.cpu_count() or 1), 1) for load in (mean(lab.gauges.loads), max(lab.gauges.loads))],
        "faults": len(lab.log),
        "violations": lab.broken,
        "ended_by_themselves": lab.ended_by_themselves,
        "requests": len(lab.requests),
        "shortest_pause_seconds": round(gaps(lab.requests)[0].seconds, 3),
        "deliveries": len(kept),
        "events": len({one.webhook_id for one in kept}),
        "by_kind": _by_kind(lab),
        "stalls": [asdict(one) for one in lab.gauges.stalls],
        "use": [_use(at - lab.gauges.began, use) for at, use in _marked(lab.gauges.uses)],
        "calm": _use(0.0, lab.gauges.calm) if lab.gauges.calm else None,
        "quiet": _use(seconds, lab.gauges.quiet) if lab.gauges.quiet else None,
    }


def _by_kind(lab: Lab) -> list[dict[str, Any]]:
    kinds = defaultdict(list)
    for one in lab.log:
        kinds[one.group, one.name].append(one)
    rows = []
    for (group, name), struck in sorted(kinds.items()):
        took = sorted(one.recovered_seconds for one in struck if one.recovered_seconds is not None)
        row = {"group": group, "name": name, "faults": len(struck), "recovered": len(took)}
        rows.append(
            row | {"median_seconds": median(took) if took else None, "longest_seconds": max(took, default=None)}
        )
    return rows


def _marked(uses: Sequence[tuple[float, Use]]) -> Sequence[tuple[float, Use]]:
    step = max(1, len(uses) // MARKS)
    return uses[::step]


def _use(at: float, use: Use) -> dict[str, Any]:
    return {
        "at_seconds": round(at),
        "processes": use.processes,
        "memory_mib": sum(use.memory_bytes.values()) >> 20,
        "api_memory_mib": use.memory_bytes.get("api", 0) >> 20,
        "descriptors": sum(use.files.values()),
        "connections": use.connections,
    }


def write(path: Path, runs: Sequence[dict[str, Any]]) -> None:
    """Write the report of these runs to `path` (Markdown), and beside it as JSON.

    What is there already of other databases stays; a run takes a long time, and one may be made after the other.
    """
    facts = path.with_suffix(".json")
    earlier: list[dict[str, Any]] = json.loads(facts.read_text()) if facts.exists() else []
    databases = {run["database"] for run in runs}
    kept = [run for run in earlier if run["database"] not in databases] + list(runs)
    path.write_text("\n".join(_lines(kept)) + "\n")
    facts.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def _lines(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "# What the fault lab found"
    yield ""
    yield "Written by `make faults`; [faults.md](faults.md) says what is injected and how to run it."
    for run in runs:
        yield from _of_run(run)


def _of_run(run: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"## {run['database']}, seed {run['seed']}"
    yield ""
    broken = len(run["violations"])
    yield (
        f"{run['faults']} faults in {run['seconds'] / 60:.0f} minutes; {broken} violations. "
        f"{run['requests']} requests, "
        f"the shortest pause on a host {run['shortest_pause_seconds']:.3f} s; {run['events']} events, "
        f"{run['deliveries']} deliveries. Load of each core: {run['load'][0]} on average, {run['load'][1]} at most. "
        f"Processes that ended by themselves: {len(run['ended_by_themselves'])}."
    )
    if broken:
        yield ""
        yield from (f"- {line}" for line in run["violations"])
    yield ""
    yield "| what broke | faults | made up for | median s | longest s |"
    yield "|---|---|---|---|---|"
    for row in run["by_kind"]:
        told = " | ".join(_seconds(row[name]) for name in ("median_seconds", "longest_seconds"))
        yield f"| {row['name']} | {row['faults']} | {row['recovered'] or '–'} | {told} |"
    if run["stalls"]:
        yield ""
        yield "| stall | red after s | green after s |"
        yield "|---|---|---|"
        for one in run["stalls"]:
            yield f"| {one['name']} | {_seconds(one['red_seconds'])} | {_seconds(one['green_seconds'])} |"
    yield ""
    yield "| at s | processes | memory MiB | of it the API | descriptors | connections |"
    yield "|---|---|---|---|---|---|"
    marks = [("calm", run["calm"]), *((str(one["at_seconds"]), one) for one in run["use"]), ("quiet", run["quiet"])]
    for name, one in marks:
        if one is not None:
            yield f"| {name} | " + " | ".join(str(one[key]) for key in USED) + " |"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
