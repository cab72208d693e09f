"""Where a run takes place."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.queue_server import QueueServer
from tests.servers import sqlite
from tests.servers.postgres import Postgres


class Place(NamedTuple):
    """An empty folder, a migrated database, and a queue's server."""

    folder: Path
    database_url: str
    redis_url: str


@contextmanager
def private_place(database: str) -> Iterator[Place]:
    """Make a place of its own, with a server of `database` (postgresql or sqlite). Raises `NoPostgres`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="noticewire-ordeal-")))
        queue = QueueServer(folder / "queue")
        stack.callback(queue.stop)
        if database == "postgresql":
            server = Postgres()
            stack.callback(server.close)
            url = server.fresh()
        else:
            url = sqlite.fresh(folder)
        yield Place(folder, url, queue.start())
