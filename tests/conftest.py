"""What every test may ask for: a ledger on each database, a queue, and the folder of real texts if it is there."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.queue_server import QueueServer
from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from tests.servers import sqlite
from tests.servers.postgres import NoPostgres, Postgres
from tests.told import events_tell_what_their_schemas_say

SHARED = Path(__file__).parents[2] / "shared"


def pytest_configure() -> None:
    """Let the processes that tests start hear SIGINT, though whoever started the tests in the background does not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this test run's own; where none can be run: a clear skip, but never one in CI."""
    try:
        server = Postgres()
    except NoPostgres as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield server
    server.close()


@pytest.fixture(scope="session")
def queue_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real queue server of this test run's own."""
    server = QueueServer(tmp_path_factory.mktemp("queue"))
    yield server.start()
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database: the test runs on each kind."""
    if request.param == "sqlite":
        yield sqlite.fresh(tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
def open_another(database_url: str) -> Iterator[Callable[[], Ledger]]:
    """A way to open the database as another process would."""
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(open_ledger(database_url, SystemClock()))
        return opened[-1]

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_another: Callable[[], Ledger]) -> Iterator[Ledger]:
    """The ledger, on each kind of database; whatever events a test leaves in it tell what their schemas say."""
    ledger = open_another()
    yield ledger
    with suppress(DBAPIError), Session(ledger.engine) as session:
        assert list(events_tell_what_their_schemas_say(session)) == []


@pytest.fixture(scope="session")
def real_texts() -> Path:
    """The folder of real notices and pages beside the checkout; the test is skipped where it is not there."""
    if not (SHARED / "seeds").is_dir():
        pytest.skip("the folder of real texts is not beside this checkout")
    return SHARED
