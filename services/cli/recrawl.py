"""`recrawl`: a person's wish that something be looked at now, and waiting until it was."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.records import RECRAWL, record
from services.cli.screen import emit, note, say
from shared.errors import NotFound, TimedOut

if TYPE_CHECKING:
    from services.wiring import Wiring
    from shared.db.models import RecrawlRequest

POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Standing:
    """How far a request is: its targets that still wait, and its fetches that no worker has read yet."""

    request: RecrawlRequest
    waiting: int
    unprocessed: int

    @property
    def done(self) -> bool:
        """Whether all was fetched and read."""
        return self.request.finished_at is not None and not self.unprocessed


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("recrawl")(recrawl)


def recrawl(
    subject: Annotated[
        str, typer.Argument(metavar="URL|ID", help="A URL, or the id of a notice, column, source or target.")
    ],
    reason: Annotated[str | None, typer.Option(help="Why; kept with the request.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it was fetched and read.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Longest to wait.")] = 600.0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a notice, a column or a source due now, politely; prints the request's id."""
    from services.desk import recrawling

    with opened(data) as wiring:
        request, new = recrawling.recrawl(wiring.ledger, subject, by="the command line", reason=reason)
        if not json:
            say(request.id)
            if not new:
                note("It was asked for already, and is still open.")
        standing = _wait(wiring, request.id, timeout) if wait else _standing(wiring, request.id)
    if json:
        emit(
            record(standing.request, RECRAWL)
            | {"new": new, "waiting": standing.waiting, "unprocessed": standing.unprocessed}
        )
    if wait and not standing.done:
        raise TimedOut(
            f"after {timeout:g} s {standing.waiting} of {request.targets} targets wait to be fetched and "
            f"{standing.unprocessed} fetches to be read; the request stands. Is everything running? noticewire doctor"
        )


def _standing(wiring: Wiring, recrawl_id: str) -> Standing:
    with wiring.ledger.reading() as uow:
        request = uow.recrawls.by_id(recrawl_id)
        if request is None:
            raise NotFound(f"the request {recrawl_id} was removed meanwhile")
        return Standing(request, uow.recrawls.waiting(recrawl_id), uow.fetches.owed_of_recrawl(recrawl_id))


def _wait(wiring: Wiring, recrawl_id: str, timeout: float) -> Standing:
    """Return how the request stands when it is done, or when `timeout` seconds are over."""
    ends = wiring.clock.monotonic() + timeout
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Nobody watches a bar in a log file.
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("fetched", total=None)
        while True:
            standing = _standing(wiring, recrawl_id)
            total = standing.request.targets
            progress.update(task, total=total, completed=total - standing.waiting)
            if standing.done or wiring.clock.monotonic() >= ends:
                return standing
            wiring.clock.sleep(min(POLL_SECONDS, max(0.0, ends - wiring.clock.monotonic())))
