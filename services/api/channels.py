"""Subscriptions that are no webhooks: a Redis Stream of what a filter wants, and chats and mail with their digests."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from services.api.conditions import Choice
from services.api.parameters import Line, Parts, Rate
from services.api.schemas import SubscriptionItem
from services.api.security import needs
from services.desk import channels
from services.desk.tokens import allows
from shared.db.models import Subscription, Token
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"])
MINE = Depends(needs(Scope.SUBSCRIPTIONS))


class ChannelLanguage(StrEnum):
    """In which language messages are written."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


class StreamWish(Choice):
    """A Redis Stream to be written."""

    name: str = Field(pattern=channels.STREAM_NAME, description="What its key ends with.")


class ChatWish(Choice):
    """A chat or a mailbox to be written to."""

    url: Line = Field(description="As apprise writes it: `wecombot://…`, `dingtalk://…`, `feishu://…`, `mailtos://…`.")
    name: Line | None = Field(None, description="What to call it.")
    digest_seconds: int = Field(
        0, ge=0, le=channels.LONGEST_DIGEST_SECONDS, description="Events of so long go into one message."
    )
    rate_per_minute: Rate | None = Field(None, description="Messages a minute, at most.")
    language: ChannelLanguage = ChannelLanguage.ZH
    allow: list[Line] = Field(
        default=[], max_length=100, description="Private addresses a mail server may have; needs the scope `admin`."
    )


@router.post("/streams", status_code=201, summary="Write a Redis Stream", dependencies=[MINE])
def subscribe_stream(wiring: Parts, wish: StreamWish, response: Response) -> SubscriptionItem:
    """It holds what the filter wants of everything after this moment; `url` is its key, entry ids are positions."""
    return _shown(channels.subscribe_stream(wiring, wish.name, wish.wanted(wiring.ledger)), response)


@router.post("/chats", status_code=201, summary="Write to a chat or a mailbox")
def subscribe_chat(
    wiring: Parts, wish: ChatWish, token: Annotated[Token, MINE], response: Response
) -> SubscriptionItem:
    """It hears of everything after this moment, in messages of many events. Its address is sealed and never shown."""
    if wish.allow and not allows(token, Scope.ADMIN):
        raise HTTPException(403, "`allow` opens private addresses, so it needs the scope admin")
    asked = channels.ChatWish(
        wish.url,
        wish.wanted(wiring.ledger),
        wish.name,
        wish.digest_seconds,
        wish.rate_per_minute,
        wish.language,
        wish.allow,
    )
    return _shown(channels.subscribe_chat(wiring, asked), response)


def _shown(made: Subscription, response: Response) -> SubscriptionItem:
    response.headers["Location"] = f"/v1/subscriptions/{made.id}"
    return SubscriptionItem.model_validate(made)
