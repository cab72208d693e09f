"""A migrated database that is a file: made once in a process, and copied; to migrate costs 0.2 s of CPU each time."""

import tempfile
from functools import cache
from pathlib import Path

from shared.clock import SystemClock
from shared.db import open_ledger
from shared.migrations import upgrade

NAME = "noticewire.db"
"""As a data folder calls it."""


def fresh(folder: Path) -> str:
    """Return the address of a new, migrated database in `folder`, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(_migrated())
    return f"sqlite:///{folder / NAME}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="noticewire-migrated-") as folder:
        path = Path(folder) / NAME
        ledger = open_ledger(f"sqlite:///{path}", SystemClock())
        upgrade(ledger)
        ledger.close()
        return path.read_bytes()
