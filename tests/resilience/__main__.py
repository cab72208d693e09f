"""The command of the fault lab: `make faults`, or python -m tests.resilience --help; fails if a promise broke."""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.resilience.caught import catch_all, lines
from tests.resilience.defects import DEFECTS
from tests.resilience.delivery import go_through
from tests.resilience.lab import Lab
from tests.resilience.report import facts_of, write
from tests.resilience.rig import open_rig
from tests.resilience.table import GROUPS, chosen


def main() -> int:
    """Run the lab on each database that was asked for, and report."""
    asked = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where it was started in the background: nothing is left over
        signal.signal(number, signal.default_int_handler)
    databases = ["postgresql", "sqlite"] if asked.database == "both" else [asked.database]
    if asked.defects:
        found = catch_all(databases, asked.seed, asked.pause)
        if asked.report:
            asked.report.write_text("\n".join(lines(found)) + "\n")
        return 0 if all(one.holds for one in found) else 1
    if asked.delivery:
        for database in databases:
            go_through(database, asked.seed, 60 * asked.minutes)
        return 0
    runs = [run(database, asked) for database in databases]
    if asked.report:
        write(asked.report, runs)
    return 1 if any(one["violations"] for one in runs) else 0


def run(database: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Make one run, and print what it came to."""
    began = time.monotonic()
    blows = chosen(asked.group, database)
    with (
        tempfile.TemporaryDirectory(prefix="noticewire-lab-") as folder,
        open_rig(Path(folder), database, asked.seed, asked.planted) as rig,
    ):
        lab = Lab(rig, asked.seed, blows)
        try:
            lab.begin()
            if asked.alone:
                lab.one_by_one()
            lab.all_together(60 * asked.minutes, asked.pause)
            lab.settle()
        finally:
            lab.gauges.stop()
            if asked.log:
                asked.log.with_suffix(f".{database}.log").write_text(rig.line.tail(200_000))
        facts = facts_of(lab, asked.seed, time.monotonic() - began)
    print(json.dumps(facts, ensure_ascii=False, indent=1))
    print(f"{database}: {facts['faults']} faults, {len(facts['violations'])} violations, {facts['seconds']} s")
    return facts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.resilience", description="The fault lab.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long blows fall together")
    parser.add_argument("--seed", type=int, default=1, help="of the blows and of the sites")
    parser.add_argument("--database", choices=["postgresql", "sqlite", "both"], default="both")
    parser.add_argument("--pause", type=float, default=1.2, help="seconds between two blows, on average")
    parser.add_argument("--group", action="append", default=[], choices=GROUPS, help="only these; may be repeated")
    parser.add_argument("--alone", action="store_true", help="first each kind of blow alone, until it is made up for")
    parser.add_argument("--planted", choices=[one.name for one in DEFECTS], help="a defect that must be caught")
    parser.add_argument("--defects", action="store_true", help="plant every defect, and tell what catches it")
    parser.add_argument("--delivery", action="store_true", help="the ordeal of delivery instead of the lab's")
    parser.add_argument("--report", type=Path, help="a Markdown file to write; JSON goes beside it")
    parser.add_argument("--log", type=Path, help="where our processes' log is kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
