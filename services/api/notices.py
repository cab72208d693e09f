"""Notices: what was published, as it stands and as it was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from services.api.parameters import LARGEST_NUMBER, Cursor, Moment, Paging, Parts, Wish, id_of, page
from services.api.schemas import NoticeDetail, NoticeItem, Page, RevisionDetail, RevisionItem
from services.api.security import needs
from shared.db import UnitOfWork
from shared.db.models import Notice
from shared.db.notices import NoticeQuery
from shared.domain.states import NoticeState, Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/notices", tags=["notices"], dependencies=[Depends(needs(Scope.READ))])


NoticeId = Annotated[str, id_of("notice")]


class NoticeFilter(Paging):
    """Which notices are asked for."""

    source: Cursor | None = Field(None, description="Only of this source (its id).")
    column: Cursor | None = Field(None, description="Only of this column (its id).")
    state: NoticeState | None = Field(None, description="Only in this state.")
    changed_since: Moment | None = Field(
        None, description="Only changed at this time or later; with its offset (write `+` as `%2B`, or use `Z`)."
    )


class RevisionPaging(Wish):
    """A page of a notice's revisions."""

    after: int = Field(0, ge=0, le=LARGEST_NUMBER, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=500, description="Most items on the page.")


@router.get("", summary="List notices, in order of first sight")
def list_notices(wiring: Parts, query: Annotated[NoticeFilter, Query()]) -> Page[NoticeItem]:
    """Filters narrow the list together. Follow `next` until it is null."""
    asked = NoticeQuery(query.source, query.column, query.state, query.changed_since)
    with wiring.ledger.reading() as uow:
        rows = uow.notices.page(asked, after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, NoticeItem.model_validate)


@router.get("/{notice_id}", summary="Show a notice with its latest document")
def show_notice(wiring: Parts, notice_id: NoticeId) -> NoticeDetail:
    """A withdrawn notice keeps the document that was read last."""
    with wiring.ledger.reading() as uow:
        notice = _find(uow, notice_id)
        latest = uow.notices.latest_revision(notice.id)
    shown = RevisionDetail.model_validate(latest) if latest else None
    return NoticeDetail(**NoticeItem.model_validate(notice).model_dump(), latest=shown)


@router.get("/{notice_id}/revisions", summary="List a notice's revisions, the first first")
def list_revisions(wiring: Parts, notice_id: NoticeId, query: Annotated[RevisionPaging, Query()]) -> Page[RevisionItem]:
    """Documents are not part of the list: ask for each revision by its number."""
    with wiring.ledger.reading() as uow:
        notice = _find(uow, notice_id)
        rows = uow.notices.revisions(notice.id, after=query.after, limit=query.limit + 1)
    return page(rows, query.limit, RevisionItem.model_validate, cursor=lambda row: row.number)


@router.get("/{notice_id}/revisions/{number}", summary="Show one revision with its document")
def show_revision(
    wiring: Parts, notice_id: NoticeId, number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
) -> RevisionDetail:
    """Revisions are immutable and numbered from 1."""
    with wiring.ledger.reading() as uow:
        revision = uow.notices.revision(_find(uow, notice_id).id, number)
    if revision is None:
        raise NotFound(f"notice {notice_id} has no revision {number}")
    return RevisionDetail.model_validate(revision)


def _find(uow: UnitOfWork, notice_id: str) -> Notice:
    notice = uow.notices.by_id(notice_id)
    if notice is None:
        raise NotFound(f"no notice {notice_id}")
    return notice
