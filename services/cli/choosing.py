"""Which notices are meant, as commands let one say it; spelt once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import given
from shared.domain.states import NoticeState

if TYPE_CHECKING:
    from shared.db import Ledger
    from shared.db.notices import NoticeQuery

Source = Annotated[str | None, typer.Option(metavar="NAME", help="Of one source: its id or host.")]
Column = Annotated[str | None, typer.Option(metavar="ID|URL", help="Of one column: its id or URL.")]
State = Annotated[NoticeState | None, typer.Option(help="In one state only.")]
Kind = Annotated[str | None, typer.Option(metavar="KIND", help="Of one kind: rectification, inspection or notice.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Changed since: a date (of UTC), or an ISO 8601 time with its zone."),
]


@dataclass(frozen=True)
class Chosen:
    """What was said of the notices that are meant."""

    source: str | None = None
    column: str | None = None
    state: NoticeState | None = None
    kind: str | None = None
    q: str | None = None
    inspected: str | None = None
    since: str | None = None

    def query(self, ledger: Ledger) -> NoticeQuery:
        """Return the drawer's question; raises a usage error, or `NotFound` for an unknown source or column."""
        from services.desk import ledgers
        from services.desk.backfilling import column_of
        from services.desk.watching import find_source
        from shared.db.notices import NoticeQuery

        kind = given("--kind", ledgers.kind, self.kind)
        inspected = given("--inspected", ledgers.body, self.inspected)
        q = given("--q", ledgers.question, self.q)
        since = moment_given(self.since) if self.since else None
        source_id = find_source(ledger, self.source).id if self.source else None
        column_id = None
        if self.column:
            with ledger.reading() as uow:
                column_id = column_of(uow, self.column).id
        return NoticeQuery(source_id, column_id, self.state, since, kind, inspected, q)


def moment_given(text: str) -> datetime:
    """Return the time that `--since` names; a date is of UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is neither a date nor an ISO 8601 time", param_hint="--since") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
