"""All benchmarks: run the parts that are asked for, keep what each tells, and write the sheet.

python -m tests.bench [--only PART …] [--sizes 10000,100000] [--peers .venv-bench/bin/python] [--docs docs]

A part that fails is named on the sheet with the reason, and keeps its last figures; the script then ends with 1.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.parts import PARTS, Part
from tests.bench.sheet import sheet

_REASON = 300
"""Characters of why a part failed."""


def main() -> int:
    """Run, keep and write; return 1 if a part failed."""
    asked = _arguments()
    results = asked.docs / "performance.json"
    kept: dict[str, Any] = json.loads(results.read_text()) if results.exists() else {}
    failed = False
    for name in asked.only or PARTS:
        print(f"{name} …", flush=True)
        part = PARTS[name]
        more = ["--sizes", asked.sizes] if name == "growth" and asked.sizes else []
        more += ["--peers", str(asked.peers)] if name == "line" else []
        outcome = run(part, asked.peers if part.peers else Path(sys.executable), more)
        if outcome.get("failed"):
            failed = True
            print(f"{name} failed: {outcome['failed']}", file=sys.stderr, flush=True)
        kept[name] = {"rows": kept.get(name, {}).get("rows", [])} | outcome
        # Written after each part: whatever ends the run, what was measured stays.
        results.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        (asked.docs / "performance.md").write_text(sheet(kept))
    return int(failed)


def run(part: Part, python: Path, more: list[str]) -> dict[str, Any]:
    """Run one part's script; return its rows or why there are none, with when, where and under what load."""
    began, load = time.monotonic(), os.getloadavg()[0]
    told: dict[str, Any] = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "machine": machine_of(python)}
    command = [str(python), "-m", part.module, *part.arguments, *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=part.longest_seconds, check=False)
        if done.returncode:
            told["failed"] = _reason(done.stderr) or f"it ended with {done.returncode}"
        else:
            told["rows"] = [row.as_json() for row in part.read(done.stdout)]
    except subprocess.TimeoutExpired:
        told["failed"] = f"it did not end within {part.longest_seconds:.0f} s"
    except OSError as error:
        told["failed"] = f"{python} cannot be run: {error.strerror} (make .venv-bench/.bench)"
    except (ValueError, KeyError, TypeError) as error:
        told["failed"] = f"what it printed is not understood: {error!r}"[:_REASON]
    return told | {"seconds": time.monotonic() - began, "load": [load, os.getloadavg()[0]]}


def machine_of(python: Path) -> Mapping[str, Any]:
    """Return what is known of the machine, and of the versions in the environment of `python`."""
    ask = "import json; from tests.bench.report import machine; print(json.dumps(machine()))"
    try:
        done = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return {"processor": "unknown", "cores": os.cpu_count(), "python": "", "versions": {}}
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def _reason(said: str) -> str:
    """Return the last line of what a script said on its way out."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:_REASON] if lines else ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="All benchmarks, and their sheet.")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part (may be given again)")
    parser.add_argument("--sizes", help="notices stored for growth, the smallest first, with commas")
    parser.add_argument("--peers", type=Path, default=Path(".venv-bench/bin/python"), help="where our peers are")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of the sheet and its results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
