"""Columns: the sections that are watched, and how their listings read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.parameters import Cursor, Paging, Parts, id_of, page
from services.api.schemas import ColumnItem, Page
from services.api.security import needs
from shared.domain.states import Scope
from shared.errors import NotFound

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


@router.get("/{column_id}", summary="Show a column")
def show_column(wiring: Parts, column_id: Annotated[str, id_of("column")]) -> ColumnItem:
    """How its listing is read, and what was odd about the last one."""
    with wiring.ledger.reading() as uow:
        found = uow.sources.column(column_id)
    if found is None:
        raise NotFound(f"no column {column_id!r}")
    return ColumnItem.model_validate(found)
