"""A queue server of a test's own, on one port for as long as it lives: killed, started empty, filled up or frozen."""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from redis import Redis
from redis.exceptions import RedisError

from services.queue_server import find_server, free_port
from services.tied import tied

READY_SECONDS = 20.0


class Queue:
    """A real Valkey (or Redis) on loopback that keeps nothing on disk: started again, it is empty."""

    def __init__(self) -> None:
        """Start it, and wait until it answers."""
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="noticewire-queue-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it is, without any door in between."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        where = ["--dir", str(self._folder), "--logfile", str(self._folder / "log"), "--maxmemory-policy", "noeviction"]
        command = tied([find_server(), *options, *where])
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "the queue server did not start"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except RedisError:
            return False

    def ask(self, *command: str) -> object:
        """Send one command, past every door; return the answer."""
        with Redis.from_url(self.url, socket_timeout=5) as redis:
            return redis.execute_command(*command)

    def clients(self) -> list[dict[str, str]]:
        """Return who is connected, but for whoever asks."""
        with Redis.from_url(self.url, socket_timeout=5) as redis:
            own = redis.client_id()
            return [one for one in redis.client_list() if int(one["id"]) != own]

    def kill(self) -> None:
        """End it at once; what it held is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def freeze(self) -> None:
        """Stop it: connections stay, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def fill(self) -> None:
        """Let there be no room for anything more."""
        self.ask("CONFIG", "SET", "maxmemory", "1")

    def empty(self) -> None:
        """Let there be room again."""
        self.ask("CONFIG", "SET", "maxmemory", "0")

    def was_full(self) -> bool:
        """Tell whether it has refused anything for want of room."""
        return "errorstat_OOM" in str(self.ask("INFO", "errorstats"))

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def close(self) -> None:
        """End it for good."""
        self.thaw()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "Queue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
