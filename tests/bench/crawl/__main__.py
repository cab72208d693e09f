"""The benchmark as a script: every contender crawls the same hosts twice, then ours keeps up with many columns.

python -m tests.bench.crawl [--hosts 20] [--only NAME] [--rounds 3] [--no-many] [--json]
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tests.bench.crawl.many import Load, Pace, pace_of
from tests.bench.crawl.origin import serving
from tests.bench.crawl.pages import NOTICES
from tests.bench.crawl.visits import CONTENDERS, Cost, cost_of
from tests.bench.report import machine_line

_MANY_HOSTS = 500


@dataclass(frozen=True)
class Twice:
    """What came of a contender's two crawls, each the median over the rounds."""

    name: str
    absent: str | None = None
    first_ms_a_page: float = 0.0
    second_seconds: float = 0.0
    second_asked: Mapping[str, int] | None = None
    peak_mib: float = 0.0


def main() -> None:
    """Let them crawl and print what it cost."""
    asked = _arguments()
    names = asked.only or list(CONTENDERS)
    # In rounds: a slow moment of a shared machine meets all alike.
    rounds = [_round(names, asked.hosts) for _ in range(asked.rounds)]
    results = [_middle([round_[name] for round_ in rounds]) for name in names]
    pace = None if asked.no_many else _many()
    if asked.json:
        print(json.dumps({"crawls": [asdict(each) for each in results], "many": pace and pace._asdict()}, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, 100)
    console.print(f"{asked.hosts} hosts, each with a listing of {NOTICES} notices; no pause between requests")
    console.print(machine_line())
    console.print(_table(results))
    if pace:
        console.print(*_words(pace), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crawl", description="Our crawler beside its peers.")
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="this contender (may be given again)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each crawls; the median counts")
    parser.add_argument("--no-many", action="store_true", help="leave out the many columns")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _round(names: list[str], hosts: int) -> dict[str, Twice]:
    with serving(hosts) as origin:
        results = {}
        for name in names:
            with tempfile.TemporaryDirectory(prefix="bench-crawl-") as folder:
                origin.counts()
                first = cost_of(name, origin, Path(folder))
                pages = origin.counts().get("full", 0)
                second = cost_of(name, origin, Path(folder)) if not first.absent else first
                results[name] = _twice(name, first, second, pages, origin.counts())
    return results


def _twice(name: str, first: Cost, second: Cost, pages: int, asked: Mapping[str, int]) -> Twice:
    if absent := first.absent or second.absent:
        return Twice(name, absent)
    peak = max(first.peak_mib, second.peak_mib)
    return Twice(name, None, 1000 * first.cpu_seconds / max(pages, 1), second.cpu_seconds, dict(asked), peak)


def _middle(rounds: list[Twice]) -> Twice:
    if any(each.absent for each in rounds):
        return rounds[0]
    figures: dict[str, Any] = {
        field: median(getattr(each, field) for each in rounds)
        for field in ("first_ms_a_page", "second_seconds", "peak_mib")
    }
    return Twice(rounds[0].name, None, second_asked=rounds[-1].second_asked, **figures)


def _many() -> Pace:
    with serving(_MANY_HOSTS) as origin, tempfile.TemporaryDirectory(prefix="bench-crawl-") as folder:
        return pace_of(Load(), origin, Path(folder))


def _table(results: list[Twice]) -> Table:
    table = Table(box=SIMPLE)
    for heading in ("", "first crawl, CPU ms a page", "second, CPU s", "asked then: full", "304", "peak MiB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for each in results:
        if each.absent:
            table.add_row(each.name, f"absent: {each.absent}")
            continue
        asked = each.second_asked or {}
        table.add_row(
            each.name,
            f"{each.first_ms_a_page:.2f}",
            f"{each.second_seconds:.2f}",
            str(asked.get("full", 0)),
            str(asked.get("unchanged", 0)),
            f"{each.peak_mib:.0f}",
        )
    return table


def _words(pace: Pace) -> list[str]:
    load = Load()
    return [
        f"{load.columns:,} columns on {_MANY_HOSTS} hosts, due every {load.interval_seconds / 60:.0f} minutes; time is "
        f"shortened {load.hurry:.0f} times:",
        f"  {pace.visits_per_second:.1f} visits a second ({pace.needed_per_second:.1f} are needed), "
        f"{100 * pace.core_share:.0f} % of a core ({100 * pace.core_share / load.hurry:.1f} % at its true pace),",
        f"  {pace.overdue_seconds:.1f} s overdue at most in the end, {pace.peak_mib:.0f} MiB",
    ]


if __name__ == "__main__":
    main()
