"""`backup` and `restore`: the whole state out, and in again."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.cli.opening import configured
from services.cli.options import Data, Json
from services.cli.screen import emit, say

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of backups; one folder holds many.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(folder: Folder, data: Data = None, json: Json = False) -> None:
    """Write rows, snapshots and the key to secrets into a folder, while everything runs."""
    from services.desk.backup import back_up

    with configured(data) as wiring:
        place, made = back_up(wiring, folder)
    if json:
        emit({"backup": str(place), **asdict(made)})
        return
    say(f"{place}: {sum(made.rows.values())} rows up to position {made.last_position}; {made.snapshots} new snapshots.")


def restore(folder: Folder, data: Data = None, json: Json = False) -> None:
    """Bring the newest backup of a folder back, into an empty database of either kind; nothing may run meanwhile."""
    from services.desk import backup

    with configured(data) as wiring:
        done = backup.restore(wiring, folder)
    if json:
        emit({"backup": asdict(done.backup), "after": done.gap.after, "resumes_after": done.gap.resumes_after})
        return
    say(f"Restored what was there at {done.backup.made_at}: {sum(done.backup.rows.values())} rows.")
    say(f"Positions go on after {done.gap.resumes_after}; readers that were told of later ones than {done.gap.after}")
    say("hear that, and whatever is found again comes under other ids.")
