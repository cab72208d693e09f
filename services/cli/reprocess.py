"""`reprocess`: reading again, by today's reader: what was set aside as unreadable, or the notices that are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.screen import emit, note, say
from shared.errors import Invalid, NotFound

if TYPE_CHECKING:
    from services.wiring import Wiring
    from shared.db import Ledger


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("reprocess")(reprocess)


def reprocess(
    fetch_id: Annotated[str | None, typer.Argument(metavar="FETCH_ID", help="A fetch in quarantine.")] = None,
    quarantined: Annotated[bool, typer.Option("--quarantined", help="All fetches that are in quarantine.")] = False,
    notices: Annotated[
        bool, typer.Option("--notices", help="Stored notices: tell what today's reader makes of their pages.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="With --notices: also write it down.")] = False,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --notices: of one source, by its id or host.")
    ] = None,
    notice: Annotated[str | None, typer.Option(metavar="ID|URL", help="With --notices: this one alone.")] = None,
    after: Annotated[
        str, typer.Option(metavar="ID", help="With --notices: go on after this notice, where a run was cut short.")
    ] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """Read stored bytes again, by today's reader: fetches that were set aside, or notices (which makes no event).

    Without --apply, notices are left as they are.
    """
    from services.cli.rereading import Wish, reread

    if [fetch_id is not None, quarantined, notices].count(True) != 1:
        raise typer.BadParameter("name a fetch, or say --quarantined for all that are set aside, or --notices")
    if not notices and (apply or source or notice or after):
        raise typer.BadParameter("--apply, --source, --notice and --after go with --notices")
    with opened(data) as wiring:
        if notices:
            reread(wiring, Wish(apply, source, notice, after), json=json)
        else:
            _take_out(wiring, fetch_id, json=json)


def _take_out(wiring: Wiring, fetch_id: str | None, *, json: bool) -> None:
    taken = [_take(wiring.ledger, fetch_id)] if fetch_id else _take_all(wiring.ledger)
    rung = _ring(wiring, taken)
    if json:
        emit({"reprocessed": taken, "rung": rung})
        return
    say("\n".join(taken) if taken else "Nothing is in quarantine.")
    if rung < len(taken):
        note("The queue could not be told; the sweep will ring for them within a minute once `noticewire relay` runs.")


def _take(ledger: Ledger, fetch_id: str) -> str:
    from services.desk.audit import note as tell

    with ledger.begin() as uow:
        if not uow.fetches.requeue(fetch_id, uow.now()):
            if uow.fetches.by_id(fetch_id) is None:
                raise NotFound(f"no fetch {fetch_id!r}")
            raise Invalid(f"{fetch_id} is not in quarantine, so there is nothing to read again")
        tell(uow, "fetch.reprocessed", fetch_id)
        uow.commit()
    return fetch_id


def _take_all(ledger: Ledger) -> list[str]:
    """Take out everything, a few hundred a transaction, so that workers are never held up for long."""
    from services.desk.audit import note as tell

    taken: list[str] = []
    while True:
        with ledger.begin() as uow:
            # In order of id, so what a worker sets aside again meanwhile is not met a second time.
            aside = uow.fetches.quarantined(after=taken[-1] if taken else "", limit=200)
            fresh = [one.id for one in aside if uow.fetches.requeue(one.id, uow.now())]
            if fresh:
                tell(uow, "fetches.reprocessed", fresh[0], count=len(fresh))
            uow.commit()
        if not fresh:
            return taken
        taken += fresh


def _ring(wiring: Wiring, fetch_ids: list[str]) -> int:
    """Ring for each; return how many bells rang. Without a queue the sweep does it: the ledger is what counts."""
    if wiring.settings.redis_url is None:
        return 0
    return sum(wiring.bell.ring(fetch_id) for fetch_id in fetch_ids)
