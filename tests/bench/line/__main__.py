"""The benchmark of the whole line as a script.

python -m tests.bench.line [--hosts 20] [--rounds 1] [--peers .venv-bench/bin/python] [--json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.crawl.origin import Origin, serving
from tests.bench.crawl.pages import NOTICES
from tests.bench.line.ours import Brought, bring

_LONGEST_SECONDS = 300


def main() -> None:
    """Measure by turns and print."""
    asked = _arguments()
    with serving(asked.hosts) as origin:
        rounds = [(_ours(origin), _theirs(origin, asked.peers)) for _ in range(asked.rounds)]
    ours, theirs = [one for one, _ in rounds], [other for _, other in rounds if other is not None]
    told: dict[str, Any] = {
        "pages": asked.hosts * NOTICES,
        "cpu_ms_a_page": {kind: median(one.cpu_ms_a_page[kind] for one in ours) for kind in ours[0].cpu_ms_a_page},
        "seconds": median(one.seconds for one in ours),
        "scrapy_ms_a_page": median(theirs) if theirs else None,
        "memory_mib": {name: held._asdict() for name, held in ours[-1].memory_mib.items()},
    }
    if asked.json:
        print(json.dumps(told, indent=2))
        return
    for kind, spent in told["cpu_ms_a_page"].items():
        print(f"{kind:>14}: {spent:6.2f} ms of CPU a page")
    print(f"{'altogether':>14}: {sum(told['cpu_ms_a_page'].values()):6.2f}; Scrapy: {told['scrapy_ms_a_page']}")
    for name, held in told["memory_mib"].items():
        print(f"{name:>14}: {held['rss']:6.0f} MiB, {held['uss']:6.0f} of them its own")


def _ours(origin: Origin) -> Brought:
    with tempfile.TemporaryDirectory(prefix="bench-line-") as folder:
        return bring(origin.hosts, origin.port, origin.hosts * NOTICES, Path(folder))


def _theirs(origin: Origin, python: Path) -> float | None:
    """Return Scrapy's milliseconds of CPU time a page; None where it is not installed."""
    if not python.exists():
        return None
    with tempfile.TemporaryDirectory(prefix="bench-line-") as folder:
        command = [str(python), "-m", "tests.bench.line.theirs", str(origin.hosts), str(origin.port), folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False)
    if done.returncode:
        sys.exit(f"Scrapy failed: {done.stderr[-300:]}")
    stored, seconds = done.stdout.split()
    if int(stored) != origin.hosts * NOTICES:
        sys.exit(f"Scrapy stored {stored} notices of {origin.hosts * NOTICES}")
    return 1000 * float(seconds) / int(stored)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.line", description="The whole line beside Scrapy.")
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1, help="how often each crawls; the median counts")
    parser.add_argument("--peers", type=Path, default=Path(".venv-bench/bin/python"), help="where Scrapy is")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
