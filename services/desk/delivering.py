"""What becomes of deliveries by hand: redriven, replayed, limited, in another form, and endpoints asked for consent.

What is redriven or replayed is the same event with the same id and body, exempt from the order within its notice.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from services.desk import filtering
from services.desk.audit import note
from services.desk.subscribing import checked_limits, find
from shared.db import Ledger, UnitOfWork
from shared.db.deliveries import Span
from shared.db.models import Event, Subscription
from shared.db.subscriptions import LAST, filters_of
from shared.domain.states import Channel, Consent, ContentMode, SubscriptionState
from shared.errors import Gone, Invalid, NotFound
from shared.ids import kind_of

MOST_REPLAYED = 10_000
MOST_LOOKED_AT = 200_000
"""Positions that one replay looks through, where its filter finds few."""
_STEP = 500
_NOT_ASKED = {
    Channel.WEBSUB: "a subscriber of a feed, which confirms its wish to the hub each time that it subscribes",
    Channel.CHAT: "a chat or a mailbox, which consents by its address that an operator named",
}


@dataclass(frozen=True)
class Which:
    """Which events: one by its id, or those after and up to a position, recorded since and before a time."""

    event: str | None = None
    after: int | None = None
    until: int | None = None
    since: datetime | None = None
    before: datetime | None = None


EVERY = Which()


@dataclass(frozen=True)
class Replayed:
    """What a replay did: events owed for the first time, owed again, and those that are owed anyway."""

    new: int
    again: int
    owed_already: int


def redrive(ledger: Ledger, name: str, which: Which = EVERY) -> list[str]:
    """Make parked deliveries due again; return their ids. `name` is a delivery, a subscription or an event.

    Of a subscription only those of `which` events. Raises `NotFound`, and `Invalid` for a delivery that is not parked
    and for a subscription that is disabled.
    """
    with ledger.begin() as uow:
        if kind_of(name) == "delivery":
            redriven = _redrive_one(uow, name)
        elif kind_of(name) == "subscription":
            _open(uow, name)
            redriven = list(uow.deliveries.redrive(_span(uow, which), uow.now(), subscription_id=name))
        else:
            event = _event(uow, name)
            active = [one.id for one in uow.subscriptions.hold_all() if one.state != SubscriptionState.DISABLED]
            span = Span(event=event.id)
            redriven = [done for one in active for done in uow.deliveries.redrive(span, uow.now(), subscription_id=one)]
        note(uow, "deliveries.redriven", name, count=len(redriven), **_told(which))
        uow.commit()
    return redriven


def replay(ledger: Ledger, subscription_id: str, which: Which, stream_length: int = 0) -> Replayed:
    """Owe a subscription again those of `which` events that it wants, also from before its beginning.

    A stream, which reaches back to the newest `stream_length` events, is made to begin before them. Raises `NotFound`,
    `Gone` where some may be no longer kept, and `Invalid` where nothing says which, where they are too many, and for a
    disabled subscription.
    """
    if which == EVERY:
        raise Invalid("say which events: one by its id, or a range of positions or times")
    with ledger.reading() as uow:
        subscription = _found(uow.subscriptions.by_id(subscription_id), subscription_id)
        events = list(_matching(uow, subscription, which))
    if subscription.kind == Channel.STREAM:
        return _begin_earlier(ledger, subscription_id, which, events, stream_length)
    done = Replayed(0, 0, 0)
    # In steps, so that nobody's deliveries wait for long; whoever is killed here replays again, with the same ids.
    for start in range(0, len(events), _STEP):
        with ledger.begin() as uow:
            _open(uow, subscription_id)
            new, again, owed = uow.deliveries.owe_again(subscription_id, events[start : start + _STEP], uow.now())
            if start + _STEP >= len(events):
                note(uow, "deliveries.replayed", subscription_id, count=len(events), **_told(which))
            uow.commit()
        done = Replayed(done.new + new, done.again + again, done.owed_already + owed)
    return done


def limit(
    ledger: Ledger, subscription_id: str, *, rate_per_minute: int | None, concurrency: int | None
) -> Subscription:
    """Limit the requests to an endpoint: so many a minute, so many at a time; None for no limit of its own.

    A chat has a rate alone, of messages. Raises `NotFound`, and `Invalid` for a number out of bounds, for a stream, and
    for a chat's concurrency.
    """
    limits: dict[str, Any] = checked_limits(rate_per_minute, concurrency)
    with ledger.begin() as uow:
        if _held(uow, subscription_id).kind != Channel.CHAT:
            limits |= {"next_request_at": None}
        elif concurrency is not None:
            raise Invalid(
                f"{subscription_id} is a chat or a mailbox, which gets one message at a time: "
                "concurrency means nothing to it; limit rate_per_minute"
            )
        # A chat's pause stays: it may be its service's wish, and is over within a minute otherwise.
        uow.subscriptions.change(subscription_id, limits)
        note(uow, "subscription.limited", subscription_id, rate_per_minute=rate_per_minute, concurrency=concurrency)
        uow.commit()
    return find(ledger, subscription_id)


def change_content_mode(ledger: Ledger, subscription_id: str, mode: ContentMode) -> Subscription:
    """Let events stand in another form in the requests to a webhook, from the next attempt on.

    Raises `NotFound`, and `Invalid` for what is no webhook.
    """
    with ledger.begin() as uow:
        held = uow.subscriptions.hold([subscription_id]).get(subscription_id)
        if held is None:
            raise NotFound(f"no subscription {subscription_id!r}")
        if held.kind != Channel.WEBHOOK:
            raise Invalid(f"{subscription_id} is no webhook (kind {held.kind}): only those have a content mode")
        uow.subscriptions.change(subscription_id, {"manner": {"content_mode": mode}})
        note(uow, "subscription.changed", subscription_id, content_mode=mode)
        uow.commit()
    return find(ledger, subscription_id)


def ask_again(ledger: Ledger, subscription_id: str) -> Subscription:
    """Have the relay ask the endpoint at once whether it wants to be called; deliveries wait for that answer.

    Raises `NotFound`, and `Invalid` for any other channel: nobody is asked there.
    """
    with ledger.begin() as uow:
        kind = Channel(_held(uow, subscription_id).kind)
        if kind in _NOT_ASKED:
            raise Invalid(f"{subscription_id} is {_NOT_ASKED[kind]}; only webhooks are asked for their consent")
        asked = {"consent": Consent.UNASKED, "consent_reason": None, "consent_ask_at": None, "next_request_at": None}
        uow.subscriptions.change(subscription_id, asked)
        note(uow, "subscription.asked", subscription_id)
        uow.commit()
    return find(ledger, subscription_id)


def _begin_earlier(
    ledger: Ledger, subscription_id: str, which: Which, events: list[Event], stream_length: int
) -> Replayed:
    """Let a stream hold `events` too: its entries' ids only grow, so that the relay writes it anew from there on."""
    if which.until is not None or which.before is not None:
        raise Invalid("a stream is written again to its end: leave out until and before, or read from GET /v1/events")
    with ledger.begin() as uow:
        held = _found(uow.subscriptions.hold([subscription_id]).get(subscription_id), subscription_id)
        new = [one for one in events if (one.position or 0) <= held.starts_after]
        if new:
            after = (new[0].position or 1) - 1
            farthest = uow.events.last_position() - stream_length
            if after < farthest:
                told = "raise NOTICEWIRE_STREAM_LENGTH, or read older ones from GET /v1/events"
                raise Invalid(f"streams reach back to the events after position {farthest}; {told}")
            uow.subscriptions.change(subscription_id, {"starts_after": after})
        note(uow, "deliveries.replayed", subscription_id, count=len(new), **_told(which))
        uow.commit()
    return Replayed(len(new), 0, len(events) - len(new))


