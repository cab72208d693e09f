"""`reprocess`: take fetches out of quarantine, to be read again by today's reader."""

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
    quarantined: Annotated[bool, typer.Option("--quarantined", help="All that are in quarantine.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Read fetches again that were set aside because they could not be read."""
    if (fetch_id is None) != quarantined:
        raise typer.BadParameter("name a fetch, or say --quarantined for all that are set aside")
    with opened(data) as wiring:
        taken = [_take(wiring.ledger, fetch_id)] if fetch_id else _take_all(wiring.ledger)
        rung = _ring(wiring, taken)
    if json:
        emit({"reprocessed": taken, "rung": rung})
        return
    say("\n".join(taken) if taken else "Nothing is in quarantine.")
    if rung < len(taken):
        note("The queue could not be told; the sweep will ring for them within a minute once `noticewire relay` runs.")


def _take(ledger: Ledger, fetch_id: str) -> str:
    with ledger.begin() as uow:
        if not uow.fetches.requeue(fetch_id, uow.now()):
            if uow.fetches.by_id(fetch_id) is None:
                raise NotFound(f"no fetch {fetch_id!r}")
            raise Invalid(f"{fetch_id} is not in quarantine, so there is nothing to read again")
        uow.commit()
    return fetch_id


def _take_all(ledger: Ledger) -> list[str]:
    """Take out everything, a few hundred a transaction, so that workers are never held up for long."""
    taken: list[str] = []
    while True:
        with ledger.begin() as uow:
            # In order of id, so what a worker sets aside again meanwhile is not met a second time.
            aside = uow.fetches.quarantined(after=taken[-1] if taken else "", limit=200)
            fresh = [one.id for one in aside if uow.fetches.requeue(one.id, uow.now())]
            uow.commit()
        if not fresh:
            return taken
        taken += fresh


def _ring(wiring: Wiring, fetch_ids: list[str]) -> int:
    """Ring for each; return how many bells rang. Without a queue the sweep does it: the ledger is what counts."""
    if wiring.settings.redis_url is None:
        return 0
    return sum(wiring.bell.ring(fetch_id) for fetch_id in fetch_ids)
