"""Deliveries: what is owed to whom, how each attempt went, and trying again what was given up on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.parameters import Cursor, Paging, Parts, id_of, page
from services.api.schemas import AttemptItem, DeliveryDetail, DeliveryItem, Page, Redriven
from services.api.security import needs
from services.desk import delivering
from shared.domain.states import DeliveryState, Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/deliveries", tags=["subscriptions"], dependencies=[Depends(needs(Scope.SUBSCRIPTIONS))])

DeliveryId = Annotated[str, id_of("delivery")]


class DeliveryFilter(Paging):
    """Which deliveries are asked for."""

    subscription: Cursor | None = Field(None, description="Only of this subscription (its id).")
    state: DeliveryState | None = Field(None, description="Only in this state.")


@router.get("", summary="List deliveries")
def list_deliveries(wiring: Parts, query: Annotated[DeliveryFilter, Query()]) -> Page[DeliveryItem]:
    """Filters narrow the list together; `state=parked` shows what waits for a redrive."""
    with wiring.ledger.reading() as uow:
        rows = uow.deliveries.page(
            subscription_id=query.subscription, state=query.state, after=query.after or "", limit=query.limit + 1
        )
    return page(rows, query.limit, DeliveryItem.model_validate)


@router.get("/{delivery_id}", summary="Show a delivery with its attempts")
def show_delivery(wiring: Parts, delivery_id: DeliveryId) -> DeliveryDetail:
    """Every attempt has left its row, in order."""
    with wiring.ledger.reading() as uow:
        found = uow.deliveries.by_id(delivery_id)
        attempts = uow.deliveries.attempts(delivery_id)
    if found is None:
        raise NotFound(f"no delivery {delivery_id}")
    history = [AttemptItem.model_validate(attempt) for attempt in attempts]
    return DeliveryDetail(**DeliveryItem.model_validate(found).model_dump(), history=history)


@router.post("/{delivery_id}/redrive", status_code=202, summary="Redrive a parked delivery")
def redrive_delivery(wiring: Parts, delivery_id: DeliveryId) -> Redriven:
    """It is due again, with the same event id, and exempt from the order within its notice."""
    return Redriven(redriven=len(delivering.redrive(wiring.ledger, delivery_id)))
