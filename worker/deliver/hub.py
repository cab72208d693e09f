"""The WebSub hub's side of the wire: asks callbacks whether they meant it, renews, ends and denies subscriptions.

What was asked for is a row, and so is what came of it: a hub that dies in between asks again. Two hubs that ask at once
are harmless, for a callback answers both alike, and the second finds the intent gone. Threads do nothing but wait for
callbacks, so that one which hangs keeps nobody else waiting, and nobody subscribed who may read no more.
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.models import Intent, Subscription
from shared.db.subscriptions import filter_columns
from shared.domain.filters import Filter
from shared.domain.states import Channel, Consent, SubscriptionState
from shared.errors import Invalid, NoticewireError, Permanent
from shared.http import AllowList, Exchange, Limits, Request
from shared.ids import new_id
from shared.secrets import SecretBox
from worker.deliver.retry import PAUSES
from worker.deliver.websub import DENIED, EVERY_EVENT, Details, question

log = structlog.get_logger()

THREADS = 8
TRIES = 4
"""Times that a callback is asked, over the pauses of the retry schedule."""
LOOK_SECONDS = 2.0
"""Pause between two looks for leases that are over, tokens that were revoked and filters that were changed."""
NO_FEED = "there is no such feed any more"
NO_TOKEN = "the token that it was asked for with is no longer valid"  # noqa: S105 (a sentence)


@dataclass(frozen=True)
class HubRules:
    """How long a callback may take, how the pauses are stretched, and who says that he asks."""

    total_seconds: float
    schedule_scale: float
    user_agent: str
    allow: Sequence[str] = ()
    """Private addresses that callbacks may have."""


@dataclass(frozen=True)
class Asked:
    """What a callback said: whether it confirmed; `again` where it may be asked once more."""

    intent: Intent
    details: Details
    confirmed: bool
    again: bool


class Hub:
    """Does what is due, each time; the caller leads."""

    def __init__(self, ledger: Ledger, http: Exchange, box: SecretBox, rules: HubRules) -> None:
        """Wire the hub; its threads start with the first question."""
        self._ledger = ledger
        self._http = http
        self._box = box
        self._rules = rules
        self._looked = float("-inf")
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="hub")
        self._under_way: dict[str, tuple[Intent, Future[Asked]]] = {}

    def tend(self) -> int:
        """Look after what there is, write down what callbacks said, and ask others; return how many are asked now."""
        now = self._ledger.clock.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look_after()
        self._collect()
        free = THREADS - len(self._under_way)
        if free:
            with self._ledger.reading() as uow:
                due = uow.intents.due(uow.now(), free, without=self._under_way)
            for intent in due:
                self._begin(intent)
        return len(self._under_way)

    def settle(self) -> None:
        """Wait for the callbacks that are being asked, and write down what they said."""
        for _, future in self._under_way.values():
            future.exception()
        self._collect()

    def close(self) -> None:
        """Ask no more; what is under way ends first."""
        self.settle()
        self._pool.shutdown()

    def _begin(self, intent: Intent) -> None:
        try:
            details = Details.from_text(self._box.open(intent.details))
        except Invalid as error:
            log.error("intent_forgotten", intent_id=intent.id, error=str(error))
            self._forget(intent)
            return
        self._under_way[intent.id] = intent, self._pool.submit(self._ask, intent, details)

    def _ask(self, intent: Intent, details: Details) -> Asked:
        challenge, asked = secrets.token_urlsafe(24), dict[str, str]()
        if intent.mode == DENIED:
            asked["hub.reason"] = intent.manner["reason"]
        else:
            asked["hub.challenge"] = challenge
        if intent.mode == "subscribe":
            asked["hub.lease_seconds"] = str(intent.lease_seconds)
        limits = Limits(total_seconds=self._rules.total_seconds, max_bytes=1024, cut=True)
        url = question(intent.callback, intent.mode, details, asked)
        try:
            request = Request("GET", url, {"user-agent": self._rules.user_agent})
            answer = self._http.exchange(request, limits=limits, allow=AllowList.parse(self._rules.allow))
        except NoticewireError as error:
            return Asked(intent, details, confirmed=False, again=not isinstance(error, Permanent))
        confirmed = 200 <= answer.status < 300 and answer.body.strip() == challenge.encode()
        return Asked(intent, details, confirmed, again=answer.status >= 500 or answer.status == 429)

    def _collect(self) -> None:
        for intent, future in list(self._under_way.values()):
            if not future.done():
                continue
            if error := future.exception():
                # One odd callback must not keep the others waiting, again and again. Its address may hold a secret.
                log.error("intent_forgotten", intent_id=intent.id, error=type(error).__name__)
                self._forget(intent)
            else:
                self._write(future.result())
            del self._under_way[intent.id]

    def _write(self, asked: Asked) -> None:
        intent = asked.intent
        if asked.confirmed:
            self._confirm(intent, asked.details)
        elif asked.again and intent.attempts + 1 < TRIES:
            with self._ledger.begin() as uow:
                pause = PAUSES[intent.attempts] * self._rules.schedule_scale
                uow.intents.put_off(intent.id, intent.attempts + 1, uow.now() + timedelta(seconds=pause))
                uow.commit()
        else:
            log.info("intent_over", intent_id=intent.id, mode=intent.mode, confirmed=False)
            self._forget(intent)

    def _forget(self, intent: Intent) -> None:
        with self._ledger.begin() as uow:
            uow.intents.remove(intent.id)
            uow.commit()

    def _confirm(self, intent: Intent, details: Details) -> None:
        with self._ledger.begin() as uow:
            # First, for the boundary to be exact: the relay stamps either before this transaction or after it.
            starts_after = uow.events.lock_positions()
            if not uow.intents.remove(intent.id):
                return
            known = uow.intents.subscription(intent.callback, intent.manner)
            if intent.mode == "unsubscribe":
                if known is not None:
                    uow.subscriptions.remove(known.id)
            elif known is not None:
                expires_at = uow.now() + timedelta(seconds=intent.lease_seconds)
                sealed = self._box.seal(details.to_text())
                renewed = {"secret": sealed, "expires_at": expires_at, "state": SubscriptionState.ACTIVE}
                uow.subscriptions.change(known.id, renewed | {"state_reason": None})
            else:
                uow.subscriptions.add(self._subscription(uow, intent, details, starts_after))
            uow.commit()
        log.info("intent_confirmed", intent_id=intent.id, mode=intent.mode, feed=intent.manner["feed"])

    def _subscription(self, uow: UnitOfWork, intent: Intent, details: Details, starts_after: int) -> Subscription:
        manner, now = intent.manner, uow.now()
        made = Subscription(
            id=new_id("sub"),
            kind=Channel.WEBSUB,
            name=f"feed {manner['feed']} ({manner['form']}, {manner['language']})",
            manner=manner,
            url=intent.callback,
            secret=self._box.seal(details.to_text()),
            state=SubscriptionState.ACTIVE,
            consent=Consent.GIVEN,
            consent_reason="it confirmed the hub's question",
            starts_after=starts_after,
            expires_at=now + timedelta(seconds=intent.lease_seconds),
            created_at=now,
            allow=list(self._rules.allow),
        )
        for name, value in filter_columns(_wanted(uow, manner["feed"]) or Filter()).items():
            setattr(made, name, value)
        return made

    def _look_after(self) -> None:
        """End what has expired, deny what may no longer be, and follow the saved filters when they are changed."""
        with self._ledger.reading() as uow:
            now = uow.now()
            followed = [(one, details) for one in uow.intents.subscriptions() if (details := self._details(one))]
            live = uow.tokens.live({details.token_key for _, details in followed}, now)
            feeds = {feed: _wanted(uow, feed) for feed in {(one.manner or {})["feed"] for one, _ in followed}}
        for subscription, details in followed:
            wanted = feeds[(subscription.manner or {})["feed"]]
            if details.token_key not in live:
                self._end(subscription, NO_TOKEN)
            elif wanted is None:
                self._end(subscription, NO_FEED)
            elif subscription.expires_at is not None and subscription.expires_at <= now:
                self._end(subscription)
            elif wanted.to_json() != subscription.filter:
                with self._ledger.begin() as uow:
                    uow.events.lock_positions()
                    uow.subscriptions.set_filter(subscription.id, wanted)
                    uow.commit()

    def _details(self, subscription: Subscription) -> Details | None:
        try:
            return Details.from_text(self._box.open(subscription.secret))
        except Invalid:
            return None  # our key is a wrong one: nothing can be sent either, and the subscriber is not to blame

    def _end(self, subscription: Subscription, denied: str | None = None) -> None:
        """Remove a subscription now; the callback is told afterwards why it was denied, for it may take its time."""
        with self._ledger.begin() as uow:
            uow.events.lock_positions()
            if not uow.subscriptions.remove(subscription.id):
                return
            if denied is not None:
                uow.intents.add(_denial(subscription, denied, uow.now()))
            uow.commit()
        log.info("websub_ended", subscription_id=subscription.id, reason=denied or "its lease is over")


def _denial(subscription: Subscription, reason: str, now: datetime) -> Intent:
    return Intent(
        id=new_id("int"),
        callback=subscription.url,
        mode=DENIED,
        manner={**(subscription.manner or {}), "reason": reason},
        details=subscription.secret,
        lease_seconds=0,
        next_attempt_at=now,
        created_at=now,
    )


def _wanted(uow: UnitOfWork, feed: str) -> Filter | None:
    """Return what a feed wants, None if there is no such feed (any more)."""
    if feed == EVERY_EVENT:
        return Filter(republications=True)
    saved = uow.filters.by_name(feed)
    return None if saved is None else Filter.stored(saved.filter)