def _matching(uow: UnitOfWork, subscription: Subscription, which: Which) -> Iterator[Event]:
    if which.event is not None:
        yield _wanted_one(uow, subscription, which.event)
        return
    span = _span(uow, which)
    _check_kept(uow, which)
    reached, last = span.after or 0, min(span.until or LAST, uow.events.last_position())
    if last - reached > MOST_LOOKED_AT:
        raise Invalid(f"that spans more than {MOST_LOOKED_AT} positions; replay a part of it: until={reached + 1000}")
    for count, event in enumerate(_between(uow, subscription, reached, last)):
        if count == MOST_REPLAYED:
            part = f"until={(event.position or 1) - 1}"
            raise Invalid(f"more than {MOST_REPLAYED} events match; replay them in parts, first {part}")
        yield event


def _check_kept(uow: UnitOfWork, which: Which) -> None:
    """Raise `Gone` where what is to be replayed may not be kept any more: whoever names a beginning wants all of it."""
    gone = uow.events.gone_up_to()
    if which.after is not None and which.after >= gone:
        return
    if gone and (which.since is None or uow.events.may_be_gone_since(which.since)):
        raise Gone(f"events up to position {gone} are no longer kept; ask for after={gone} to replay what is")


def _wanted_one(uow: UnitOfWork, subscription: Subscription, name: str) -> Event:
    position = _event(uow, name).position or 0
    for event in _between(uow, subscription, position - 1, position):
        return event
    raise Invalid(f"event {name} is not among those that {subscription.id} asks for")


