"""Notices: what was published, as it stands and as it was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from services.api.notice_schemas import (
    AttachmentDetail,
    NamedProblem,
    NoticeDetail,
    NoticeItem,
    Place,
    RevisionDetail,
    RevisionItem,
)
from services.api.parameters import (
    LARGEST_NUMBER,
    Body,
    Cursor,
    Kind,
    Moment,
    Paging,
    Parts,
    Question,
    Wish,
    id_of,
    page,
)
from services.api.schemas import Page
from services.api.security import needs
from services.desk.files import attachment
from services.desk.ledgers import Named, relations
from shared.db import UnitOfWork
from shared.db.models import Notice
from shared.db.notices import NoticeQuery
from shared.domain.states import NoticeState, Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/notices", tags=["notices"], dependencies=[Depends(needs(Scope.READ))])


NoticeId = Annotated[str, id_of("notice")]


class NoticeChoice(Wish):
    """Which notices are meant; what is not given asks nothing."""

    source: Cursor | None = Field(None, description="Only of this source (its id).")
    column: Cursor | None = Field(None, description="Only of this column (its id).")
    state: NoticeState | None = Field(None, description="Only in this state.")
    kind: Kind | None = Field(None, description="Only of this kind.")
    inspected: Body | None = Field(
        None, description="Only about this inspected body; its party committee's names mean the same."
    )
    q: Question | None = Field(
        None, description="Words between spaces: all must occur in the title, the body or the attachments."
    )
    since: Moment | None = Field(
        None,
        description="Only changed at this time or later: a date (of UTC), or a time with its offset "
        "(write `+` as `%2B`, or use `Z`).",
    )
    changed_since: Moment | None = Field(
        None, description="An older name of `since`.", json_schema_extra={"deprecated": True}
    )

    def asked(self) -> NoticeQuery:
        """Return the drawer's question."""
        return NoticeQuery(
            source_id=self.source,
            column_id=self.column,
            state=self.state,
            changed_since=max(filter(None, (self.since, self.changed_since)), default=None),
            kind=self.kind,
            inspected=self.inspected,
            q=self.q,
        )


class NoticeFilter(NoticeChoice, Paging):
    """Which notices are asked for."""


class RevisionPaging(Wish):
    """A page of a notice's revisions."""

    after: int = Field(0, ge=0, le=LARGEST_NUMBER, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=500, description="Most items on the page.")


@router.get("", summary="List notices, in order of first sight")
def list_notices(wiring: Parts, query: Annotated[NoticeFilter, Query()]) -> Page[NoticeItem]:
    """Filters narrow the list together. Follow `next` until it is null."""
    with wiring.ledger.reading() as uow:
        rows = uow.notices.page(query.asked(), after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, NoticeItem.model_validate)


@router.get("/{notice_id}", summary="Show a notice with its latest document and its ledger")
def show_notice(wiring: Parts, notice_id: NoticeId) -> NoticeDetail:
    """A withdrawn notice keeps the document that was read last."""
    with wiring.ledger.reading() as uow:
        notice = _find(uow, notice_id)
        latest = uow.notices.latest_revision(notice.id)
        tied = relations(uow, notice)
    return NoticeDetail(
        **NoticeItem.model_validate(notice).model_dump(),
        latest=RevisionDetail.model_validate(latest) if latest else None,
        followed_by=[one.id for one in tied.followers],
        republishes=Place.model_validate(tied.original) if tied.original else None,
        republications=[Place.model_validate(one) for one in tied.republications],
        problems=[_named(one) for one in tied.problems],
    )


def _named(one: Named) -> NamedProblem:
    return NamedProblem(
        number=one.account.number,
        printed_number=one.account.printed_number,
        problem_id=one.problem.id,
        status=one.problem.status,
        due_by=one.problem.due_by,
    )


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


@router.get("/{notice_id}/attachments/{number}", summary="Show one attachment with its text")
def show_attachment(
    wiring: Parts, notice_id: NoticeId, number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
) -> AttachmentDetail:
    """As the latest revision has it; numbered from 1, in the order of its document."""
    with wiring.ledger.reading() as uow:
        return AttachmentDetail(**attachment(uow, _find(uow, notice_id).id, number))


def _find(uow: UnitOfWork, notice_id: str) -> Notice:
    notice = uow.notices.by_id(notice_id)
    if notice is None:
        raise NotFound(f"no notice {notice_id}")
    return notice
