"""The parts of the benchmark: which script each is, in which environment, for how long at most, and what it tells."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench import tellings
from tests.bench.rows import Row


@dataclass(frozen=True)
class Part:
    """One script; `peers`: it runs where our peers are installed; `tell` turns what it printed into rows."""

    title: str
    about: str
    module: str
    arguments: Sequence[str]
    tell: Callable[[Any], list[Row]]
    peers: bool = False
    longest_seconds: float = 600.0

    def read(self, printed: str) -> list[Row]:
        """Return the rows of what the script printed: one JSON value, or one a line."""
        try:
            told = json.loads(printed)
        except ValueError:
            told = [json.loads(line) for line in printed.splitlines() if line.strip()]
        return self.tell(told)


_CRAWL = "Twenty hosts of a hundred notices each, without pauses; CPU time of one process, serving is another's."
_LINE = (
    "The same 2,000 pages through our processes (crawler, worker, relay, queue server; SQLite), from the columns "
    "becoming due to the last event's position, and through Scrapy with a pipeline that parses title, day and text "
    "and stores them with the page in SQLite. CPU time of all processes together; start-up is left out for us, not "
    "for Scrapy. Memory afterwards: what each process has for itself alone (USS), and altogether (RSS)."
)
_GROWTH = (
    "Ledgers filled with rows of the very shape that the line writes (`tests/bench/growth`), of notices of 700 to "
    "1,100 characters; then the line brings more to each by turns, in one thread and without sockets, and the API "
    "answers each question forty times. CPU time includes the database server's."
)
PARTS: Mapping[str, Part] = {
    "read": Part(
        "Reading", "Real pages where they are at hand, one core.", "tests.bench.read", ["--json"], tellings.read, True
    ),
    "crawl": Part("Crawling", _CRAWL, "tests.bench.crawl", ["--json", "--rounds", "2"], tellings.crawl, True),
    "line": Part("The whole line, and memory", _LINE, "tests.bench.line", ["--json"], tellings.line),
    "relay": Part(
        "Relay and filters",
        "The floor is bare `executemany` of the same rows.",
        "tests.bench.events",
        ["--json", "--part", "relay", "--part", "filters"],
        tellings.events,
    ),
    "deliver": Part(
        "Deliveries",
        "Signed POSTs over TLS; commit to first attempt with the real relay.",
        "tests.bench.events",
        ["--json", "--part", "webhooks", "--part", "latency"],
        tellings.events,
    ),
    "windows": Part(
        "Windows",
        "SSE and Redis Streams: commit to reader, real processes.",
        "tests.bench.events",
        ["--json", "--part", "windows"],
        tellings.events,
    ),
    "schedule": Part(
        "Schedule",
        "Simulated time: random columns, ten weeks; how long notices wait for a look at six looks a column and day.",
        "tests.bench.schedule",
        ["--json", "--hosts", "20", "--budget", "6"],
        tellings.schedule,
    ),
    "same": Part("The same text elsewhere", "Invented texts in SQLite.", "tests.bench.same", ["--json"], tellings.same),
    "growth": Part("Growth", _GROWTH, "tests.bench.growth", ["--json"], tellings.growth, longest_seconds=7_200.0),
}
