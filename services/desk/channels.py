"""Subscriptions that are no webhooks: Redis Streams, and chats and mail with their digests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.desk.audit import note
from services.desk.subscribing import checked_limits, enter
from services.wiring import Wiring
from shared.db import UnitOfWork
from shared.db.models import Subscription
from shared.domain.filters import Filter
from shared.domain.states import Channel, Consent
from shared.errors import Invalid
from shared.http import AllowList
from worker.deliver.chat import LANGUAGES
from worker.deliver.services import chat_of

LONGEST_DIGEST_SECONDS = 7 * 86_400
MOST_STREAMS = 1000
STREAM_NAME = "^[a-z0-9][a-z0-9_-]{0,63}$"
_SPAN = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class ChatWish:
    """A chat or mailbox to be written to: an apprise URL, and how often and in which language it is written to."""

    url: str
    wanted: Filter
    name: str | None = None
    digest_seconds: int = 0
    """Events of so long go into one message."""
    rate_per_minute: int | None = None
    language: str = "zh"
    allow: Sequence[str] = ()


def span(text: str) -> int:
    """Return the seconds of `90s`, `15m`, `1h` or `1d`; raises `Invalid`."""
    found = _SPAN.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else -1
    if not 0 <= seconds <= LONGEST_DIGEST_SECONDS:
        raise Invalid(f"{text[:20]!r} is no time of a digest; write 90s, 15m, 1h or 1d, seven days at most")
    return seconds


def subscribe_stream(wiring: Wiring, name: str, wanted: Filter) -> Subscription:
    """Begin a Redis Stream of what a filter wants after this moment; raises `Invalid` for the name or the filter."""
    if not re.fullmatch(STREAM_NAME, name):
        raise Invalid(f"{name[:80]!r} is no name for a stream: write up to 64 of a-z, 0-9, - and _")
    if not wiring.settings.stream_length:
        raise Invalid("NOTICEWIRE_STREAM_LENGTH is 0, so that there are no streams; set it to the events to be kept")
    key = f"{wiring.settings.stream_key}:{name}"
    return _subscribe(wiring, Channel.STREAM, wanted, {"name": name, "url": key, "secret": "", "manner": {}})


def subscribe_chat(wiring: Wiring, wish: ChatWish) -> Subscription:
    """Begin to write to a chat; its address is sealed and never shown again, also by the `Invalid` that it raises."""
    chat = chat_of(wish.url)
    AllowList.parse(wish.allow)
    if wish.language not in LANGUAGES:
        raise Invalid(f"language: write {', '.join(LANGUAGES)}")
    columns = {
        "name": wish.name or chat.service.name,
        "url": wish.url.partition("://")[0].lower() + "://…",
        "secret": wiring.box.seal(wish.url),
        "manner": {"digest_seconds": wish.digest_seconds, "language": wish.language},
        "rate_per_minute": checked_limits(wish.rate_per_minute, None)["rate_per_minute"],
        "allow": list(wish.allow),
    }
    return _subscribe(wiring, Channel.CHAT, wish.wanted, columns)


def _subscribe(wiring: Wiring, kind: Channel, wanted: Filter, columns: dict[str, Any]) -> Subscription:
    consent = {"kind": kind, "consent": Consent.GIVEN, "consent_reason": "an operator named it"}
    with wiring.ledger.begin() as uow:
        if kind is Channel.STREAM:
            uow.events.lock_positions()  # of two who ask at once, one is told
            _check_free(uow, columns["url"])
        made = enter(uow, wanted, {"allow": []} | consent | columns)
        filtered = wanted.to_json()
        note(uow, "subscription.created", made.id, kind=kind, name=made.name, url=made.url, filter=filtered)
        uow.commit()
    return made


def _check_free(uow: UnitOfWork, key: str) -> None:
    streams = uow.subscriptions.streams()
    if any(one.url == key for one in streams):
        raise Invalid(f"there is a stream {key!r} already; take another name, or unsubscribe that one")
    if len(streams) >= MOST_STREAMS:
        raise Invalid(f"there are {MOST_STREAMS} streams, which is enough; unsubscribe one first")
