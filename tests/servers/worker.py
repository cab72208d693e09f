"""A worker of our own making, as a program: Celery with the real task and the real processor, and one deadly page.

    python -m tests.servers.worker REDIS_URL DATABASE_URL FOLDER

A child that is given a snapshot with the word DEADLY in it is killed on the spot, as by a crash in a parser.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from shared.blobs import FolderBlobs
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.queue import CeleryBell
from tests.integration.test_processing import RULES
from worker.app import answer_bells, make_celery, run_worker
from worker.process import Processor, ProcessRules

DEADLY = "一击致命".encode()
LEASES = 5


class Deadly(FolderBlobs):
    """Blobs of which one kind kills whoever reads it."""

    def get(self, digest: str) -> bytes:
        content = super().get(digest)
        if DEADLY in content:
            os.kill(os.getpid(), signal.SIGKILL)
        return content


def main(redis_url: str, database_url: str, folder: str) -> None:
    def build() -> Callable[[str], None]:
        ledger = open_ledger(database_url, SystemClock())
        rules = ProcessRules(lease_seconds=0.05, leases=LEASES, withdrawal=RULES.withdrawal)
        return Processor(ledger, Deadly(Path(folder)), CeleryBell(redis_url), rules).process

    celery = make_celery(redis_url)
    answer_bells(celery, build, lambda: None)
    run_worker(celery, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
