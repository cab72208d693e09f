"""Exports: the lists as files, whole and streamed: CSV, XLSX or JSON Lines, by the parameters of the lists."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from services.api.conditions import Conditions
from services.api.description import NOT_KEPT
from services.api.notices import NoticeChoice
from services.api.parameters import LARGEST_POSITION, Parts
from services.api.problems import ProblemChoice
from services.api.security import needs
from services.desk import tables
from services.desk.tables import Format
from shared.db.models import Event
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/exports", tags=["exports"], dependencies=[Depends(needs(Scope.READ))])

Bom = Annotated[bool, Field(description="Begin a CSV with a byte order mark, by which Excel tells that it is UTF-8.")]
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            media: {"schema": {"type": "string"} | ({"format": "binary"} if form is Format.XLSX else {})}
            for form, media in ((form, tables.MEDIA_TYPES[form].partition(";")[0]) for form in Format)
        },
    }
}


class NoticeExport(NoticeChoice):
    """Which notices are exported, and how."""

    bom: Bom = False


class ProblemExport(ProblemChoice):
    """Which problems are exported, and how."""

    bom: Bom = False


class EventExport(Conditions):
    """Which events are exported, and how."""

    after: int = Field(0, ge=0, le=LARGEST_POSITION, description="Only events after this position.")
    bom: Bom = False


@router.get("/notices.{format}", summary="Export notices as a file", response_class=StreamingResponse, responses=FILE)
def export_notices(wiring: Parts, format: Format, query: Annotated[NoticeExport, Query()]) -> StreamingResponse:  # noqa: A002 (the address names it)
    """Filters are those of `GET /v1/notices`; the file holds all that they choose."""
    rows = tables.notice_rows(wiring.ledger, query.asked())
    return _file(tables.Style(format, query.bom), tables.NOTICES, rows)


@router.get("/problems.{format}", summary="Export problems as a file", response_class=StreamingResponse, responses=FILE)
def export_problems(wiring: Parts, format: Format, query: Annotated[ProblemExport, Query()]) -> StreamingResponse:  # noqa: A002
    """Filters are those of `GET /v1/problems`; each problem comes with the earliest notice that names it."""
    rows = tables.problem_rows(wiring.ledger, query.asked())
    return _file(tables.Style(format, query.bom), tables.PROBLEMS, rows)


@router.get(
    "/events.{format}",
    summary="Export events as a file",
    response_class=StreamingResponse,
    responses=FILE | NOT_KEPT,
)
def export_events(wiring: Parts, format: Format, query: Annotated[EventExport, Query()]) -> StreamingResponse:  # noqa: A002
    """Filters are those of `GET /v1/events`.

    JSON Lines hold the events as every window shows them; tables hold their data as JSON in the last column.
    """
    with wiring.ledger.reading() as uow:
        wanted = query.wanted(uow)
    rows = tables.event_rows(wiring.ledger, query.after, wanted)
    return _file(tables.Style(format, query.bom), tables.EVENTS, rows)


def _file(
    style: tables.Style, table: tables.Table, pages: Iterable[Sequence[tables.Row] | Sequence[Event]]
) -> StreamingResponse:
    """Return the file; its first part is made before the answer begins, so that what fails there is an answer too."""
    stream: Iterator[bytes] = tables.parts(style, table, pages)
    begun = list(_first(stream))
    name = f'attachment; filename="{table.name}.{style.format}"'
    headers = {"Content-Disposition": name, "Content-Type": tables.MEDIA_TYPES[style.format]}
    return StreamingResponse(chain(begun, stream), headers=headers)


def _first(stream: Iterator[bytes]) -> Iterator[bytes]:
    for part in stream:
        yield part
        return
