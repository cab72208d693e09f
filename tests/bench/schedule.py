"""The benchmark of the schedule: equal numbers of requests, the same random columns, and how long notices waited.

python -m tests.bench.schedule [--hosts 50] [--seed 1] [--budget 1 --budget 6 --budget 24] [--json]
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from crawler.schedule import Budget
from tests.bench.columns import COLUMNS_A_HOST, WEEKS, Published, random_columns
from tests.bench.policies import DAY, Looks, bound, entry_frequency, fixed, ours

LONGEST_HOURS = 72


@dataclass(frozen=True)
class Result:
    """How one policy did: requests a column and day, waits in hours, and what fixed polling would have needed."""

    policy: str
    budget: float
    requests: float
    median: float
    p95: float
    p99: float
    mean: float
    longest_gap: float
    fewer_for_median: float
    """How many times as many requests a fixed pause needs for the same median."""
    fewer_for_p95: float


def result_of(policy: str, budget: float, looks: Looks) -> Result:
    """Return the figures of a policy.

    With a fixed pause, and columns that know nothing of it, waits are even between nothing and the pause: its median is
    half of it, its 95th percentile 95 % (`fixed` in the table shows that it is so).
    """
    waits = sorted(looks.waits)
    median, p95, p99 = (waits[int(share * len(waits))] for share in (0.5, 0.95, 0.99))
    return Result(
        policy,
        budget,
        looks.per_column_day,
        median,
        p95,
        p99,
        sum(waits) / len(waits),
        looks.longest_gap,
        DAY / (2 * median) / looks.per_column_day,
        DAY * 0.95 / p95 / looks.per_column_day,
    )


def results(columns: Sequence[Published], budget: float) -> Iterator[Result]:
    """Yield the figures of each policy at one budget, in requests a column and day."""
    yield result_of("fixed", budget, fixed(columns, DAY / budget))
    yield result_of("entry-frequency", budget, tuned(columns, budget))
    yield result_of("ours", budget, ours(columns, Budget(budget, LONGEST_HOURS)))
    yield result_of("bound", budget, bound(columns, Budget(budget, LONGEST_HOURS)))


def tuned(columns: Sequence[Published], budget: float) -> Looks:
    """Return entry-frequency's looks with the factor at which it spends the budget (or the least it can: one a day)."""
    low, high = 0.01, 100.0
    sample: Callable[[float], Looks] = lambda factor: entry_frequency(columns[::5], factor)  # noqa: E731
    for _ in range(8):
        middle = (low * high) ** 0.5
        if sample(middle).per_column_day > budget:
            high = middle
        else:
            low = middle
    return entry_frequency(columns, low)


def main() -> None:
    """Print the figures."""
    asked = _arguments()
    began = time.monotonic()
    columns = random_columns(asked.hosts, asked.seed)
    found = [result for budget in asked.budget or [1.0, 6.0, 24.0] for result in results(columns, budget)]
    if asked.json:
        print(json.dumps([asdict(result) for result in found], indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, 100)
    notices = sum(len(column.notices) for column in columns)
    console.print(
        f"{len(columns)} columns on {asked.hosts} hosts ({COLUMNS_A_HOST} each), {notices:,} notices in {WEEKS} weeks, "
        f"seed {asked.seed}; no column unvisited for more than {LONGEST_HOURS} h"
    )
    console.print(table(found))
    console.print(f"{time.monotonic() - began:.0f} s")


def table(found: Sequence[Result]) -> Table:
    """Return the figures as people read them."""
    shown = Table("policy", "requests", "median h", "p95 h", "p99 h", "mean h", "longest gap h", "× median", "× p95")
    for one in found:
        figures = (one.requests, one.median, one.p95, one.p99, one.mean)
        factors = (one.fewer_for_median, one.fewer_for_p95)
        shown.add_row(
            one.policy,
            *(f"{figure:.2f}" for figure in figures),
            f"{one.longest_gap:.1f}",
            *(f"{factor:.1f}" for factor in factors),
        )
    return shown


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.schedule", description="When to look again.")
    parser.add_argument("--hosts", type=int, default=50, help=f"hosts, of {COLUMNS_A_HOST} columns each")
    parser.add_argument("--seed", type=int, default=1, help="of the random columns")
    parser.add_argument("--budget", type=float, action="append", help="requests a column and day (may be given again)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
