"""A year of a steady source, with retention by rule: rows of each table, and bytes, at the end of each quarter.

The command: python -m tests.month.year [--days 364]; fails if a table grows that must be flat. Each column publishes
and edits at a steady pace, its host fails for half a day a week, and one of five deliveries has to be made again.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from threading import Event
from typing import NamedTuple

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, subscribe
from services.processes.relaying import courier_rules
from services.simulation.premises import Premises
from shared.db.models import Fetch, Table, Target
from shared.domain.states import TargetKind
from shared.http import AllowList, Limits, Request, Response
from shared.http.addresses import NOWHERE
from shared.http.exchange import DEFAULT_LIMITS
from tests.integration.scene import consented
from tests.month.play import Play
from tests.month.story import DAY, Character, Story
from worker.deliver.courier import Courier

QUARTERS = 4
FAILS = 0.2
KEY = "steady.example"
RULES = {
    "keep_events_days": 60,
    "keep_attempts_days": 30,
    "keep_visits_days": 60,
    "keep_snapshots_days": 60,
    "keep_audit_days": 60,
}
GROWING = {
    "notices": "the notices themselves",
    "revisions": "their texts",
    "targets": "their addresses",
    "sightings": "where they were listed",
    "fetches of notices": "visits that brought a text, and the newest 50 of each address",
    "spoken": "the headers of the fetches that are kept",
    **dict.fromkeys(("aspects", "problems", "accounts", "measures", "statuses", "commitments"), "their ledgers"),
    **dict.fromkeys(("comment_windows", "agenda"), "their days"),
    **dict.fromkeys(("searchable", "edge_lines", "sketches", "sketch_bands"), "what is known of their texts"),
    "file_texts": "their files",
}
"""What grows with the notices, and nothing else: everything else is flat, once the days of its rule have passed."""
ALLOWANCE = 1.3
"""A flat table may have so much more at the end than halfway, and a few rows."""
FEW = 20


class Quarter(NamedTuple):
    """How much there is at the end of a quarter."""

    rows: dict[str, int]
    file_bytes: int
    blob_bytes: int


class Hook:
    """A webhook as an `Exchange`: it fails now and then."""

    def __init__(self) -> None:
        """Fail at seeded random."""
        self._random = Random("hook")

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        return Response(request.url, 503 if self._random.random() < FAILS else 204, {}, b"", 0.0, 0.1)


class Year(Play):
    """A play with a subscriber."""

    def __init__(self, told: Story, folder: Path, looks_a_day: float, **rules: int) -> None:
        """Set everything up."""
        super().__init__(told, folder, looks_a_day, **rules)
        self._news = Event()
        box = self._wiring.box
        made, _ = subscribe(self.ledger, box, Webhook("https://hook.example/x"))
        consented(self.ledger, made)
        self._courier = Courier(self.ledger, Hook(), box, courier_rules(self.settings), self._news.set)
        self._folder = folder

    def lead(self) -> None:
        """See `Play.lead`; and bring what is due."""
        super().lead()
        while self._courier.bring() or self._courier.busy:
            self._news.wait(1)
            self._news.clear()

    def close(self) -> None:
        """See `Play.close`."""
        self._courier.close()
        super().close()

    def look(self) -> Quarter:
        """Return how much there is now."""
        with Session(self.ledger.engine) as session:
            rows = {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Table.metadata.sorted_tables
            }
            of_listings = select(func.count()).select_from(Fetch).join(Target, Target.id == Fetch.target_id)
            listings = session.scalar(of_listings.where(Target.kind == TargetKind.LISTING)) or 0
            rows |= {"fetches of listings": listings, "fetches of notices": rows.pop("fetches") - listings}
            pages = session.scalar(text("PRAGMA page_count")) or 0
            size = session.scalar(text("PRAGMA page_size")) or 0
        blobs = sum(path.stat().st_size for path in (self._folder / "blobs").rglob("*.zst"))
        return Quarter(rows, pages * size, blobs)


def steady(columns: int, days: int, every: float) -> Story:
    """Tell of columns that publish a notice `every` so many days, which is edited the day after; all on one host."""
    told = Story(1, days, [Character(KEY, n, 1 / every) for n in range(columns)], [], 3)
    for one in told.characters:
        at = 8 * 3600.0 + 600 * one.column
        while at < told.ends:
            _publish(told, one, at)
            at += every * DAY
    for week in range(days // 7):
        told.at((7 * week + 5) * DAY, lambda site: site.fault(KEY, "503", seconds=DAY / 2))
    return told


def _publish(told: Story, one: Character, at: float) -> None:
    def publish(site: Premises) -> None:
        url = site.publish(one.key, one.column)
        told.at(at + DAY, lambda site: _edit(site, url))

    told.at(at, publish)


def _edit(site: Premises, url: str) -> None:
    site.edit(url)


def play(told: Story, folder: Path, rules: dict[str, int], looks_a_day: float = 4) -> list[Quarter]:
    """Play, and return how much there was at the end of each quarter."""
    year, quarters = Year(told, folder, looks_a_day, **rules), list[Quarter]()
    try:
        for n in range(QUARTERS):
            year.play_until((n + 1) * told.ends / QUARTERS)
            quarters.append(year.look())
    finally:
        year.close()
    return quarters


def growing(quarters: Sequence[Quarter]) -> dict[str, tuple[int, int]]:
    """Return the tables that must be flat and are not: rows halfway, and at the end."""
    half, end = quarters[len(quarters) // 2 - 1].rows, quarters[-1].rows
    flat = (name for name in end if name not in GROWING)
    return {name: (half[name], end[name]) for name in flat if end[name] > ALLOWANCE * half[name] + FEW}


def lines(quarters: Sequence[Quarter]) -> list[str]:
    """Return the table that is printed."""
    told = [f"{'rows of':<22}" + "".join(f"{f'Q{n + 1}':>12}" for n in range(len(quarters)))]
    for name in sorted(quarters[-1].rows):
        if quarters[-1].rows[name]:
            why = f"  grows: {GROWING[name]}" if name in GROWING else ""
            told.append(f"{name:<22}" + "".join(f"{one.rows[name]:>12,}" for one in quarters) + why)
    told.append(f"{'bytes of the file':<22}" + "".join(f"{one.file_bytes:>12,}" for one in quarters))
    told.append(f"{'bytes of snapshots':<22}" + "".join(f"{one.blob_bytes:>12,}" for one in quarters))
    return told


def main() -> int:
    """Play a year, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.month.year", description="A year of a steady source.")
    parser.add_argument("--columns", type=int, default=2)
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--folder", type=Path, help="where the ledger is kept meanwhile; a RAM disk is quicker")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="noticewire-year-", dir=asked.folder) as folder:
        quarters = play(steady(asked.columns, asked.days, 2.0), Path(folder), RULES)
    print(f"{asked.columns} columns, {asked.days} days, {time.process_time() - began:.0f} s of CPU")
    print("\n".join(lines(quarters)))
    wrong = growing(quarters)
    for name, (half, end) in wrong.items():
        print(f"{name} must be flat, and grew from {half} to {end}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
