"""The audit log: who changed what, when, why and from where."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.parameters import Line, Moment, Paging, Parts, id_of, page
from services.api.schemas import AuditItem, Page
from services.api.security import needs
from shared.db.audit import AuditQuery
from shared.domain.states import Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/audit", tags=["audit"], dependencies=[Depends(needs(Scope.ADMIN))])


class AuditFilter(Paging):
    """Which entries are asked for."""

    actor: Line | None = Field(None, description="Only by this token (its id) or user (`cli:root`).")
    action: Line | None = Field(None, description="Only of this kind, such as `recrawl.requested`.")
    subject: Line | None = Field(None, description="Only of what has this id.")
    since: Moment | None = Field(None, description="Only at this time or later: a date (of UTC), or a time.")


@router.get("", summary="List who changed what")
def list_audit(wiring: Parts, query: Annotated[AuditFilter, Query()]) -> Page[AuditItem]:
    """In order of time. Each entry was written in the transaction of its change; none is ever altered or removed."""
    asked = AuditQuery(query.actor, query.action, query.subject, query.since)
    with wiring.ledger.reading() as uow:
        rows = uow.audit.page(asked, after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, AuditItem.model_validate)


@router.get("/{audit_id}", summary="Show one entry")
def show_audit(wiring: Parts, audit_id: Annotated[str, id_of("audit")]) -> AuditItem:
    """As it was written."""
    with wiring.ledger.reading() as uow:
        found = uow.audit.by_id(audit_id)
    if found is None:
        raise NotFound(f"no audit entry {audit_id}")
    return AuditItem.model_validate(found)
