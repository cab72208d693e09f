"""`db`: the ledger's tables and their migrations."""

import typer

from services.cli.opening import configured, opened
from services.cli.options import Data, Json
from services.cli.screen import emit, say

commands = typer.Typer(no_args_is_help=True, help="The database's tables.")


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    app.add_typer(commands, name="db")


@commands.command("upgrade")
def upgrade(data: Data = None, json: Json = False) -> None:
    """Make the tables, or bring them to this release; safe to run twice, or from several places at once."""
    from shared import migrations

    with configured(data) as wiring:
        revision = migrations.upgrade(wiring.ledger)
    if json:
        emit({"revision": revision})
    else:
        say(f"The database is at migration {revision}.")


@commands.command("check")
def check(data: Data = None, json: Json = False) -> None:
    """Fail, and say what to do, unless the tables are those of this release."""
    with opened(data):
        pass
    if json:
        emit({"current": True})
    else:
        say("The database is up to date.")


@commands.command("restored")
def restored(data: Data = None, json: Json = False) -> None:
    """Say that the database was restored by other tools than ours, before anything runs: positions leave a gap."""
    from services.desk.backup import note_restored

    with opened(data) as wiring:
        gap = note_restored(wiring)
    if json:
        emit({"after": gap.after, "resumes_after": gap.resumes_after})
    else:
        say(f"Positions go on after {gap.resumes_after}.")
