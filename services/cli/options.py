"""Options that many commands share, spelt once."""

from pathlib import Path
from typing import Annotated

import typer


def _or_global(context: typer.Context, value: Path | None) -> Path | None:
    """Return what was given after the command or, failing that, before it."""
    return value or context.find_root().params.get("data")


Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder, instead of NOTICEWIRE_DATA_DIR.", callback=_or_global),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The id or the host of a source, or a URL of its site.")]
Allow = Annotated[
    list[str],
    typer.Option(
        metavar="ADDRESS[:PORT]",
        help="A private address or network (or, with a port, an unusual port) that may be asked; repeatable.",
    ),
]
Types = Annotated[
    list[str], typer.Option("--type", metavar="TYPE", help="Only events of this type (notice.revised …); repeatable.")
]
