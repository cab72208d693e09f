"""`subscribe`, `subscriptions`, `subscription` and `deliveries`: who hears of what, and whether it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import channels, delivering
from services.cli.conditions import Asked, Named, Where, words
from services.cli.opening import opened
from services.cli.options import MODES, Allow, Concurrency, Data, Json, Rate, Types
from services.cli.records import DELIVERY, SUBSCRIPTION, every, moment, record
from services.cli.screen import emit, facts, note, say, table
from services.cli.trials import Try, sentence, tell_trial, trial_record
from shared.domain.states import Consent, ContentMode, DeliveryState, Scheme

if TYPE_CHECKING:
    from shared.db.models import Delivery, Subscription

subscribe = typer.Typer(no_args_is_help=True, help="Begin to hear of events.")
subscription = typer.Typer(no_args_is_help=True, help="Pause, resume or end a subscription.")
SubscriptionId = Annotated[str, typer.Argument(metavar="ID", help="The subscription's id.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(subscribe, name="subscribe")
    app.command("subscriptions")(list_all)
    app.add_typer(subscription, name="subscription")
    app.command("deliveries")(deliveries)
    delivering.register(app, subscription)
    channels.register(subscribe)


@subscribe.command("webhook")
def webhook(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where each event is posted to.")],
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    types: Types = [],  # noqa: B006 (read only)
    allow: Allow = [],  # noqa: B006 (read only)
    republications: Annotated[
        bool, typer.Option("--republications", help="Also tell of the same text at further addresses.")
    ] = False,
    where: Where = [],  # noqa: B006 (read only)
    saved: Named = None,
    trial: Try = False,
    scheme: Annotated[Scheme, typer.Option("--sign", help="How: HMAC (v1) or Ed25519 (v1a).")] = Scheme.HMAC,
    mode: Annotated[ContentMode, typer.Option("--mode", help=MODES)] = ContentMode.STRUCTURED,
    rate: Rate = None,
    concurrency: Concurrency = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Post every event from now on to a URL, signed; prints the signing secret, this once."""
    from services.desk import addresses, filtering, subscribing

    with opened(data, make=True) as wiring:
        with wiring.ledger.reading() as uow:
            wanted = Asked(where, types, saved, again=republications).wanted(uow)
        tried = filtering.try_out(wiring.ledger, wanted)
        if trial:
            tell_trial(tried, json=json)
            return
        wish = subscribing.Webhook(url, name, wanted, allow, scheme, rate, concurrency, mode)
        made, secret = subscribing.subscribe(wiring.ledger, wiring.box, wish)
    if json:
        more = {"secret": secret or None, "trial": trial_record(tried), "warnings": addresses.warnings_of(made.url)}
        emit(record(made, SUBSCRIPTION) | more)
        return
    facts({"id": made.id, **_key(made, secret), "url": made.url, "hears of": words(wanted)})
    for one in addresses.warnings_of(made.url):
        note(f"Warning: {one}.")
    note(sentence(tried))
    _secret_is_gone(secret)
    note("The relay asks the endpoint whether it wants to be called; `noticewire subscriptions` tells its answer.")


def _key(made: Subscription, secret: str | None) -> dict[str, str]:
    return {"secret": secret} if secret else {"public key": made.public_key or ""}


def _secret_is_gone(secret: str | None) -> None:
    if secret:
        note("The secret is not shown again.")


def list_all(data: Data = None, json: Json = False) -> None:
    """List the subscriptions."""
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        found = list(every(lambda after: uow.subscriptions.page(after=after)))
    if json:
        for one in found:
            emit(record(one, SUBSCRIPTION))
        return
    headings = ("id", "name", "state", "types", "URL", "consent", "reason")
    table(headings, ([s.id, s.name, s.state, s.types or "all", s.url, s.consent, _reason(s)] for s in found))


def _reason(one: Subscription) -> str | None:
    """Return why a subscription hears nothing, or little."""
    refused = one.consent == Consent.REFUSED
    return one.state_reason or (f"once a minute at most: {one.consent_reason}" if refused else None)


@subscription.command("pause")
def pause(subscription_id: SubscriptionId, data: Data = None, json: Json = False) -> None:
    """Hold deliveries back; what happens meanwhile is owed and comes after `resume`."""
    from services.desk import subscribing

    with opened(data) as wiring:
        _tell(subscribing.pause(wiring.ledger, subscription_id), json=json)


@subscription.command("resume")
def resume(
    subscription_id: SubscriptionId,
    redrive: Annotated[bool, typer.Option("--redrive", help="Bring what is parked, too.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Deliver again, beginning with what came while it was paused; what came while it was disabled stays parked."""
    from services.desk import delivering, subscribing

    with opened(data) as wiring:
        resumed = subscribing.resume(wiring.ledger, subscription_id)
        redriven = len(delivering.redrive(wiring.ledger, subscription_id)) if redrive else 0
        parked = subscribing.parked_count(wiring.ledger, subscription_id)
    if json:
        emit(record(resumed, SUBSCRIPTION) | {"parked": parked, "redriven": redriven})
        return
    _tell(resumed, json=False)
    if redriven:
        note(f"{redriven} parked deliveries are due again.")
    if parked:
        note(f"{parked} deliveries are parked; bring them with: noticewire redrive {subscription_id}")


@subscription.command("rotate")
def rotate(
    subscription_id: SubscriptionId,
    scheme: Annotated[Scheme | None, typer.Option("--sign", help="HMAC (v1) or Ed25519 (v1a); as before.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Sign with a new secret, printed this once; the old one signs too for a day."""
    from services.desk import keys

    with opened(data) as wiring:
        grace = wiring.settings.secret_grace_seconds
        found, secret = keys.rotate(wiring.ledger, wiring.box, subscription_id, grace_seconds=grace, scheme=scheme)
    if json:
        emit(record(found, SUBSCRIPTION) | {"secret": secret})
        return
    facts({"id": found.id, **_key(found, secret), "the old one signs until": moment(found.old_keys_until)})
    _secret_is_gone(secret)


@subscription.command("remove")
def remove(subscription_id: SubscriptionId, data: Data = None, json: Json = False) -> None:
    """Forget a subscription and everything owed to it."""
    from services.desk import subscribing

    with opened(data) as wiring:
        found = subscribing.find(wiring.ledger, subscription_id)
        subscribing.unsubscribe(wiring.ledger, subscription_id)
    if json:
        emit(record(found, SUBSCRIPTION))
    else:
        say(f"{found.id} ({found.url}) is forgotten.")


def _tell(found: Subscription, *, json: bool) -> None:
    if json:
        emit(record(found, SUBSCRIPTION))
    else:
        say(f"{found.id} ({found.url}) is {found.state}.")


def deliveries(
    subscription_id: Annotated[
        str | None, typer.Option("--subscription", metavar="ID", help="Of one subscription.")
    ] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="In one state only.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List what is or was owed to subscriptions; parked ones with their reasons."""
    from services.desk import subscribing

    with opened(data) as wiring, wiring.ledger.reading() as uow:
        if subscription_id:
            subscribing.find(wiring.ledger, subscription_id)

        def page(after: str) -> list[Delivery]:
            return list(uow.deliveries.page(subscription_id=subscription_id, state=state, after=after, limit=500))

        found = every(page)
        if json:
            for one in found:
                emit(record(one, DELIVERY))
            return
        headings = ("id", "subscription", "position", "state", "attempts", "next attempt at", "parked because")
        names = ("id", "subscription_id", "position", "state", "attempts", "next_attempt_at", "parked_reason")
        table(headings, ([record(one, DELIVERY)[name] for name in names] for one in found))
