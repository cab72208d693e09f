"""Re-crawls: a person's wish that something be looked at now. The API only makes it due; politeness still applies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from services.api.parameters import Line, Paging, Parts, Wish, id_of, page
from services.api.schemas import Page, RecrawlItem
from services.api.security import needs
from services.desk import recrawling
from shared.db.models import Token
from shared.domain.states import Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/recrawls", tags=["recrawls"])
# Whoever may wish may see what became of it.
READ = [Depends(needs(Scope.READ, Scope.RECRAWL))]


class RecrawlWish(Wish):
    """What is to be crawled again, and why."""

    subject: Line = Field(description="A URL, or the id of a notice, a column, a source or a target.")
    reason: Line | None = Field(None, description="For those who read the list later.")


@router.post("", status_code=202, summary="Crawl something again now")
def ask_recrawl(
    wiring: Parts, wish: RecrawlWish, token: Annotated[Token, Depends(needs(Scope.RECRAWL))], response: Response
) -> RecrawlItem:
    """Pressing twice does no harm: while a request for the same subject is open, that one is returned."""
    by = f"{token.name} ({token.id})"
    request, _ = recrawling.recrawl(wiring.ledger, wish.subject, by=by, reason=wish.reason)
    response.headers["Location"] = f"/v1/recrawls/{request.id}"
    return RecrawlItem.model_validate(request)


@router.get("", summary="List re-crawl requests", dependencies=READ)
def list_recrawls(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[RecrawlItem]:
    """In order of making."""
    with wiring.ledger.reading() as uow:
        rows = uow.recrawls.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, RecrawlItem.model_validate)


@router.get("/{recrawl_id}", summary="Show a re-crawl request", dependencies=READ)
def show_recrawl(wiring: Parts, recrawl_id: Annotated[str, id_of("recrawl")]) -> RecrawlItem:
    """`finished_at` is set once every address it made due has been visited."""
    with wiring.ledger.reading() as uow:
        found = uow.recrawls.by_id(recrawl_id)
    if found is None:
        raise NotFound(f"no recrawl {recrawl_id}")
    return RecrawlItem.model_validate(found)
