"""`subscribe stream` and `subscribe chat`: to hear of events in a Redis Stream, in a chat, or by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.conditions import Asked, Named, Where, words
from services.cli.opening import opened
from services.cli.options import Allow, Data, Json, Types
from services.cli.records import SUBSCRIPTION, record
from services.cli.screen import emit, facts, note

if TYPE_CHECKING:
    from shared.db.models import Subscription
    from shared.domain.filters import Filter


def register(subscribe: typer.Typer) -> None:
    """Add the commands to `subscribe`."""
    subscribe.command("stream")(stream)
    subscribe.command("chat")(chat)


def stream(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What its key ends with.")],
    types: Types = [],  # noqa: B006 (read only)
    where: Where = [],  # noqa: B006 (read only)
    saved: Named = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Write what a filter wants, from now on, to a Redis Stream of its own; all events have one in any case."""
    from services.desk import channels

    with opened(data, make=True) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, types, saved).wanted(uow)
        made = channels.subscribe_stream(wiring, name, wanted)
    _tell(made, wanted, json=json)


def chat(
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="As apprise writes it: wecombot://…, dingtalk://…, feishu://…, mailtos://…"),
    ],
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    types: Types = [],  # noqa: B006 (read only)
    where: Where = [],  # noqa: B006 (read only)
    saved: Named = None,
    digest: Annotated[str, typer.Option(metavar="TIME", help="One message for so long: 15m, 1h, 1d.")] = "0s",
    rate: Annotated[int | None, typer.Option(metavar="N", help="Messages a minute, at most.")] = None,
    language: Annotated[str, typer.Option("--lang", help="zh, en or both.")] = "zh",
    allow: Allow = [],  # noqa: B006 (read only)
    data: Data = None,
    json: Json = False,
) -> None:
    """Write to a chat or a mailbox of every event from now on; the URL is kept sealed, and not shown again."""
    from services.desk import channels

    with opened(data, make=True) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, types, saved).wanted(uow)
        wish = channels.ChatWish(url, wanted, name, channels.span(digest), rate, language, allow)
        made = channels.subscribe_chat(wiring, wish)
    _tell(made, wanted, json=json)
    if not json:
        note("The address is kept encrypted, and not shown again.")


def _tell(made: Subscription, wanted: Filter, *, json: bool) -> None:
    if json:
        emit(record(made, SUBSCRIPTION))
    else:
        facts({"id": made.id, "name": made.name, "at": made.url, "hears of": words(wanted)})
