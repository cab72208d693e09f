"""The command: python -m tests.resilience [--minutes 10] [--seed 1] [--database sqlite]; fails if a promise broke."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from services.queue_server import QueueServer
from services.simulation.witness import gaps
from tests.resilience.ordeal import on_postgres, on_sqlite
from tests.servers.line import DELAY_SECONDS


def main() -> int:
    """Strike for as long as was asked, judge, and print what was seen."""
    asked = _arguments()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="noticewire-ordeal-") as folder:
        queue = QueueServer(Path(folder) / "queue")
        opening = on_postgres if asked.database == "postgresql" else on_sqlite
        try:
            with opening(Path(folder), queue.start(), asked.seed) as ordeal:
                ordeal.strike(None, 60 * asked.minutes)
                ordeal.judge()
                log = ordeal.run.site.log()
        finally:
            queue.stop()
    blows = ", ".join(f"{count} {name}" for name, count in sorted(Counter(ordeal.nemesis.struck).items()))
    shortest = gaps(log)[0].seconds
    print(f"{asked.database}, seed {asked.seed}: {blows}")
    print(f"{len(log)} requests; the shortest pause {shortest:.3f} s of {DELAY_SECONDS:g} s; no promise broken")
    print(f"{time.monotonic() - began:.0f} s")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.resilience", description="Three crawlers, and a nemesis.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long blows fall")
    parser.add_argument("--seed", type=int, default=1, help="of the nemesis and of the sites")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
