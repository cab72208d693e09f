"""Columns: the sections that are watched, and how their listings read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.parameters import Cursor, Paging, Parts, page
from services.api.schemas import ColumnItem, Page
from services.api.security import needs
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/columns", tags=["sources"], dependencies=[Depends(needs(Scope.READ))])


class ColumnFilter(Paging):
    """Which columns are asked for."""

    source: Cursor | None = Field(None, description="Only of this source (its id).")


@router.get("", summary="List columns")
def list_columns(wiring: Parts, query: Annotated[ColumnFilter, Query()]) -> Page[ColumnItem]:
    """`warning` tells what was odd about a column's last listing."""
    with wiring.ledger.reading() as uow:
        rows = uow.sources.columns(query.source, after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, ColumnItem.model_validate)
