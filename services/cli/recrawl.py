"""`recrawl`: a person's wish that something be looked at now, and waiting until it was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli import choosing
from services.cli.opening import opened
from services.cli.options import Data, Inspected, Json, Question
from services.cli.progress import ProgressLines
from services.cli.records import RECRAWL, record
from services.cli.screen import emit, note, say
from shared.errors import TimedOut

if TYPE_CHECKING:
    from services.desk.recrawling import Standing, Wish
    from services.wiring import Wiring

POLL_SECONDS = 0.25


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("recrawl")(recrawl)


def recrawl(
    subject: Annotated[
        str | None, typer.Argument(metavar="URL|ID", help="A URL, or the id of a notice, column, source or target.")
    ] = None,
    source: choosing.Source = None,
    column: choosing.Column = None,
    state: choosing.State = None,
    kind: choosing.Kind = None,
    q: Question = None,
    inspected: Inspected = None,
    since: choosing.Since = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the request and in the audit log.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is meant.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it was fetched and read.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Longest to wait.")] = 600.0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a notice, a column, a source, or the notices that options choose due now, politely; prints the request's id.

    Options choose notices as `noticewire notices` does; their number is told first, and asked about at a terminal.
    """
    from services.desk import recrawling

    chosen = choosing.Chosen(source, column, state, kind, q, inspected, since)
    if (subject is None) == (chosen == choosing.Chosen()):
        raise typer.BadParameter("name a URL or an id, or choose notices by options (not both)")
    with opened(data) as wiring:
        wish = subject if subject is not None else chosen.query(wiring.ledger)
        limits = recrawling.Limits.of(wiring.settings)
        if dry_run:
            _tell_count(recrawling.count(wiring.ledger, wish, limits), json=json)
            return
        if subject is None and not yes:
            _ask(len(recrawling.count(wiring.ledger, wish, limits).targets))
        _request(wiring, wish, reason, (wait, timeout), json=json)


def _tell_count(meant: Any, *, json: bool) -> None:
    if json:
        emit({"subject": meant.name, "targets": len(meant.targets)})
    else:
        say(f"{len(meant.targets)} addresses are meant by {meant.name}; nothing was asked for.")


def _ask(targets: int) -> None:
    note(f"{targets} addresses are meant.")
    if sys.stdin.isatty():
        typer.confirm("Ask for all of them again?", abort=True, err=True)


def _request(wiring: Wiring, wish: Wish, reason: str | None, waits: tuple[bool, float], *, json: bool) -> None:
    from services.desk import recrawling

    wait, timeout = waits
    limits = recrawling.Limits.of(wiring.settings)
    request, new = recrawling.recrawl(wiring.ledger, wish, by="the command line", reason=reason, limits=limits)
    if not json:
        say(request.id)
        if not new:
            note("It was asked for already, and is still open.")
    standing = _wait(wiring, request.id, timeout) if wait else recrawling.standing(wiring.ledger, request.id)
    if json:
        told = {"waiting": standing.waiting, "unprocessed": standing.unprocessed, "outcomes": dict(standing.outcomes)}
        emit(record(standing.request, RECRAWL) | {"new": new} | told)
    elif wait:
        note(", ".join(f"{number} {word}" for word, number in sorted(standing.outcomes.items())) or "nothing to do")
    if wait and not standing.done:
        raise TimedOut(
            f"after {timeout:g} s {standing.waiting} of {request.targets} targets wait to be fetched and "
            f"{standing.unprocessed} fetches to be read; the request stands. Is everything running? noticewire doctor"
        )


def _wait(wiring: Wiring, recrawl_id: str, timeout: float) -> Standing:
    """Return how the request stands when it is done, or when `timeout` seconds are over."""
    from services.desk.recrawling import standing as look

    ends = wiring.clock.monotonic() + timeout
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Nobody watches a bar in a log file: there are lines for it.
    lines = ProgressLines(wiring.clock)
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("fetched", total=None)
        while True:
            standing = look(wiring.ledger, recrawl_id)
            total = standing.request.targets
            progress.update(task, total=total, completed=total - standing.waiting)
            over = standing.done or wiring.clock.monotonic() >= ends
            lines.tell(_progress(standing), last=over)
            if over:
                return standing
            wiring.clock.sleep(min(POLL_SECONDS, max(0.0, ends - wiring.clock.monotonic())))


def _progress(standing: Standing) -> str:
    total = standing.request.targets
    words = f"{total - standing.waiting} of {total} fetched"
    return f"{words}, {standing.unprocessed} to be read" if standing.unprocessed else words
