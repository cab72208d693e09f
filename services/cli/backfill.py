"""`backfill`: the older pages of a column, asked for politely, and waiting until they were read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.progress import ProgressLines
from services.cli.records import BACKFILL, record
from services.cli.screen import emit, note, say
from shared.errors import NotFound, TimedOut

if TYPE_CHECKING:
    from services.wiring import Wiring
    from shared.db.models import Backfill

POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Standing:
    """How far a backfill is: its row, its notices that still wait, and its fetches that no worker has read yet."""

    backfill: Backfill
    waiting: int
    unprocessed: int

    @property
    def done(self) -> bool:
        """Whether every page and every notice was fetched and read."""
        return self.backfill.finished_at is not None and not self.waiting and not self.unprocessed

    def record(self) -> dict[str, Any]:
        """Return what is shown."""
        return record(self.backfill, BACKFILL) | {"waiting": self.waiting, "unprocessed": self.unprocessed}


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("backfill")(backfill)


def backfill(
    column: Annotated[str, typer.Argument(metavar="COLUMN", help="The id or the URL of a column.")],
    pages: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Most pages of its listing to read, the first one counted.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Stop where most of a page is older.")] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="As far as NOTICEWIRE_BACKFILL_PAGES allows; so it is without a bound.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all was fetched and read.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Longest to wait.")] = 86_400.0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Read the older pages of a column's listing, politely and within bounds; prints the backfill's id."""
    from services.desk import backfilling

    if whole and (pages or since):
        raise typer.BadParameter("--all goes without --pages and --since")
    with opened(data) as wiring:
        bounds = backfilling.Bounds(pages, since)
        made, new = backfilling.backfill(wiring.ledger, wiring.settings, column, bounds, by="the command line")
        expected = backfilling.estimate(wiring.ledger, wiring.settings, made)
        if not json:
            say(made.id, flush=True)
            note(f"{expected}; then the notices that are new." if new else "It is under way already.")
        standing = _wait(wiring, made.id, timeout) if wait else _standing(wiring, made.id)
    if json:
        estimated = {"pages": expected.pages, "pause_seconds": expected.pause_seconds, "seconds": expected.seconds}
        emit(standing.record() | {"new": new, "at_most": estimated})
    elif wait and standing.done:
        one = standing.backfill
        note(f"{one.pages_read} pages, {one.notices_new} notices that were new; it ended with: {one.ended_by}.")
    if wait and not standing.done:
        raise TimedOut(
            f"after {timeout:g} s {standing.backfill.pages_read} pages were read, {standing.waiting} notices wait "
            f"to be fetched and {standing.unprocessed} to be read; the backfill goes on. Is everything running? "
            "noticewire doctor"
        )


def _standing(wiring: Wiring, backfill_id: str) -> Standing:
    with wiring.ledger.reading() as uow:
        found = uow.backfills.by_id(backfill_id)
        if found is None:
            raise NotFound(f"the backfill {backfill_id} was removed meanwhile")
        waiting = uow.backfills.waiting(backfill_id, uow.now())
        return Standing(found, waiting, uow.backfills.unprocessed(backfill_id))


def _wait(wiring: Wiring, backfill_id: str, timeout: float) -> Standing:
    """Return how the backfill stands when it is done, or when `timeout` seconds are over."""
    ends = wiring.clock.monotonic() + timeout
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Nobody watches a bar in a log file: there are lines for it.
    lines = ProgressLines(wiring.clock)
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        tasks = (progress.add_task("pages", total=None), progress.add_task("notices", total=None))
        while True:
            standing = _standing(wiring, backfill_id)
            _show(progress, tasks, standing)
            over = standing.done or wiring.clock.monotonic() >= ends
            lines.tell(_progress(standing), last=over)
            if over:
                return standing
            wiring.clock.sleep(min(POLL_SECONDS, max(0.0, ends - wiring.clock.monotonic())))


def _progress(standing: Standing) -> str:
    one = standing.backfill
    fetched = max(0, one.notices_new - standing.waiting)
    words = f"{one.pages_read} pages read, {fetched} of {one.notices_new} notices fetched"
    return f"{words}, {standing.unprocessed} to be read" if standing.unprocessed else words


def _show(progress: Progress, tasks: tuple[TaskID, TaskID], standing: Standing) -> None:
    one = standing.backfill
    # How many pages there are is known only at the end.
    progress.update(tasks[0], total=one.pages_read if one.finished_at else one.pages, completed=one.pages_read)
    progress.update(tasks[1], total=one.notices_new, completed=max(0, one.notices_new - standing.waiting))
