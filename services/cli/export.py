"""`export`: what was fetched, as evidence that other tools read and replay; tables are in `tabulate`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli import tabulate
from services.cli.choosing import moment_given
from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.screen import emit, note, say

export = typer.Typer(no_args_is_help=True, help="Write what is stored in formats of other tools.")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    tabulate.register(export)
    app.add_typer(export, name="export")


@export.command("warc")
def warc(
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Of one source: its id or host.")] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Fetched since: a date (of UTC), or an ISO 8601 time with its zone."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file, which must not exist (default: named by the time).")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Write fetches, with headers and bytes, as a WARC 1.1 file; it appears when it is whole."""
    from services.desk.archive import Range, export_warc
    from services.desk.watching import find_source

    begins = moment_given(since) if since else None
    path = out or Path(f"noticewire-{datetime.now(UTC):%Y%m%d%H%M%S}.warc.gz")
    with opened(data) as wiring:
        source_id = find_source(wiring.ledger, source).id if source else None
        written = export_warc(wiring.ledger, wiring.blobs, Range(source_id, begins), path)
    if json:
        emit({"file": str(path), **asdict(written)})
        return
    say(f"{path}: {written.response} responses, {written.revisit} revisits, {written.request} requests.")
    if written.missing:
        note(f"Of {written.missing} captures the snapshot is not kept; their headers stand alone.")
