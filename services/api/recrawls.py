"""Re-crawls: a person's wish that something be looked at now. The API only makes it due; politeness still applies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field, model_validator
from starlette.responses import JSONResponse

from services.api.errors import about
from services.api.notices import NoticeChoice
from services.api.parameters import Line, Paging, Parts, Wish, id_of, page
from services.api.schemas import Page, RecrawlCount, RecrawlDetail, RecrawlFetch, RecrawlItem
from services.api.security import needs
from services.desk import recrawling
from shared.db.models import Fetch, Token
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/recrawls", tags=["recrawls"])
# Whoever may wish may see what became of it.
READ = [Depends(needs(Scope.READ, Scope.RECRAWL))]

RecrawlId = Annotated[str, id_of("recrawl")]


class RecrawlWish(Wish):
    """What is to be crawled again, and why: one subject, or the notices that a filter chooses."""

    subject: Line | None = Field(None, description="A URL, or the id of a notice, a column, a source or a target.")
    filter: NoticeChoice | None = Field(None, description="Notices, chosen as `GET /v1/notices` does.")
    reason: Line | None = Field(None, description="For those who read the list, or the audit log, later.")
    dry_run: bool = Field(False, strict=True, description="Only count what is meant, and answer 200.")

    @model_validator(mode="after")
    def _one(self) -> "RecrawlWish":
        if (self.subject is None) == (self.filter is None):
            raise ValueError("give either `subject` or `filter`")
        return self

    def meant(self) -> recrawling.Wish:
        """Return what is wished for."""
        return self.subject if self.filter is None else self.filter.asked()  # type: ignore[return-value]


@router.post(
    "",
    status_code=202,
    response_model=RecrawlItem,
    summary="Crawl something again now",
    responses={200: {"model": RecrawlCount, "description": "With `dry_run`: what is meant; nothing was asked for."}},
)
def ask_recrawl(
    wiring: Parts, wish: RecrawlWish, token: Annotated[Token, Depends(needs(Scope.RECRAWL))], response: Response
) -> RecrawlItem | JSONResponse:
    """Pressing twice does no harm: while a request for the same subject is open, that one is returned.

    A filter's notices are counted first: more than may wait at once are a 422, and a 429 tells of limits used up.
    """
    limits = recrawling.Limits.of(wiring.settings)
    where = "body.filter" if wish.subject is None else "body.subject"
    if wish.dry_run:
        with about(where):
            meant = recrawling.count(wiring.ledger, wish.meant(), limits)
        return JSONResponse({"subject": meant.name, "targets": len(meant.targets)})
    by = f"{token.name} ({token.id})"
    with about(where):
        request, _ = recrawling.recrawl(wiring.ledger, wish.meant(), by=by, reason=wish.reason, limits=limits)
    response.headers["Location"] = f"/v1/recrawls/{request.id}"
    return RecrawlItem.model_validate(request)


@router.get("", summary="List re-crawl requests", dependencies=READ)
def list_recrawls(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[RecrawlItem]:
    """In order of making."""
    with wiring.ledger.reading() as uow:
        rows = uow.recrawls.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, RecrawlItem.model_validate)


@router.get("/{recrawl_id}", summary="Show how a re-crawl request stands", dependencies=READ)
def show_recrawl(wiring: Parts, recrawl_id: RecrawlId) -> RecrawlDetail:
    """`finished_at` is set once every address it made due has been visited; `outcomes` counts what came of them."""
    found = recrawling.standing(wiring.ledger, recrawl_id)
    return RecrawlDetail(
        **RecrawlItem.model_validate(found.request).model_dump(),
        waiting=found.waiting,
        unprocessed=found.unprocessed,
        outcomes=dict(found.outcomes),
    )


@router.get("/{recrawl_id}/fetches", summary="List what came of each address", dependencies=READ)
def list_fetches(wiring: Parts, recrawl_id: RecrawlId, query: Annotated[Paging, Query()]) -> Page[RecrawlFetch]:
    """In order of asking; addresses that still wait are not in it."""
    with wiring.ledger.reading() as uow:
        rows = uow.fetches.of_recrawl(recrawl_id, after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, _told)


def _told(fetch: Fetch) -> RecrawlFetch:
    return RecrawlFetch(
        id=fetch.id,
        target_id=fetch.target_id,
        url=fetch.url,
        came_to=recrawling.came_to(fetch),
        rule=fetch.decision_rule or fetch.rule,
        status=fetch.status,
        error=fetch.error,
        started_at=fetch.started_at,
        processed_at=fetch.processed_at,
    )
