"""Connections to PostgreSQL: one that died while nobody used it is replaced before anybody is given it."""

from collections.abc import Callable

import pytest

from shared.db import Ledger, engine
from tests.servers.postgres import end_sessions


def test_sessions_that_ended_while_nobody_used_them_are_replaced(
    database_url: str, open_another: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("a file has no session")
    ours = open_another()
    monkeypatch.setattr(engine, "FRESH_SECONDS", 0.0)
    for _ in range(2):
        with ours.reading() as reading, ours.begin() as writing:
            assert reading.events.last_position() == writing.events.lock_positions() == 0
        end_sessions(database_url)
