"""The benchmark as a script: contenders read the same pages, each in a process of its own; then the figures.

python -m tests.bench.read [--pages DIR] [--every] [--skip START] [--seconds 3] [--only NAME] [--json]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.bench.contenders import CONTENDERS
from tests.bench.contest import Turns, contest
from tests.bench.pages import OWN_PAGES, REAL_PAGES, Page, pages_in
from tests.bench.report import Result, as_json, machine_line, notes, result_of, table
from tests.bench.score import marks

_NAMES = [contender.name for contender in CONTENDERS]


def main() -> None:
    """Hold the contest and print what came of it."""
    asked = _arguments()
    pages = [page for page in pages_in(asked.pages, every=asked.every) if not page.name.startswith(tuple(asked.skip))]
    if not pages:
        sys.exit(f"there is no page in {asked.pages}")
    results = [_marked(turns, pages) for turns in contest(asked.only or _NAMES, pages, asked.seconds)]
    if asked.json:
        print(json.dumps({"pages": len(pages), **as_json(results)}, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, 100)
    console.print(f"{len(pages)} pages of {asked.pages}, {sum(len(page.snapshot) for page in pages):,} bytes")
    console.print(machine_line())
    console.print(table(results))
    console.print(*notes(results), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.read", description="Our reader beside its peers.")
    pages = REAL_PAGES if REAL_PAGES.is_dir() else OWN_PAGES
    parser.add_argument("--pages", type=Path, default=pages, help="a folder of pages (labels in ../labels)")
    parser.add_argument("--every", action="store_true", help="pages without a label too")
    parser.add_argument("--skip", action="append", default=[], metavar="START", help="not the pages so named")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each contender repeats its passes")
    parser.add_argument("--only", action="append", choices=_NAMES, help="this contender (may be given again)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _marked(turns: Turns, pages: Sequence[Page]) -> Result:
    # No answers, no pairs: who was absent is not marked.
    pairs = [(answer, page.label) for answer, page in zip(turns.answers, pages, strict=False) if page.label]
    return result_of(turns, marks(pairs))


if __name__ == "__main__":
    main()
