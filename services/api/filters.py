"""Filters under names: for feeds, and for whoever reads the same events again; tried before they are saved."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from services.api.conditions import FilterName, FilterWish
from services.api.errors import about
from services.api.parameters import Paging, Parts, Wish, page
from services.api.schemas import Page, Shown
from services.api.security import needs
from services.desk import filtering
from shared.domain.filters import Filter
from shared.domain.headlines import headline
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/filters", tags=["filters"])
READS = Depends(needs(Scope.READ))
MINE = Depends(needs(Scope.SUBSCRIPTIONS))


def _may_be_a_name(text: str) -> str:
    if not filtering.is_name(text):
        raise filtering.unknown(text)  # free of what a database refuses in a text, before any drawer sees it
    return text


Name = Annotated[str, Path(description="The filter's name."), AfterValidator(_may_be_a_name)]


class FilterItem(Shown):
    """A filter under a name."""

    id: str
    name: str
    filter: dict[str, Any] = Field(description="The conditions that are given.")
    created_at: datetime
    changed_at: datetime


class Matched(BaseModel):
    """An event that a filter would have matched."""

    id: str
    position: int
    type: str
    subject: str
    headline: str = Field(description="The event in one sentence, in Chinese.")


class TrialItem(BaseModel):
    """What a filter would have matched among the newest events."""

    matched: int
    of: int = Field(description="How many events it was tried on.")
    events: list[Matched] = Field(description="The newest of those matched, at most ten.")

    @staticmethod
    def of_trial(trial: filtering.Trial) -> "TrialItem":
        """Return a trial as callers see it."""
        shown = [
            Matched(
                id=event.id,
                position=event.position or 0,
                type=event.type,
                subject=event.subject,
                headline=headline(event.type, filtering.data_of(event)),
            )
            for event in trial.events
        ]
        return TrialItem(matched=trial.matched, of=trial.of, events=shown)


class FilterMade(FilterItem):
    """A filter as it was saved, and what it would have matched."""

    trial: TrialItem


class NamedFilterWish(Wish):
    """A filter to be saved under a name."""

    name: FilterName
    filter: FilterWish


class ChangedFilterWish(Wish):
    """Another filter for a name."""

    filter: FilterWish


class TrialWish(Wish):
    """A filter to be tried: given, or saved under a name."""

    filter: FilterWish = FilterWish()
    name: FilterName | None = None
    last: int = Field(filtering.TRIED, ge=1, le=filtering.MOST_TRIED, description="On how many of the newest events.")


@router.get("", summary="List filters", dependencies=[READS])
def list_filters(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[FilterItem]:
    """In order of their making."""
    with wiring.ledger.reading() as uow:
        rows = uow.filters.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, FilterItem.model_validate)


@router.post("", status_code=201, summary="Save a filter", dependencies=[MINE])
def save_filter(wiring: Parts, wish: NamedFilterWish, response: Response) -> FilterMade:
    """Its feeds are at `/v1/feeds/{name}.atom` and `.json` from now on."""
    with about("body.name"):
        saved = filtering.save(wiring.ledger, wish.name, wish.filter.parsed())
    response.headers["Location"] = f"/v1/filters/{saved.name}"
    trial = filtering.try_out(wiring.ledger, wish.filter.parsed())
    return FilterMade(**FilterItem.model_validate(saved).model_dump(), trial=TrialItem.of_trial(trial))


@router.post("/try", summary="Try a filter on stored events", dependencies=[READS])
def try_filter(wiring: Parts, wish: TrialWish) -> TrialItem:
    """Tells what it would have matched among the newest events; nothing is saved."""
    wanted = wish.filter.parsed()
    if wish.name is not None:
        with wiring.ledger.reading() as uow:
            wanted = Filter.stored(filtering.named(uow, wish.name).filter)
    return TrialItem.of_trial(filtering.try_out(wiring.ledger, wanted, wish.last))


@router.get("/{name}", summary="Show a filter", dependencies=[READS])
def show_filter(wiring: Parts, name: Name) -> FilterItem:
    """Its conditions."""
    with wiring.ledger.reading() as uow:
        return FilterItem.model_validate(filtering.named(uow, name))


@router.put("/{name}", summary="Change a filter", dependencies=[MINE])
def change_filter(wiring: Parts, name: Name, wish: ChangedFilterWish) -> FilterMade:
    """Whoever reads by its name is asked by the new one from now on; subscriptions made of it keep what they want."""
    saved = filtering.change(wiring.ledger, name, wish.filter.parsed())
    trial = filtering.try_out(wiring.ledger, wish.filter.parsed())
    return FilterMade(**FilterItem.model_validate(saved).model_dump(), trial=TrialItem.of_trial(trial))


@router.delete("/{name}", status_code=204, summary="Forget a filter", dependencies=[MINE])
def remove_filter(wiring: Parts, name: Name) -> None:
    """Its feeds are gone with it; subscriptions made of it stay as they are."""
    filtering.remove(wiring.ledger, name)
