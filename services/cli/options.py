"""Options that many commands share, spelt once."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import Invalid


def _or_global(context: typer.Context, value: Path | None) -> Path | None:
    """Return what was given after the command or, failing that, before it."""
    return value or context.find_root().params.get("data")


def given(option: str, check: Callable[[str], str], value: str | None) -> str | None:
    """Return an option's value, if it was given, by a rule of the desk; what that refuses was called wrongly."""
    try:
        return None if value is None else check(value)
    except Invalid as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder, instead of NOTICEWIRE_DATA_DIR.", callback=_or_global),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The id or the host of a source, or a URL of its site.")]
Question = Annotated[
    str | None, typer.Option("--q", metavar="WORDS", help="In whose text, or attachments, all these words occur.")
]
Inspected = Annotated[
    str | None, typer.Option(metavar="BODY", help="About one inspected body, by its name or its party committee's.")
]
Allow = Annotated[
    list[str],
    typer.Option(
        metavar="ADDRESS[:PORT]",
        help="A private address or network (or, with a port, an unusual port) that may be asked; repeatable.",
    ),
]
Rate = Annotated[int | None, typer.Option(metavar="N", help="Requests a minute, at most.")]
Concurrency = Annotated[int | None, typer.Option(metavar="N", help="Requests at a time, at most.")]
MODES = "How events stand in requests: whole in the body (structured), or attributes in headers, data in the body."
Types = Annotated[
    list[str],
    typer.Option(
        "--type",
        metavar="TYPE",
        help="Only events of this type (notice.revised, commitment.overdue …; docs/events.md has all); repeatable.",
    ),
]
