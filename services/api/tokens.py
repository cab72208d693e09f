"""Tokens: keys to this API; each is shown once, and only its SHA-256 is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.parameters import Line, Paging, Parts, Wish, id_of, page
from services.api.schemas import Page, TokenItem, TokenMade
from services.api.security import needs
from services.desk.tokens import LONGEST_OVERLAP_SECONDS, create_token, revoke, rotate
from shared.domain.states import Scope
from shared.errors import NotFound

router = APIRouter(prefix="/v1/tokens", tags=["tokens"], dependencies=[Depends(needs(Scope.ADMIN))])

TokenId = Annotated[str, id_of("token")]


class TokenWish(Wish):
    """A key to be made."""

    name: Line = Field(description="Who or what it is for.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), description="What it may do.")
    days: float | None = Field(
        None, gt=0, le=36_500, allow_inf_nan=False, description="How long it lasts; null: for ever."
    )


class RotateWish(Wish):
    """How the old secret ends."""

    overlap_seconds: float = Field(
        0.0,
        ge=0,
        le=LONGEST_OVERLAP_SECONDS,
        allow_inf_nan=False,
        description="How long the old secret is still good beside the new one; 0: not at all.",
    )


@router.get("", summary="List tokens")
def list_tokens(wiring: Parts, query: Annotated[Paging, Query()]) -> Page[TokenItem]:
    """Also those that are revoked or have expired; never the keys themselves."""
    with wiring.ledger.reading() as uow:
        rows = uow.tokens.page(after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, TokenItem.model_validate)


@router.post("", status_code=201, summary="Make a token")
def make_token(wiring: Parts, wish: TokenWish) -> TokenMade:
    """The key is shown now and never again."""
    made, text = create_token(wiring.ledger, name=wish.name, scopes=wish.scopes, days=wish.days)
    return TokenMade(**TokenItem.model_validate(made).model_dump(), token=text)


@router.get("/{token_id}", summary="Show a token")
def show_token(wiring: Parts, token_id: TokenId) -> TokenItem:
    """`last_used_at` is noted once a minute."""
    with wiring.ledger.reading() as uow:
        found = uow.tokens.by_id(token_id)
    if found is None:
        raise NotFound(f"no token {token_id}")
    return TokenItem.model_validate(found)


@router.post("/{token_id}/rotate", summary="Give a token another secret")
def rotate_token(wiring: Parts, token_id: TokenId, wish: RotateWish) -> TokenMade:
    """Its id, scopes and expiry stay; the new key is shown now and never again."""
    token, text = rotate(wiring.ledger, token_id, overlap_seconds=wish.overlap_seconds)
    return TokenMade(**TokenItem.model_validate(token).model_dump(), token=text)


@router.delete("/{token_id}", status_code=204, summary="Revoke a token")
def revoke_token(wiring: Parts, token_id: TokenId) -> None:
    """It is useless from its next request on, and streams opened with it end within seconds."""
    revoke(wiring.ledger, token_id)
