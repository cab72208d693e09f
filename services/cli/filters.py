"""`filter` and `subscription filter`: what somebody wants to hear of, tried on what was stored before it is saved."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.conditions import Asked, Named, Where, words
from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.records import FILTER, SUBSCRIPTION, every, record
from services.cli.screen import emit, note, say, table
from services.cli.subscriptions import SubscriptionId, subscription
from services.cli.trials import Try, sentence, tell_trial, trial_record
from shared.domain.filters import Filter

commands = typer.Typer(no_args_is_help=True, help="Filters under names, for feeds and readers.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The filter's name.")]


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    app.add_typer(commands, name="filter")


@commands.command("list")
def list_all(data: Data = None, json: Json = False) -> None:
    """List the filters."""
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        found = list(every(lambda after: uow.filters.page(after=after)))
    if json:
        for one in found:
            emit(record(one, FILTER))
        return
    table(("name", "wants", "changed at"), ([f.name, words(Filter.stored(f.filter)), f.changed_at] for f in found))


@commands.command("save")
def save(
    name: Name,
    where: Where = [],  # noqa: B006 (read only)
    trial: Try = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Keep a filter under a name, or put another under it; tells what it would have matched of the newest events."""
    from services.desk import filtering

    with opened(data, make=True) as wiring:
        with wiring.ledger.reading() as uow:
            wanted, known = Asked(where).wanted(uow), uow.filters.by_name(name) is not None
        if trial:
            tell_trial(filtering.try_out(wiring.ledger, wanted), json=json)
            return
        saved = (filtering.change if known else filtering.save)(wiring.ledger, name, wanted)
        found = filtering.try_out(wiring.ledger, wanted)
    if json:
        emit(record(saved, FILTER) | {"trial": trial_record(found)})
    else:
        say(f"{saved.name}: {words(wanted)}")
        note(sentence(found))


@commands.command("try")
def try_out(
    where: Where = [],  # noqa: B006 (read only)
    name: Named = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, max=5000, help="On how many of the newest events.")] = 500,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell what a filter would have matched of the newest events."""
    from services.desk import filtering

    with opened(data) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, name=name).wanted(uow)
        found = filtering.try_out(wiring.ledger, wanted, last)
    tell_trial(found, json=json)


@commands.command("remove")
def remove(name: Name, data: Data = None, json: Json = False) -> None:
    """Forget a filter and its feeds; subscriptions made of it keep what they want."""
    from services.desk import filtering

    with opened(data) as wiring:
        filtering.remove(wiring.ledger, name)
    if json:
        emit({"removed": name})
    else:
        say(f"The filter {name} is forgotten.")


@subscription.command("filter")
def change(
    subscription_id: SubscriptionId,
    where: Where = [],  # noqa: B006 (read only)
    name: Named = None,
    trial: Try = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let a subscription hear of other events from now on: of everything, where no condition is given."""
    from services.desk import filtering, subscribing

    with opened(data) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, name=name).wanted(uow)
        if trial:
            tell_trial(filtering.try_out(wiring.ledger, wanted), json=json)
            return
        changed = subscribing.change_filter(wiring.ledger, subscription_id, wanted)
    if json:
        emit(record(changed, SUBSCRIPTION))
    else:
        say(f"{changed.id} ({changed.url}) hears of {words(wanted)} from now on.")
