"""The WebSub hub's side of the wire: asks callbacks whether they meant it, renews, ends and denies subscriptions.

What was asked for is a row, and so is what came of it: a hub that dies in between asks again. Two hubs that ask at once
are harmless, for a callback answers both alike, and the second finds the intent gone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

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
from worker.deliver.websub import EVERY_EVENT, Details, question

log = structlog.get_logger()

BATCH = 20
TRIES = 4
"""Times that a callback is asked, over the pauses of the retry schedule."""
LOOK_SECONDS = 10.0
"""Pause between two looks for leases that are over, tokens that were revoked and filters that were changed."""


@dataclass(frozen=True)
class HubRules:
    """How long a callback may take, how the pauses are stretched, and who says that he asks."""

    total_seconds: float
    schedule_scale: float
    user_agent: str
    allow: Sequence[str] = ()
    """Private addresses that callbacks may have."""


class Hub:
    """Does what is due, each time; the caller leads."""

    def __init__(self, ledger: Ledger, http: Exchange, box: SecretBox, rules: HubRules) -> None:
        """Wire the hub."""
        self._ledger = ledger
        self._http = http
        self._box = box
        self._rules = rules
        self._looked = float("-inf")

    def tend(self) -> int:
        """Verify what was asked for and look after what there is; return how many callbacks were asked."""
        with self._ledger.reading() as uow:
            due = uow.intents.due(uow.now(), BATCH)
        for intent in due:
            self._verify(intent)
        now = self._ledger.clock.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            with self._ledger.reading() as uow:
                followed = uow.intents.subscriptions()
            for subscription in followed:
                self._look_after(subscription)
        return len(due)

    def _verify(self, intent: Intent) -> None:
        try:
            details = Details.from_text(self._box.open(intent.details))
        except Invalid as error:
            log.error("intent_forgotten", intent_id=intent.id, error=str(error))
            self._forget(intent)
            return
        challenge = secrets.token_urlsafe(24)
        asked = {"hub.challenge": challenge}
        if intent.mode == "subscribe":
            asked["hub.lease_seconds"] = str(intent.lease_seconds)
        answer = self._ask(question(intent.callback, intent.mode, details, asked))
        if isinstance(answer, bytes) and answer.strip() == challenge.encode():
            self._confirm(intent, details)
        elif answer is None and intent.attempts + 1 < TRIES:
            with self._ledger.begin() as uow:
                pause = PAUSES[intent.attempts] * self._rules.schedule_scale
                uow.intents.put_off(intent.id, intent.attempts + 1, uow.now() + timedelta(seconds=pause))
                uow.commit()
        else:
            log.info("intent_not_confirmed", intent_id=intent.id, mode=intent.mode)
            self._forget(intent)

    def _ask(self, url: str) -> bytes | bool | None:
        """Return what the callback said; False if it refuses, None where it may be asked again."""
        limits = Limits(total_seconds=self._rules.total_seconds, max_bytes=1024, cut=True)
        try:
            request = Request("GET", url, {"user-agent": self._rules.user_agent})
            answer = self._http.exchange(request, limits=limits, allow=AllowList.parse(self._rules.allow))
        except NoticewireError as error:
            return False if isinstance(error, Permanent) else None
        if 200 <= answer.status < 300:
            return answer.body
        return None if answer.status >= 500 or answer.status == 429 else False

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

    def _look_after(self, subscription: Subscription) -> None:
        """End what has expired, deny what may no longer be, and follow the saved filter when it is changed."""
        with self._ledger.reading() as uow:
            now = uow.now()
            over = subscription.expires_at is not None and subscription.expires_at <= now
            wanted = _wanted(uow, (subscription.manner or {})["feed"])
            reason = None if wanted is not None else "there is no such feed any more"
            try:
                details = Details.from_text(self._box.open(subscription.secret))
            except Invalid:
                return
            if not uow.tokens.live({details.token_key}, now):
                reason = "the token that it was asked for with is no longer valid"
        if over or reason is not None:
            if not over:
                self._ask(question(subscription.url, "denied", details, {"hub.reason": reason or ""}))
            with self._ledger.begin() as uow:
                uow.events.lock_positions()
                uow.subscriptions.remove(subscription.id)
                uow.commit()
            log.info("websub_ended", subscription_id=subscription.id, reason=reason or "its lease is over")
        elif wanted is not None and wanted.to_json() != subscription.filter:
            with self._ledger.begin() as uow:
                uow.events.lock_positions()
                uow.subscriptions.set_filter(subscription.id, wanted)
                uow.commit()


def _wanted(uow: UnitOfWork, feed: str) -> Filter | None:
    """Return what a feed wants, None if there is no such feed (any more)."""
    if feed == EVERY_EVENT:
        return Filter(republications=True)
    saved = uow.filters.by_name(feed)
    return None if saved is None else Filter.stored(saved.filter)
