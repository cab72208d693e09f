"""The command: python -m tests.month [--columns 200] [--days 30] [--seed 1] [--looks 8]; fails if a promise broke."""

import argparse
import logging
import sys
import tempfile
import time
from math import inf
from pathlib import Path

import structlog

from tests.month.play import Play
from tests.month.story import BACKLOG, BUSIEST, DAY, story
from tests.month.verdict import judge


def main() -> int:
    """Play, judge, and print."""
    asked = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="noticewire-month-", dir=asked.folder) as folder:
        told = story(asked.columns, asked.days, asked.seed, asked.backlog, asked.busiest)
        play = Play(told, Path(folder), asked.looks)
        try:
            play.run(lambda line: print(line, file=sys.stderr, flush=True), 60 * asked.within)
            days = play.clock.seconds / DAY
            verdict = judge(play)
        finally:
            play.close()
    told_of = f"{asked.columns} columns of up to {asked.busiest:g} a day, {asked.backlog} notices each from the start"
    print(f"{told_of}, {days:.1f} of {asked.days} days, seed {asked.seed}, {asked.looks:g} looks a day")
    for line in verdict.lines():
        print(line)
    print(f"{verdict.counts['requests'] / asked.columns / days:.1f} requests a column and day")
    print(f"{time.perf_counter() - began:.0f} s, {time.process_time() - cpu:.0f} s of CPU")
    for line in verdict.broken:
        print(line)
    print(f"{len(verdict.broken)} broken promises")
    return 1 if verdict.broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.month", description="A month of many columns, in minutes.")
    parser.add_argument("--columns", type=int, default=200, help="columns, three on a host")
    parser.add_argument("--days", type=int, default=30, help="days of played time")
    parser.add_argument("--seed", type=int, default=1, help="of the story")
    parser.add_argument("--looks", type=float, default=8.0, help="looks a column and day that the timetable may spend")
    parser.add_argument("--busiest", type=float, default=BUSIEST, help="notices a day of the busiest column")
    parser.add_argument("--backlog", type=int, default=BACKLOG, help="notices of each column from the start")
    parser.add_argument("--within", type=float, default=inf, help="minutes after which what was played is judged")
    parser.add_argument("--folder", type=Path, help="where the ledger is kept meanwhile; a RAM disk is quicker")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
