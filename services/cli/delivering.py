"""`redrive`, `replay`, `delivery` and `subscription show|verify|limit|mode`: what becomes of deliveries by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.choosing import moment_given
from services.cli.opening import opened
from services.cli.options import MODES, Concurrency, Data, Json, Rate
from services.cli.records import ATTEMPT, DELIVERY, SUBSCRIPTION, record
from services.cli.screen import emit, facts, note, say, table
from shared.domain.states import Channel, ContentMode

if TYPE_CHECKING:
    from services.desk.delivering import Which

SubscriptionId = Annotated[str, typer.Argument(metavar="ID", help="The subscription's id.")]
Event = Annotated[str | None, typer.Option(metavar="ID", help="One event, by its id.")]
After = Annotated[int | None, typer.Option(metavar="POSITION", min=0, help="Events after a position.")]
Until = Annotated[int | None, typer.Option(metavar="POSITION", min=0, help="Events up to a position, and it.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Events that got their position then or later.")]
Before = Annotated[str | None, typer.Option(metavar="TIME", help="Events that got their position before.")]


def register(app: typer.Typer, subscription: typer.Typer) -> None:
    """Add the commands to `app` and to `subscription`."""
    app.command("delivery")(delivery)
    app.command("redrive")(redrive)
    app.command("replay")(replay)
    subscription.command("show")(show)
    subscription.command("verify")(verify)
    subscription.command("limit")(limit)
    subscription.command("mode")(mode)


def delivery(
    name: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id.")], data: Data = None, json: Json = False
) -> None:
    """Show a delivery and each attempt: what was answered, how soon, and the beginning of the answer."""
    from shared.errors import NotFound

    with opened(data) as wiring, wiring.ledger.reading() as uow:
        found = uow.deliveries.by_id(name)
        attempts = uow.deliveries.attempts(name)
    if found is None:
        raise NotFound(f"no delivery {name!r}")
    if json:
        emit(record(found, DELIVERY) | {"history": [record(one, ATTEMPT) for one in attempts]})
        return
    facts(record(found, DELIVERY))
    headings = ("attempt", "started at", "seconds", "status", "error", "answer")
    shown = ([record(one, ATTEMPT)[field] for field in ATTEMPT] for one in attempts)
    table(headings, ([number, at, f"{seconds:.3f}", *rest] for number, at, seconds, *rest in shown))


def redrive(
    name: Annotated[str, typer.Argument(metavar="ID", help="A parked delivery; or a subscription, or an event.")],
    event: Event = None,
    after: After = None,
    until: Until = None,
    since: Since = None,
    before: Before = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Try parked deliveries again: one, those of an event, or all of a subscription's, or of some of its events."""
    from services.desk import delivering

    which = _which(event, after, until, since, before)
    with opened(data) as wiring:
        redriven = delivering.redrive(wiring.ledger, name, which)
    if json:
        emit({"redriven": redriven})
    else:
        say("\n".join(redriven) if redriven else "Nothing is parked.")


def replay(
    subscription_id: SubscriptionId,
    event: Event = None,
    after: After = None,
    until: Until = None,
    since: Since = None,
    before: Before = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Bring events again that a subscription wants, delivered or not, or from before its beginning."""
    from services.desk import delivering

    with opened(data) as wiring:
        which = _which(event, after, until, since, before)
        done = delivering.replay(wiring.ledger, subscription_id, which, wiring.settings.stream_length)
    if json:
        emit(
            {"replayed": done.new + done.again, "new": done.new, "again": done.again, "already_owed": done.owed_already}
        )
        return
    say(f"{done.new + done.again} events are brought again; {done.owed_already} more were due anyway.")


def show(subscription_id: SubscriptionId, data: Data = None, json: Json = False) -> None:
    """Show a subscription: whether its endpoint wants to be called, and how that goes."""
    from services.desk import subscribing

    with opened(data) as wiring:
        found = subscribing.find(wiring.ledger, subscription_id)
        parked = subscribing.parked_count(wiring.ledger, subscription_id)
    shown = record(found, SUBSCRIPTION) | {"parked": parked}
    if json:
        emit(shown)
    else:
        facts(shown)


def verify(subscription_id: SubscriptionId, data: Data = None, json: Json = False) -> None:
    """Have the relay ask the endpoint again whether it wants to be called; deliveries wait for its answer."""
    from services.desk import delivering

    with opened(data) as wiring:
        asked = delivering.ask_again(wiring.ledger, subscription_id)
    if json:
        emit(record(asked, SUBSCRIPTION))
        return
    say(f"{asked.id} ({asked.url}) is asked again.")
    note(f"Its answer: noticewire subscription show {asked.id}")


def limit(
    subscription_id: SubscriptionId,
    rate: Rate = None,
    concurrency: Concurrency = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Limit the requests to an endpoint, or the messages to a chat; a limit that is not given is lifted."""
    from services.desk import delivering

    with opened(data) as wiring:
        limited = delivering.limit(wiring.ledger, subscription_id, rate_per_minute=rate, concurrency=concurrency)
    if json:
        emit(record(limited, SUBSCRIPTION))
        return
    words = f"{rate or 'any number of'} requests a minute, {concurrency or 'any number'} at a time"
    if limited.kind == Channel.CHAT:
        words = f"{rate} messages a minute" if rate else "as many messages as its service takes"
    say(f"{limited.id} ({limited.url}) gets {words}.")


def mode(
    subscription_id: SubscriptionId,
    to: Annotated[ContentMode, typer.Argument(metavar="structured|binary", help=MODES)],
    data: Data = None,
    json: Json = False,
) -> None:
    """Change how events stand in the requests to a webhook, from the next attempt on."""
    from services.desk import delivering

    with opened(data) as wiring:
        changed = delivering.change_content_mode(wiring.ledger, subscription_id, to)
    if json:
        emit(record(changed, SUBSCRIPTION))
        return
    say(f"{changed.id} ({changed.url}) gets events in {to} mode.")


def _which(event: str | None, after: int | None, until: int | None, since: str | None, before: str | None) -> Which:
    from services.desk.delivering import Which

    def at(text: str | None) -> datetime | None:
        return moment_given(text) if text else None

    return Which(event, after, until, at(since), at(before))
