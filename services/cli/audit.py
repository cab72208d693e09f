"""`audit`: who changed what, when, why and from where."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.choosing import moment_given
from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.records import AUDIT, every, record
from services.cli.screen import emit, table


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("audit")(audit)


def audit(
    actor: Annotated[str | None, typer.Option(metavar="WHO", help="By one token (its id) or user (cli:root).")] = None,
    action: Annotated[str | None, typer.Option(help="Of one kind, such as recrawl.requested.")] = None,
    subject: Annotated[str | None, typer.Option(metavar="ID", help="Of one source, subscription, token …")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Since a date (of UTC), or an ISO 8601 time with its zone.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List who changed what, when, why and from where, the oldest first."""
    from shared.db.audit import AuditQuery

    asked = AuditQuery(actor, action, subject, moment_given(since) if since else None)
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        found = [record(one, AUDIT) for one in every(lambda after: uow.audit.page(asked, after=after))]
    if json:
        for one in found:
            emit(one)
        return
    names = ("at", "actor", "origin", "action", "subject", "reason")
    table(names, ([one[name] for name in names] for one in found))
