"""The sheet: docs/performance.md, made of what is kept of each part's last run."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.parts import PARTS
from tests.bench.rows import Row

HEAD = """# Performance

Made by `make bench` (`make bench ONLY=growth` measures one part anew and keeps the others; `SIZES=10000,100000,1000000`
lets growth grow further); do not edit. What the figures mean and what bounds them is told in
[benchmarks.md](benchmarks.md). A figure with a range is the median of several runs; × is the figure by what is beside
it, measured in the same run. Times on the wall depend on what else the machine did: see each part's load.
"""


def sheet(kept: Mapping[str, Any]) -> str:
    """Return the document: each part in the order of `PARTS`, as far as it was ever run."""
    return "\n".join([HEAD, _verdict(kept), *(_part(name, kept[name]) for name in PARTS if name in kept)])


def _verdict(kept: Mapping[str, Any]) -> str:
    rows = [Row(**row) for name in PARTS for row in kept.get(name, {}).get("rows", ())]
    bars = [row.met for row in rows if row.met is not None]
    if not kept:
        return "Nothing has been measured yet.\n"
    failed = [PARTS[name].title for name in PARTS if kept.get(name, {}).get("failed")]
    said = f"{sum(bars)} of {len(bars)} bars are reached."
    return f"{said} Failed: {', '.join(failed)}.\n" if failed else f"{said}\n"


def _part(name: str, kept: Mapping[str, Any]) -> str:
    part, machine = PARTS[name], kept["machine"]
    lines = [f"## {part.title}\n", f"{part.about}\n"]
    when = f"{kept['at']}, {kept['seconds']:.0f} s, load {kept['load'][0]:.1f} before and {kept['load'][1]:.1f} after"
    lines.append(
        f"{when}; {machine['processor']}, {machine['cores']} cores, {machine['python']}{_versions(machine)}.\n"
    )
    if kept.get("failed"):
        lines.append(f"**The last run failed:** {kept['failed']}\n")
    if kept.get("rows"):
        lines += [*_table([Row(**row) for row in kept["rows"]]), ""]
    return "\n".join(lines)


def _versions(machine: Mapping[str, Any]) -> str:
    known = [f"{name} {number}" for name, number in machine["versions"].items() if number]
    return "; " + ", ".join(known) if known else ""


def _table(rows: Sequence[Row]) -> list[str]:
    head = ["| | measured | beside | × | bar | reached |", "|---|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_cells(row))} |" for row in rows]


def _cells(row: Row) -> tuple[str, ...]:
    measured = f"{plain(row.value)} {row.unit}".strip()
    if row.low is not None and row.high is not None:
        measured += f" ({plain(row.low)} to {plain(row.high)})"
    beside = f"{plain(row.other)} ({row.beside})" if row.other is not None else ""
    reached = {None: "", True: "yes", False: "**no**"}[row.met]
    return row.what, measured, beside, "" if row.times is None else f"{row.times:.2f}", row.bar, reached


def plain(number: float) -> str:
    """Return a figure with about three digits that tell something."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"
