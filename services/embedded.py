"""The embedded all-in-one: the same processes as in service, on SQLite and a queue server of our own, supervised.

Start: queue server → migrations → first admin token → crawl, work, relay, api. Stop: in the reverse order, the queue
last. A child that dies is started again, after a pause that grows; the kernel ends all of them with the supervisor.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

import structlog
from filelock import FileLock, Timeout

from services.desk.tokens import create_token
from services.queue_server import QueueServer
from services.tied import tied
from services.wiring import Wiring
from shared.db import Ledger
from shared.domain.states import Scope
from shared.errors import Invalid, Unavailable
from shared.migrations import upgrade
from shared.secrets import key_in
from shared.settings import PREFIX, Settings

log = structlog.get_logger()

KINDS = ("crawl", "work", "relay", "api")
READY_SECONDS = 45.0
STOP_SECONDS = 25.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Child:
    """One supervised process, and when it may be started again."""

    kind: str
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0


class Embedded:
    """Everything, on this machine."""

    def __init__(self, settings: Settings, log_file: Path | None = None) -> None:
        """Prepare; the children's logs go to `log_file`, or to this process's standard error."""
        self._log_file = log_file
        self._data = settings.data_dir.absolute()
        self._lock = FileLock(self._data / "run" / "up.lock", thread_local=False, is_singleton=False)
        self._queue = None if settings.redis_url else QueueServer(self._data / "queue")
        self._children: dict[str, Child] = {}
        self.settings = settings
        self.token_path = self._data / "admin-token"

    @property
    def api_url(self) -> str:
        """Where the API listens."""
        return f"http://{self.settings.api_host}:{self.settings.api_port}"

    def start(self) -> None:
        """Start everything and wait until the API answers. Raises `Invalid` if this data folder is in use already."""
        (self._data / "run").mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise Invalid(f"noticewire is already running on {self._data}; stop it, or name another --data") from error
        try:
            redis_url = self._queue.start() if self._queue else self.settings.redis_url
            key = self.settings.secret_key or key_in(self._data / "secret.key")
            self.settings = self.settings.model_copy(
                update={"redis_url": redis_url, "data_dir": self._data, "secret_key": key}
            )
            self._prepare()
            for kind in KINDS:
                self._children[kind] = self._spawn(kind)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _prepare(self) -> None:
        wiring = Wiring(self.settings)
        try:
            upgrade(wiring.ledger)
            keep_first_token(wiring.ledger, self.token_path)
        finally:
            wiring.close()

    def _spawn(self, kind: str) -> Child:
        command = tied([sys.executable, "-m", "services.cli", kind])
        output = self._log_file.open("ab") if self._log_file else None
        try:
            process = subprocess.Popen(
                command,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()
        return Child(kind, process, time.monotonic())

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for child in self._children.values():
                if child.process.poll() is not None:
                    raise Unavailable(f"noticewire {child.kind} ended at once; see {self._log_file or 'its messages'}")
            try:
                with urlopen(f"{self.api_url}/healthz", timeout=1):  # noqa: S310 (our own address)
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise Unavailable(f"the API did not answer at {self.api_url} within {READY_SECONDS:.0f} s")

    def supervise(self) -> None:
        """Start again what has died; call this every now and then."""
        if self._queue and not self._queue.alive():
            raise Unavailable("the queue server has ended; its log is in the data folder's queue/server.log")
        for kind, child in self._children.items():
            code = child.process.poll()
            if code is None:
                continue
            pause = min(2.0 ** min(child.deaths, 10) - 1, LONGEST_PAUSE_SECONDS)
            if time.monotonic() - child.started < pause:
                continue
            lived = time.monotonic() - child.started
            log.warning("child_restarted", kind=kind, exit_code=code, lived_seconds=round(lived, 1))
            fresh = self._spawn(kind)
            fresh.deaths = 0 if lived > 60 else child.deaths + 1
            self._children[kind] = fresh

    def stop(self) -> None:
        """End everything in order, the queue last."""
        for kind in reversed(KINDS):
            if child := self._children.pop(kind, None):
                _end(child)
        if self._queue:
            self._queue.stop()
        self._lock.release()


def keep_first_token(ledger: Ledger, path: Path) -> None:
    """Make the first admin token, in a file at `path` that its owner alone may read, unless there is one.

    Written whole and then given its name: a kill in between leaves no file that stands for a token and holds none.
    """
    if path.exists() and path.read_text().strip():
        return
    _, text = create_token(ledger, name="first admin", scopes=[Scope.ADMIN])
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".token-")  # readable by its owner alone
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _end(child: Child) -> None:
    child.process.terminate()
    try:
        child.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a child process exactly `settings`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = settings.model_dump(mode="json", exclude_none=True)
    return kept | {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}


def up(settings: Settings, stop: Event) -> None:
    """Run everything until `stop` is set."""
    embedded = Embedded(settings)
    embedded.start()
    log.info(
        "noticewire_up",
        api=embedded.api_url,
        data=str(embedded.settings.data_dir),
        admin_token=str(embedded.token_path),
    )
    try:
        while not stop.wait(0.5):
            embedded.supervise()
    finally:
        embedded.stop()
