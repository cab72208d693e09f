"""The growth benchmark as a script: ledgers of each size, the line's cost on each by turns, and the API's answers.

python -m tests.bench.growth [--sizes 10000,100000] [--on PostgreSQL --on SQLite] [--rounds 5] [--json]
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import structlog

from shared.db.models import Subscription
from tests.bench.growth.casts import Foundry
from tests.bench.growth.database import Databases, PostgresDatabases, Spent, SqliteFiles
from tests.bench.growth.fill import fill
from tests.bench.growth.line import STEPS, GrowingLine
from tests.bench.growth.moulds import WEBHOOKS, Moulds, moulds
from tests.bench.growth.pages import Paper, Press
from tests.bench.growth.questions import ask_all
from tests.servers.postgres import NoPostgres

SIZES = (10_000, 100_000)
BATCH = 24
"""Notices that the line brings at a time: half to the great column, half to another."""


class Grown(NamedTuple):
    """A ledger of some size, its line, and what it was filled by."""

    size: int
    line: GrowingLine
    foundry: Foundry
    bytes: int
    fill_seconds: float


def measured(databases: Databases, made: Moulds, sizes: list[int], rounds: int) -> dict[str, Any]:
    """Fill a ledger for each size, and measure; ratios are the median of each round's."""
    with ExitStack() as stack:
        grown = [_grown(stack, databases, made, size) for size in sizes]
        costs = _costs(databases, grown, rounds)
        told: dict[str, Any] = {}
        for one in grown:
            answers = ask_all(one.line.wiring, one.foundry, lambda: databases.spent().cpu)
            told[str(one.size)] = {
                "bytes_a_notice": one.bytes / one.size,
                "fill_seconds": one.fill_seconds,
                "cost": costs[one.size],
                "answers": {name: answer._asdict() for name, answer in answers.items()},
            }
    return told


def _grown(stack: ExitStack, databases: Databases, made: Moulds, size: int) -> Grown:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-growth-")))
    line = stack.enter_context(closing(GrowingLine(databases.fresh(f"grown_{size}"), folder)))
    subscriptions: list[Subscription] = line.subscribe(WEBHOOKS)
    foundry = Foundry(made, [one.id for one in subscriptions], size)
    seconds = fill(line.ledger, foundry)
    return Grown(size, line, foundry, databases.size(line.ledger), seconds)


def _costs(databases: Databases, grown: list[Grown], rounds: int) -> dict[int, dict[str, Any]]:
    """Let each line bring notices by turns; return milliseconds of CPU time and by the clock a notice, by step too."""
    press = Press(77)
    rows: dict[int, list[list[Spent]]] = {one.size: [] for one in grown}
    for turn in range(-1, rounds):  # the first one warms up
        for one in grown:
            spent = _bring(databases, one, press, turn)
            if turn >= 0:
                rows[one.size].append(spent)
    smallest = grown[0].size
    return {size: _cost(turns, rows[smallest]) for size, turns in rows.items()}


def _cost(turns: list[list[Spent]], smallest: list[list[Spent]]) -> dict[str, Any]:
    cpu = [_a_notice(turn[-1].cpu - turn[0].cpu) for turn in turns]
    floor = [_a_notice(turn[-1].cpu - turn[0].cpu) for turn in smallest]
    steps = {
        step: median(_a_notice(turn[place + 1].cpu - turn[place].cpu) for turn in turns)
        for place, step in enumerate(STEPS)
    }
    return {
        "cpu_ms": median(cpu),
        "cpu_ms_from": min(cpu),
        "cpu_ms_to": max(cpu),
        "wall_ms": median(_a_notice(turn[-1].wall - turn[0].wall) for turn in turns),
        "ratio": median(mine / theirs for mine, theirs in zip(cpu, floor, strict=True)),
        "steps": steps,
    }


def _a_notice(seconds: float) -> float:
    return 1000 * seconds / BATCH


def _bring(databases: Databases, one: Grown, press: Press, turn: int) -> list[Spent]:
    """Let new notices be listed, and everything be done about them."""
    half = BATCH // 2
    for place, where in enumerate((one.foundry.places[0], one.foundry.places[2 + turn % 2])):
        folder = f"https://{where.host}/gggs"
        papers: dict[str, Paper] = {
            f"{folder}/202609/t20260930_{9_000_000 + (turn + 1) * 100 + place * 50 + n}.html": (
                press.rectification() if n % 4 == 0 else press.announcement()
            )
            for n in range(half)
        }
        one.line.site.publish(f"{folder}/index.html", papers)
        one.line.make_due("kind = 'listing' AND host = :host", host=where.host)
    told: list[Spent] = one.line.run(databases.spent)
    return told


def _databases(names: list[str]) -> Iterator[Databases]:
    if "PostgreSQL" in names:
        try:
            yield PostgresDatabases()
        except NoPostgres as error:
            print(f"PostgreSQL is left out: {error}")
    if "SQLite" in names:
        with tempfile.TemporaryDirectory(prefix="bench-growth-") as folder:
            yield SqliteFiles(Path(folder))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description="What more notices cost.")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="notices stored, the smallest first")
    parser.add_argument("--on", action="append", choices=["PostgreSQL", "SQLite"], help="only on this database")
    parser.add_argument("--rounds", type=int, default=7, help="how often each line brings notices; the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sizes = [int(one) for one in asked.sizes.split(",")]
    made, told = moulds(), {}
    for databases in _databases(asked.on or ["PostgreSQL", "SQLite"]):
        with closing(databases):
            told[databases.name] = measured(databases, made, sizes, asked.rounds)
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
