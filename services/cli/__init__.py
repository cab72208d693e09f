"""The command line: one module a group of commands, each of which asks `services.desk` or reads the ledger.

`main` is the console script. `options` and `screen` are what the commands share; `opening` gives them the ledger.
Modules here import nothing heavy at their top, so that `noticewire --help` answers at once: what a command needs it
imports when it runs.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from services.cli import (
    audit,
    backfill,
    backup,
    database,
    doctor,
    events,
    export,
    filters,
    notices,
    offline,
    problems,
    recrawl,
    reprocess,
    run,
    source,
    subscriptions,
    token,
    why,
)
from services.cli.opening import reason_given
from services.cli.screen import note
from shared.errors import NoticewireError

app = typer.Typer(
    name="noticewire",
    no_args_is_help=True,
    add_completion=False,
    help="A wire service for government disclosure notices.",
)


@app.callback()
def _everywhere(
    data: Annotated[  # noqa: ARG001 (each command asks the context for it)
        Path | None,
        typer.Option("--data", metavar="DIR", help="The data folder, instead of NOTICEWIRE_DATA_DIR."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Why; kept in the audit log with whatever is changed.")
    ] = None,
) -> None:
    """A wire service for government disclosure notices: a polite crawler, readers, and signed change events."""
    reason_given.set(reason)


GROUPS = (
    source,
    recrawl,
    backfill,
    why,
    events,
    notices,
    problems,
    subscriptions,
    export,
    filters,
    token,
    audit,
    backup,
    database,
    reprocess,
    doctor,
    offline,
    run,
)
for group in GROUPS:
    group.register(app)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 it failed, 2 it was called wrongly, 130 interrupted.

    Expected errors are a line on standard error; anything else is a bug and shows its traceback. A reader that closes
    our standard output (`noticewire events | head`) ends us quietly, with 1.
    """
    for stream in (sys.stdout, sys.stderr):
        # A lone surrogate in a page's text is printed as its escape, which is also how JSON spells it.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        try:
            get_command(app)(args=arguments, prog_name="noticewire")
        finally:
            sys.stdout.flush()
    except NoticewireError as error:
        note(f"noticewire: {error}")
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.filename is None:
            raise
        # A file or folder that cannot be used is a matter of the set-up, and the system's words name it.
        note(f"noticewire: {error.filename}: {error.strerror}")
    sys.exit(1)
