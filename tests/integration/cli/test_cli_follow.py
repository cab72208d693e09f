"""`events --follow` on PostgreSQL, which goes away and comes back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.clock import SystemClock
from shared.db import open_ledger
from tests.servers.postgres import NoPostgres, Postgres
from tests.unit.cli.desk import add_notice


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that only this test kills; a clear skip where none can be run, but never one in CI."""
    try:
        server = Postgres()
    except NoPostgres as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield server
    server.close()


def test_a_follower_survives_a_database_that_is_killed_and_started_again(own_postgres: Postgres) -> None:
    url = own_postgres.fresh()
    environment = {**os.environ, "NOTICEWIRE_DATABASE_URL": url}
    command = [sys.executable, "-m", "services.cli", "events", "--follow", "--json"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ledger = open_ledger(url, SystemClock())
        try:
            add_notice(ledger, ["first", "second"])
            before = [json.loads(process.stdout.readline()) for _ in range(2)]
            ledger.close()
            own_postgres.kill()
            assert "waiting for it" in process.stderr.readline()
            own_postgres.start()
            assert "answers again" in process.stderr.readline()
            with ledger.begin() as uow:
                again = uow.events.by_id(before[0]["id"])
                assert again is not None
                fresh = {
                    name: getattr(again, name)
                    for name in ("subject", "partition_key", "source_id", "column_id", "occurred_at", "data")
                }
                uow.events.append([fresh | {"id": "later", "type": "notice.restored", "cause": "test"}])
                last = uow.events.lock_positions()
                uow.events.stamp(uow.events.unstamped(10), last, uow.now())
                uow.commit()
            after = json.loads(process.stdout.readline())
        finally:
            process.terminate()
            ledger.close()
    assert [int(event["sequence"]) for event in [*before, after]] == [1, 2, 3]
