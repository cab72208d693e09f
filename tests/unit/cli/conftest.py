"""Fixtures of the command line's tests: a desk on a migrated ledger, in an environment without settings."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.db import open_ledger
from tests.servers import sqlite
from tests.unit.cli.desk import Desk


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A data folder that does not exist yet, named by the only setting; logging is put back afterwards."""
    for name in [name for name in os.environ if name.startswith("NOTICEWIRE_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)
    folder = tmp_path / "data"
    monkeypatch.setenv("NOTICEWIRE_DATA_DIR", str(folder))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield folder
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def desk(bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose ledger is migrated and empty."""
    ledger = open_ledger(sqlite.fresh(bare), SystemClock())
    yield Desk(bare, ledger, capsys, monkeypatch)
    ledger.close()
