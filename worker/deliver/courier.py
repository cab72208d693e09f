"""The courier: claims due deliveries by lease, POSTs each signed, and writes down what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.deliveries import ClaimedDelivery
from shared.db.models import Attempt
from shared.domain.states import DeliveryState, SubscriptionState
from shared.envelope import CONTENT_TYPE, envelope
from shared.errors import Invalid, NoticewireError, Permanent
from shared.http import AllowList, Exchange, Limits, Request
from shared.ids import new_id
from shared.retry_after import parse as parse_retry_after
from shared.secrets import SecretBox
from worker.deliver.keys import signing_secrets
from worker.deliver.retry import Answer, Delivered, Parked, RetryIn, Unsubscribed, Verdict, judge_answer
from worker.deliver.sign import signed_headers

log = structlog.get_logger()

KEPT_OF_ANSWER = 1024
SEALED_SECONDS = 300.0
"""Until the next try of what our key does not open; somebody may have mended the setting by then."""
SLACK_SECONDS = 10.0
"""A lease lasts the longest answer and this: only as many are claimed as there are threads to begin at once."""


@dataclass(frozen=True)
class CourierRules:
    """How many webhooks are called at a time, how long each may take, and how the retry schedule is stretched."""

    threads: int
    total_seconds: float
    schedule_scale: float
    user_agent: str


class Courier:
    """Brings events to webhooks; any number of couriers may work on one ledger."""

    def __init__(self, ledger: Ledger, http: Exchange, box: SecretBox, rules: CourierRules) -> None:
        """Wire the courier; its threads start with the first delivery."""
        self._ledger = ledger
        self._http = http
        self._box = box
        self._rules = rules
        self._random = Random()  # noqa: S311 (jitter, not a secret)
        self._pool = ThreadPoolExecutor(rules.threads, thread_name_prefix="courier")
        self._under_way: dict[Future[None], str] = {}
        """The attempts under way, each with its subscription."""
        self._sealed: set[str] = set()
        """Subscriptions whose secret our key does not open; told once each."""

    def bring(self) -> int:
        """Start due deliveries in the free threads, by turns over the subscriptions that wait; return how many."""
        self._collect()
        if len(self._under_way) >= self._rules.threads:
            return 0
        with self._ledger.reading() as uow:
            waiting = list(uow.deliveries.waiting(uow.now()))
        self._random.shuffle(waiting)
        wanted = shares(waiting, Counter(self._under_way.values()), self._rules.threads)
        if not wanted:
            return 0
        claimed: list[ClaimedDelivery] = []
        with self._ledger.begin() as uow:
            for subscription_id, count in wanted.items():
                lease_seconds = self._rules.total_seconds + SLACK_SECONDS
                claimed += uow.deliveries.claim_due(uow.now(), lease_seconds, count, subscription_id)
            uow.commit()
        for one in claimed:
            self._under_way[self._pool.submit(self._bring_one, one)] = one.subscription.id
        return len(claimed)

    def close(self) -> None:
        """Let the attempts under way end, and start no other."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _collect(self) -> None:
        for future in [future for future in self._under_way if future.done()]:
            subscription_id = self._under_way.pop(future)
            if error := future.exception():
                # Its lease ends by itself; the others' attempts are no worse for it.
                surprise = None if isinstance(error, NoticewireError) else error
                log.error("delivery_not_written", subscription_id=subscription_id, error=str(error), exc_info=surprise)

    def _bring_one(self, one: ClaimedDelivery) -> None:
        try:
            secrets = signing_secrets(self._box, one.subscription, self._ledger.clock.now())
        except Invalid as error:
            self._put_off(one, str(error))
            return
        started, clock = self._ledger.clock.now(), self._ledger.clock.monotonic()
        answer, excerpt = self._post(one, secrets, started)
        duration = self._ledger.clock.monotonic() - clock
        number = one.delivery.attempts + 1
        verdict = judge_answer(answer, number, self._random.random(), self._rules.schedule_scale)
        attempt = Attempt(
            id=new_id("att"),
            delivery_id=one.delivery.id,
            number=number,
            started_at=started,
            duration_seconds=duration,
            status=answer.status,
            error=answer.error,
            answer=excerpt,
        )
        with self._ledger.begin() as uow:
            if uow.deliveries.hold(one.delivery.id):  # else its subscription was removed meanwhile
                uow.deliveries.record_attempt(attempt)
                self._settle(uow, one, verdict, number)
            uow.commit()
        log.info(
            "delivery_attempted",
            delivery_id=one.delivery.id,
            event_id=one.event.id,
            attempt=number,
            status=answer.status,
            error=answer.error,
            verdict=type(verdict).__name__.lower(),
        )

    def _put_off(self, one: ClaimedDelivery, reason: str) -> None:
        """Leave a delivery due, with no attempt counted: that our key is a wrong one is not the endpoint's fault."""
        if one.subscription.id not in self._sealed:
            self._sealed.add(one.subscription.id)
            log.error("deliveries_put_off", subscription_id=one.subscription.id, error=reason, again_in=SEALED_SECONDS)
        assert one.delivery.lease is not None
        with self._ledger.begin() as uow:
            again = uow.now() + timedelta(seconds=SEALED_SECONDS)
            uow.deliveries.settle(one.delivery.id, one.delivery.lease, {"next_attempt_at": again})
            uow.commit()

    def _post(self, one: ClaimedDelivery, secrets: Sequence[str], at: datetime) -> tuple[Answer, str | None]:
        try:
            body = envelope(one.event)
            headers = signed_headers(secrets, one.event.id, body, at)
            headers |= {"content-type": CONTENT_TYPE, "user-agent": self._rules.user_agent}
            request = Request("POST", one.subscription.url, headers, body)
            limits = Limits(total_seconds=self._rules.total_seconds, max_bytes=KEPT_OF_ANSWER, cut=True)
            response = self._http.exchange(request, limits=limits, allow=AllowList.parse(one.subscription.allow))
        except NoticewireError as error:
            return Answer(None, error=str(error), permanent=isinstance(error, Permanent)), None
        retry_after = parse_retry_after(response.headers.get("retry-after"), at)
        excerpt = response.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        return Answer(response.status, retry_after), excerpt

    def _settle(self, uow: UnitOfWork, one: ClaimedDelivery, verdict: Verdict, number: int) -> None:
        now = uow.now()
        assert one.delivery.lease is not None
        marks = {"attempts": number} | _marks(verdict, now)
        settled = uow.deliveries.settle(one.delivery.id, one.delivery.lease, marks)
        # Who lost the lease may bring an answer from before the subscription was resumed.
        if settled and isinstance(verdict, Unsubscribed):
            uow.subscriptions.set_state(one.subscription.id, SubscriptionState.DISABLED, verdict.reason)


def shares(waiting: Sequence[str], under_way: Mapping[str, int], threads: int) -> dict[str, int]:
    """Return how many deliveries to begin for each of the `waiting` subscriptions, in turns of one in their order.

    No subscription gets more than half of the threads, those under way included: an endpoint that hangs must leave
    some to the others, also to those that come while it hangs.
    """
    most, free = max(1, threads // 2), threads - sum(under_way.values())
    turns = [(taken, order, one) for order, one in enumerate(waiting) for taken in range(under_way.get(one, 0), most)]
    return dict(Counter(one for _, _, one in sorted(turns)[: max(0, free)]))


def _marks(verdict: Verdict, now: datetime) -> dict[str, Any]:
    match verdict:
        case Delivered():
            return {"state": DeliveryState.DELIVERED, "ended_at": now, "next_attempt_at": None}
        case RetryIn(seconds=seconds):
            return {"next_attempt_at": now + timedelta(seconds=seconds)}
        case Parked(reason=reason) | Unsubscribed(reason=reason):
            return {
                "state": DeliveryState.PARKED,
                "parked_reason": reason,
                "ended_at": now,
                "next_attempt_at": None,
            }
