"""Writing down what came of many attempts at once: one transaction, whatever their number.

A transaction for each attempt costs as much as the POST; in batches it is a fraction of it. What is killed before the
commit is attempted again when its lease ends, with the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from shared.db import UnitOfWork
from shared.db.models import Subscription
from shared.domain.states import DeliveryState, SubscriptionState
from worker.deliver.consent import columns_of
from worker.deliver.post import Asked, Ended
from worker.deliver.retry import Delivered, Parked, PutOff, RetryIn, Unsubscribed

log = structlog.get_logger()

SEALED_SECONDS = 300.0
"""Until the next try of what our key does not open; somebody may have mended the setting by then."""


class Round(NamedTuple):
    """A transaction of a courier, the subscriptions that it holds, by id, and its time."""

    uow: UnitOfWork
    held: Mapping[str, Subscription]
    now: datetime


def write_attempts(turn: Round, ended: Sequence[Ended], disable_after_seconds: float) -> None:
    """Keep the attempts and settle their deliveries, whose subscriptions are held as far as they still exist."""
    uow, held, now = turn
    leases = uow.errands.hold([one.claimed.delivery.id for one in ended])
    uow.errands.record_attempts([one.attempt for one in ended if one.attempt and one.claimed.delivery.id in leases])
    # Who lost the lease may bring an answer from before the subscription was resumed: it changes nothing else.
    mine = [one for one in ended if one.claimed.delivery.lease and leases.get(one.claimed.delivery.id) == _lease(one)]
    for subscription_id, subscription in held.items():
        theirs = [one for one in mine if one.claimed.subscription.id == subscription_id]
        Health(subscription, disable_after_seconds).learn(uow, theirs, now)
    marks = [_marks(one, held[one.claimed.subscription.id], now) for one in mine]
    uow.errands.settle(marks)
    waits = [(one, mark["next_attempt_at"]) for one, mark in zip(mine, marks, strict=True)]
    uow.errands.put_off_behind(
        [(one.claimed.delivery, at) for one, at in waits if at is not None and not one.claimed.delivery.out_of_order]
    )


def write_answers(turn: Round, asked: Sequence[Asked]) -> None:
    """Write down what endpoints said to the question whether they want to be called."""
    for one in asked:
        if one.subscription_id in turn.held:
            columns = columns_of(one.answer, turn.now)
            turn.uow.subscriptions.change(one.subscription_id, columns)
            log.info("consent_asked", subscription_id=one.subscription_id, consent=columns["consent"])


@dataclass(frozen=True)
class Health:
    """What attempts tell of a subscription's endpoint."""

    subscription: Subscription
    disable_after_seconds: float

    def learn(self, uow: UnitOfWork, ended: Sequence[Ended], now: datetime) -> None:
        """Note the first failure since the last success; disable what is gone, or failed for all that time."""
        verdicts = [one.verdict for one in ended if not isinstance(one.verdict, PutOff)]
        self._rest(uow, max((one.rest_seconds for one in verdicts if isinstance(one, RetryIn)), default=0.0), now)
        since = self.subscription.failing_since
        if gone := next((one for one in verdicts if isinstance(one, Unsubscribed)), None):
            self._disable(uow, gone.reason, now)
        elif any(isinstance(one, Delivered) for one in verdicts):
            if since is not None:
                self._change(uow, {"failing_since": None})
        elif verdicts and since is None:
            self._change(uow, {"failing_since": now})
        elif verdicts and since is not None and now - since >= timedelta(seconds=self.disable_after_seconds):
            days = self.disable_after_seconds / 86_400
            self._disable(
                uow, f"every attempt since {since:%Y-%m-%d %H:%M} UTC failed, for {days:g} days and longer", now
            )

    def _rest(self, uow: UnitOfWork, seconds: float, now: datetime) -> None:
        until, known = now + timedelta(seconds=seconds), self.subscription.next_request_at
        if seconds > 0 and (known is None or known < until):
            self._change(uow, {"next_request_at": until})

    def _disable(self, uow: UnitOfWork, reason: str, now: datetime) -> None:
        if self.subscription.state == SubscriptionState.DISABLED:
            return
        self._change(uow, {"state": SubscriptionState.DISABLED, "state_reason": reason})
        uow.errands.park_due(self.subscription.id, why_parked(self.subscription), now)
        log.warning("subscription_disabled", subscription_id=self.subscription.id, reason=reason)

    def _change(self, uow: UnitOfWork, columns: dict[str, Any]) -> None:
        uow.subscriptions.change(self.subscription.id, columns)  # which the row that is held shows, too


def why_parked(subscription: Subscription) -> str:
    """Return why what is owed to a disabled subscription is parked."""
    return f"its subscription is disabled: {subscription.state_reason}"


def _lease(one: Ended) -> str | None:
    return one.claimed.delivery.lease


def _marks(one: Ended, subscription: Subscription, now: datetime) -> dict[str, Any]:
    """Return the columns of a delivery after an attempt: the same ones whatever came of it."""
    verdict, delivery = one.verdict, one.claimed.delivery
    attempts = delivery.attempts + (one.attempt is not None)
    marks: dict[str, Any] = {"id": delivery.id, "attempts": attempts, "state": DeliveryState.DUE}
    marks |= {"parked_reason": None, "ended_at": None, "next_attempt_at": None}
    match verdict:
        case Delivered():
            return marks | {"state": DeliveryState.DELIVERED, "ended_at": now}
        case Parked(reason=reason) | Unsubscribed(reason=reason):
            return marks | {"state": DeliveryState.PARKED, "parked_reason": reason, "ended_at": now}
        case RetryIn() if subscription.state == SubscriptionState.DISABLED:
            return marks | {"state": DeliveryState.PARKED, "parked_reason": why_parked(subscription), "ended_at": now}
        case RetryIn(seconds=seconds):
            return marks | {"next_attempt_at": now + timedelta(seconds=seconds)}
        case PutOff():
            return marks | {"next_attempt_at": now + timedelta(seconds=SEALED_SECONDS)}
