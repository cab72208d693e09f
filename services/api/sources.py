"""Sources: who publishes, and where; watching begins with a column's URL alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from crawler.terms import Wishes
from services.api.errors import about
from services.api.parameters import Line, Paging, Parts, Wish, id_of, page
from services.api.schemas import ColumnItem, EpisodeItem, Page, SourceDetail, SourceItem, Watched
from services.api.security import needs
from services.desk import watching
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/sources", tags=["sources"])
READ = [Depends(needs(Scope.READ))]
ADMIN = [Depends(needs(Scope.ADMIN))]

SourceId = Annotated[str, id_of("source")]


class WatchWish(Wish):
    """A column to be watched."""

    url: Line = Field(description="Address of the column's listing.")
    name: Line | None = Field(None, description="What to call it.")
    delay_seconds: float | None = Field(
        None, ge=0, le=86_400, allow_inf_nan=False, description="Pause between two requests to its host."
    )
    allow: list[Line] = Field(default=[], max_length=100, description="Private addresses its fetches may reach.")
    hosts: list[Line] = Field(
        default=[], max_length=100, description="Hosts beside its site that its links may lead to; `*` is any."
    )
    daily_requests: int | None = Field(None, ge=1, le=2**31 - 1, description="Most requests to its host in one day.")
    daily_bytes: int | None = Field(None, ge=1, le=2**60, description="Most bytes of bodies from it in one day.")
    quiet_hours: Line | None = Field(None, description="When its host is not asked.", examples=["22:00-06:00", "none"])
    time_zone: Line | None = Field(
        None, description="Whose clock tells its days and hours.", examples=["Asia/Shanghai"]
    )


@router.get("", summary="List sources", dependencies=READ)
def list_sources(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[SourceItem]:
    """In order of their addition."""
    with wiring.ledger.reading() as uow:
        rows = uow.sources.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, SourceItem.model_validate)


@router.post("", status_code=201, summary="Watch a column", dependencies=ADMIN)
def watch_column(wiring: Parts, wish: WatchWish, response: Response) -> Watched:
    """The source is the host's, made with its first column; a column that is watched already stays as it is."""
    wishes = Wishes(wish.daily_requests, wish.daily_bytes, wish.quiet_hours, wish.time_zone)
    asked = watching.Watch(wish.url, wish.name, wish.delay_seconds, wish.allow, hosts=wish.hosts, wishes=wishes)
    with about("body.url"):
        source, column, new = watching.watch(wiring.ledger, asked)
    response.headers["Location"] = f"/v1/sources/{source.id}"
    return Watched(source=SourceItem.model_validate(source), column=ColumnItem.model_validate(column), new=new)


@router.get("/{source_id}", summary="Show a source with its columns", dependencies=READ)
def show_source(wiring: Parts, source_id: SourceId) -> SourceDetail:
    """At most 500 columns are shown; `GET /v1/columns?source=` pages through all."""
    source = watching.find_source(wiring.ledger, source_id)
    with wiring.ledger.reading() as uow:
        columns = [ColumnItem.model_validate(column) for column in uow.sources.columns(source_id)]
        episodes = [EpisodeItem.model_validate(episode) for episode in uow.episodes.of_source(source_id)]
    return SourceDetail(**SourceItem.model_validate(source).model_dump(), columns=columns, episodes=episodes)


@router.delete("/{source_id}", status_code=204, summary="Forget a source", dependencies=ADMIN)
def forget_source(wiring: Parts, source_id: SourceId) -> None:
    """Its columns, notices and fetches go with it; its events stay, for they happened."""
    watching.forget(wiring.ledger, source_id)


@router.post("/{source_id}/pause", summary="Pause a source", dependencies=ADMIN)
def pause_source(wiring: Parts, source_id: SourceId) -> SourceItem:
    """Nothing more is asked of its host; requests under way end as usual."""
    return SourceItem.model_validate(watching.pause(wiring.ledger, source_id))


@router.post("/{source_id}/resume", summary="Resume a source", dependencies=ADMIN)
def resume_source(wiring: Parts, source_id: SourceId) -> SourceItem:
    """What became due meanwhile is asked for, as politely as ever."""
    return SourceItem.model_validate(watching.resume(wiring.ledger, source_id))
