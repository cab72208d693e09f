"""What is measured while a run lasts, in a thread of its own: what our processes use, and what health says."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil
import psycopg
from redis.exceptions import RedisError

from tests.endurance import Stall, Use
from tests.resilience.rig import PROCESSES, Rig

LOOK_SECONDS = 1.0
USE_EVERY = 5
"""What is used is looked at every so many looks at health: it costs more."""
SETTLED_LOOKS = 8
SETTLED_SECONDS = 0.25


class Health(NamedTuple):
    """What health said at one moment: green, red with its first problem, or no answer (None)."""

    at: float
    green: bool | None
    problem: str = ""


class Gauges:
    """Reads health every second and use every few; keeps it all."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.began = time.monotonic()
        self.health: list[Health] = []
        self.uses: list[tuple[float, Use]] = []
        self.calm: Use | None = None
        self.quiet: Use | None = None
        self.stalls: list[Stall] = []
        self.wrong_counts: list[str] = []
        self.loads: list[float] = []
        """Of the machine, all cores together."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="gauges", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self.began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _read(self) -> None:
        for number in range(1 << 30):
            if self._stop.wait(LOOK_SECONDS):
                return
            self.health.append(self._look())
            if number % USE_EVERY == 0:
                with suppress(psutil.Error):
                    self.uses.append((time.monotonic(), self.use()))
                self.loads.append(os.getloadavg()[0])

    def _look(self) -> Health:
        try:
            with urlopen(self._url("/readyz"), timeout=5):
                return Health(time.monotonic(), True)
        except HTTPError as error:
            problems = json.load(error).get("problems") if error.code == 503 else [f"answered {error.code}"]
            return Health(time.monotonic(), False, (problems or ["?"])[0])
        except (URLError, OSError, ValueError):
            return Health(time.monotonic(), None)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._rig.line.settings.api_port}{path}"

    def is_green(self, since: float = 0.0) -> bool:
        """Tell whether health is green, by a look that was taken after `since`."""
        return bool(self.health) and bool(self.health[-1].green) and self.health[-1].at > since

    def is_red(self, since: float) -> bool:
        """Tell whether health is red, by a look that was taken after `since`."""
        return bool(self.health) and self.health[-1].green is False and self.health[-1].at > since

    @property
    def reds(self) -> Sequence[tuple[float, float, str]]:
        """When health was red: from, to, and the first problem."""
        spans: list[tuple[float, float, str]] = []
        latest = None
        for one in self.health:
            if one.green is False:
                began, _, problem = spans.pop() if latest is False else (one.at, one.at, one.problem)
                spans.append((began, one.at, problem))
            latest = one.green
        return spans

    def use(self) -> Use:
        """Return what our processes use now."""
        memory, files, kinds, count = dict[str, int](), dict[str, int](), dict[str, str](), 0
        for name in PROCESSES:
            family = self._family(name)
            count += len(family)
            memory[name] = sum(self._of(one, "rss") for one in family)
            files[name] = sum(self._of(one, "fds") for one in family)
            kinds[name] = "; ".join(_kinds(one.pid) for one in family)
        return Use(count, memory, files, self._connections(), kinds)

    def _family(self, name: str) -> list[psutil.Process]:
        with suppress(psutil.Error):
            main = psutil.Process(self._rig.line.pid(name))
            if main.status() != psutil.STATUS_ZOMBIE:
                return [main, *main.children(recursive=True)]
        return []

    @staticmethod
    def _of(process: psutil.Process, what: str) -> int:
        with suppress(psutil.Error):
            return int(process.memory_info().rss if what == "rss" else process.num_fds())
        return 0

    def _connections(self) -> int:
        count = 0
        with suppress(RedisError):
            count += len(self._rig.queue.clients())
        if self._rig.server is not None:
            with suppress(psycopg.Error), psycopg.connect(self._rig.line.settings.database, connect_timeout=3) as link:
                asked = link.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'noticewire'")
                count += int((asked.fetchone() or [0])[0])
        return count

    def note_calm(self) -> None:
        """Keep what is used now as what is used when all is well."""
        self.calm = self._settled()

    def note_quiet(self) -> None:
        """Keep what is used now as what is used after everything; and hold the counts that are shown against rows."""
        self.quiet = self._settled()

    def _settled(self) -> Use:
        """Return what is used at the least busy of a few looks: a file is read in a process that comes and goes."""
        uses = []
        for _ in range(SETTLED_LOOKS):
            uses.append(self.use())
            time.sleep(SETTLED_SECONDS)
        return min(uses, key=lambda use: use.processes)

    def compare_counts(self) -> None:
        """Hold the counts that the API shows against the database's; nothing may be changing them."""
        bearer = {"Authorization": f"Bearer {self._rig.line.token}"}
        with urlopen(Request(self._url("/metrics"), headers=bearer), timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        shown = {line.partition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}
        with self._rig.line.wiring.ledger.reading() as uow:
            for table, count in uow.ages.counts().items():
                told = shown.get(f'noticewire_rows{{table="{table}"}}')
                if told != count:
                    self.wrong_counts.append(f"{told} {table} are shown; there are {count}")


def _kinds(pid: int) -> str:
    """Return how many descriptors of each kind a process holds."""
    counts = Counter[str]()
    with suppress(OSError):
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                counts[os.readlink(f"/proc/{pid}/fd/{descriptor}").partition(":")[0]] += 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common(6))
