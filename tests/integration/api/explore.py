"""schemathesis against the running API: every check, by the OpenAPI document, with whatever it can think of.

`python -m tests.integration.api.explore` runs every phase, and takes options of `st run` (`--max-examples 100`).
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from shared.db.models import Revision
from shared.domain.states import Scope
from tests.integration.api.live import serving
from tests.integration.api.world import World, open_world
from worker.read import read

# What means well may still be refused in words: a URL that leads nowhere, days in the wrong order, a key used twice.
SETTINGS = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 422, 429]

# A world without a crawler is never ready, and says so.
[[operations]]
include-path = "/readyz"
[operations.checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", 503]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 503]
"""
PAGE = "关于巡察整改进展情况的通报\n\n清源区云岭镇党委\n2026年3月1日\n一、存在问题：台账不全。整改情况：已完成。\n"


def explore(options: Sequence[str], seconds: float) -> str | None:
    """Serve a small world and let schemathesis loose on it; return what it found, or None where that is nothing."""
    with tempfile.TemporaryDirectory() as name, open_world(Path(name), api_requests_per_minute=10**9) as world:
        token = inhabited(world)
        (Path(name) / "settings.toml").write_text(SETTINGS)
        # A stream would never end: let it, as if its token had been revoked as soon as it was opened.
        world.app.state.tail._live_tokens = lambda _: set()
        with serving(world) as server:
            command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "settings.toml", "--no-color", "run"]
            command += [f"{server.address}/openapi.json", "-H", f"Authorization: Bearer {token}", "--checks", "all"]
            done = subprocess.run([*command, *options], cwd=name, capture_output=True, text=True, timeout=seconds)
    return None if done.returncode == 0 else done.stdout + done.stderr


def inhabited(world: World) -> str:
    """Fill the world with a little of everything; return a token that may do all."""
    world.token(Scope.READ)  # the first on the list, for whoever wants to revoke one
    notice = world.notice("a", ["first", "second"])
    world.notice("b")
    document = read(PAGE.encode(), url=notice.url).as_json()
    with world.ledger.begin() as uow:
        for revision in uow._session.query(Revision):
            revision.document = document
        uow.commit()
    world.subscription()
    world.relay()
    return world.token(Scope.ADMIN)[1]


if __name__ == "__main__":
    print(explore(sys.argv[1:], 3600) or "nothing found")
