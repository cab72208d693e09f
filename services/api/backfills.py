"""Backfills: a wish that the older pages of a column be read. The API only writes it down; politeness still applies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from services.api.parameters import Day, Line, Paging, Parts, Wish, id_of, page
from services.api.schemas import BackfillDetail, BackfillItem, Page
from services.api.security import needs
from services.desk import backfilling
from shared.db.models import Token
from shared.domain.states import Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/backfills", tags=["backfills"])
READ = [Depends(needs(Scope.READ, Scope.RECRAWL))]


class BackfillWish(Wish):
    """Which column is to be walked through, and how far; without a bound as far as the settings allow."""

    column: Line = Field(description="The id or the URL of a column.")
    pages: int | None = Field(None, ge=1, description="Most pages of its listing to read, the first one counted.")
    since: Day | None = Field(None, description="Stop where most of a page is older.")


@router.post("", status_code=202, summary="Read the older pages of a column")
def ask_backfill(
    wiring: Parts, wish: BackfillWish, token: Annotated[Token, Depends(needs(Scope.RECRAWL))], response: Response
) -> BackfillItem:
    """Pressing twice does no harm: while a backfill of the same column is open, that one is returned."""
    by, bounds = f"{token.name} ({token.id})", backfilling.Bounds(wish.pages, wish.since)
    made, _ = backfilling.backfill(wiring.ledger, wiring.settings, wish.column, bounds, by=by)
    response.headers["Location"] = f"/v1/backfills/{made.id}"
    return BackfillItem.model_validate(made)


@router.get("", summary="List backfills", dependencies=READ)
def list_backfills(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[BackfillItem]:
    """In order of making."""
    with wiring.ledger.reading() as uow:
        rows = uow.backfills.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, BackfillItem.model_validate)


@router.get("/{backfill_id}", summary="Show a backfill", dependencies=READ)
def show_backfill(wiring: Parts, backfill_id: Annotated[str, id_of("backfill")]) -> BackfillDetail:
    """`finished_at` is set once its last page was read; `waiting` counts notices that are still to be asked for."""
    with wiring.ledger.reading() as uow:
        found = uow.backfills.by_id(backfill_id)
        waiting = uow.backfills.waiting(backfill_id, uow.now())
        unprocessed = uow.backfills.unprocessed(backfill_id)
    if found is None:
        raise NotFound(f"no backfill {backfill_id}")
    told = BackfillItem.model_validate(found).model_dump()
    return BackfillDetail(**told, waiting=waiting, unprocessed=unprocessed)
