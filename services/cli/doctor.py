"""`doctor`: looks at the whole set-up and says what to mend."""

from dataclasses import asdict

import typer

from services.cli.options import Data, Json
from services.cli.screen import emit, say


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("doctor")(doctor)


def doctor(data: Data = None, json: Json = False) -> None:
    """Check the whole set-up and say what to mend; fails if there is anything."""
    from services.cli.checks import MEND, findings

    broken = 0
    for found in findings(data):
        broken += found.state == MEND
        if json:
            emit(asdict(found), flush=True)
            continue
        say(f"{found.state:<5} {found.check}: {found.detail}", flush=True)
        if found.remedy:
            say(f"      → {found.remedy}")
    if not json:
        say("Everything is in order." if not broken else f"To be mended: {broken}.")
    if broken:
        raise typer.Exit(1)
