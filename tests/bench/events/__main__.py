"""The benchmark of events: relay, filters and deliveries, each beside its floor in the same run.

python -m tests.bench.events [--part relay --part filters …] [--json]
"""

import argparse
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from os import getloadavg

import structlog
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tests.bench.events import filters, latency, relay, webhooks, windows
from tests.bench.events.figures import Figure
from tests.bench.report import machine_line

PARTS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "relay": relay.figures,
    "filters": filters.figures,
    "webhooks": webhooks.figures,
    "latency": latency.figures,
    "windows": windows.figures,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.events", description="Relay, filters and windows.")
    parser.add_argument("--part", choices=list(PARTS), action="append", help="only this part; repeatable")
    parser.add_argument("--json", action="store_true", help="print one JSON object a figure")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    table = Table("part", "what", "measured", "beside", "bar", "load", box=SIMPLE)
    for part in asked.part or PARTS:
        for figure in PARTS[part]():
            load = f"{getloadavg()[0]:.1f}"
            if asked.json:
                print(json.dumps({"part": part, "load": load} | figure._asdict()), flush=True)
            table.add_row(part, figure.what, f"{_plain(figure.ours)} {figure.unit}", _beside(figure), figure.bar, load)
    if not asked.json:
        print(machine_line())
        Console(width=160).print(table)


def _beside(figure: Figure) -> str:
    return "" if figure.other is None else f"{_plain(figure.other)} {figure.unit} ({figure.beside})"


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


if __name__ == "__main__":
    main()