def _between(uow: UnitOfWork, subscription: Subscription, after: int, last: int) -> Iterator[Event]:
    """Yield what a subscription wants after a position and up to another; of a stream, what it wanted then."""
    for up_to, wanted in filters_of(subscription):
        end = min(up_to, last)
        while after < end:
            page = filtering.after(uow, wanted, after, _STEP)
            yield from (event for event in page.events if (event.position or 0) <= end)
            if page.reached <= after:
                return
            after = min(page.reached, end)


def _span(uow: UnitOfWork, which: Which) -> Span:
    """Return a range of positions, of the times in which they were given."""
    begin = uow.events.first_since(which.since) - 1 if which.since else None
    end = uow.events.first_since(which.before) - 1 if which.before else None
    after = [position for position in (which.after, begin) if position is not None]
    until = [position for position in (which.until, end) if position is not None]
    return Span(which.event, max(after, default=None), min(until, default=None))


def _redrive_one(uow: UnitOfWork, name: str) -> list[str]:
    found = uow.deliveries.by_id(name)
    if found is None:
        raise NotFound(f"no delivery {name!r}")
    _open(uow, found.subscription_id)
    redriven = list(uow.deliveries.redrive(Span(), uow.now(), delivery_id=name))
    if not redriven:
        raise Invalid(f"delivery {name} is not parked, so there is nothing to redrive")
    return redriven


def _event(uow: UnitOfWork, name: str) -> Event:
    event = uow.events.by_id(name)
    if event is None or event.position is None:
        raise NotFound(f"no subscription, delivery or event {name!r}")
    return event


def _held(uow: UnitOfWork, subscription_id: str) -> Subscription:
    return _brought(_found(uow.subscriptions.hold([subscription_id]).get(subscription_id), subscription_id))


def _found(found: Subscription | None, subscription_id: str) -> Subscription:
    if found is None:
        raise NotFound(f"no subscription {subscription_id!r}")
    return found


def _brought(found: Subscription) -> Subscription:
    """Return the subscription if its events are brought one by one; raises `Invalid` for a stream."""
    if found.kind == Channel.STREAM:
        told = "the relay itself writes it, as fast as Redis takes it"
        raise Invalid(f"{found.id} is a stream: {told}")
    return found


def _open(uow: UnitOfWork, subscription_id: str) -> None:
    """Hold a subscription; raises `Invalid` for a disabled one, for which nothing would be brought."""
    held = _held(uow, subscription_id)
    if held.state == SubscriptionState.DISABLED:
        raise Invalid(f"{subscription_id} is disabled ({held.state_reason}); resume it first")


def _told(which: Which) -> dict[str, str]:
    names = ("event", "after", "until", "since", "before")
    return {name: str(value) for name, value in zip(names, astuple(which), strict=True) if value is not None}
