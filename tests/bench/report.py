"""What is printed: one row a contender, the ratios, and the machine on which the figures were got."""

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from rich.box import SIMPLE
from rich.table import Table

from tests.bench.contenders import OURS
from tests.bench.contest import Turns
from tests.bench.score import Marks

_PACKAGES = ("noticewire", "trafilatura", "readability-lxml", "gne", "lxml")


@dataclass(frozen=True)
class Result:
    """What became of one contender; `absent` says why it took no part, and then nothing else is told."""

    name: str
    absent: str | None = None
    pages_per_second: float | None = None  # pages answered, by CPU time, in the median pass
    answered: int = 0  # pages without an exception
    passes: tuple[float, ...] = ()  # CPU seconds of each, by round
    errors: Mapping[str, int] | None = None  # exceptions by their name; such a page counts as an empty answer
    marks: Marks | None = None


def result_of(turns: Turns, marked: Marks | None) -> Result:
    """Sum up a contender's turns."""
    if turns.absent or not turns.passes:
        return Result(turns.name, turns.absent or "it made no pass")
    errors = Counter(answer.error for answer in turns.answers if answer.error)
    # An exception is quick, but it is no answer: only pages answered make speed.
    answered = len(turns.answers) - errors.total()
    rate = answered / median(turns.passes)
    return Result(turns.name, None, rate, answered, tuple(turns.passes), dict(errors), marked)


def ratios(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Return for each reader of ours how many times the speed of each peer it has: the median over the rounds.

    Who answered nothing has no speed, and no ratio.
    """
    answering = [result for result in results if result.answered]
    peers = [result for result in answering if result.name not in OURS]
    return {ours.name: {peer.name: _ratio(ours, peer) for peer in peers} for ours in answering if ours.name in OURS}


def _ratio(ours: Result, peer: Result) -> float:
    faster = median(theirs / our for our, theirs in zip(ours.passes, peer.passes, strict=True))
    return faster * ours.answered / peer.answered


def machine() -> dict[str, object]:
    """Tell where the figures come from: processor, cores, system, Python and the versions that were measured."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": _versions(),
    }


def machine_line() -> str:
    """Tell the same in two lines, for a person."""
    facts = machine()
    versions = ", ".join(f"{name} {number}" for name, number in _versions().items() if number)
    return f"{facts['processor']}, {facts['cores']} cores, {facts['system']}, {facts['python']}\n{versions}"


def _versions() -> dict[str, str | None]:
    return {name: _version(name) for name in _PACKAGES}


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def as_json(results: Sequence[Result]) -> dict[str, object]:
    """Return everything as plain values, for a machine."""
    rows = [{**asdict(result), "marks": result.marks and result.marks._asdict()} for result in results]
    return {"machine": machine(), "results": rows, "ratios": ratios(results)}


def table(results: Sequence[Result]) -> Table:
    """Return the figures for a person; a ratio is our speed divided by the row's."""
    faster = ratios(results)
    made = Table(box=SIMPLE, collapse_padding=True, pad_edge=False)
    for column in ("", "pages/s", "×", "× known", "F1", "leaks", "titles", "days", "times", "errors"):
        made.add_column(column, justify="right" if column else "left", no_wrap=True)
    for result in results:
        if result.absent:
            continue
        multiples = [_number(faster.get(ours, {}).get(result.name), 1) for ours in OURS]
        errors = sum((result.errors or {}).values())
        rate = _number(result.pages_per_second, 1)
        made.add_row(result.name, rate, *multiples, *_cells(result.marks), str(errors))
    return made


def notes(results: Sequence[Result]) -> list[str]:
    """Return what the table has no room for: what × is, who was absent and why, and which exceptions were raised."""
    said = ["× is how many times the row's speed our reader has; × known, with its column's template known"]
    said += [f"{result.name} took no part: {result.absent}" for result in results if result.absent]
    for result in results:
        said += [f"{result.name} raised {name} on {count} pages" for name, count in (result.errors or {}).items()]
    return said


def _cells(marks: Marks | None) -> list[str]:
    if not marks:
        return [""] * 5
    counts = (
        (marks.leaks, marks.samples),
        (marks.titles, marks.pages),
        (marks.days, marks.dated),
        (marks.times, marks.timed),
    )
    shares = ["–" if part is None else f"{part}/{whole}" for part, whole in counts]
    return [_number(marks.f1, 3), *shares]


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"
