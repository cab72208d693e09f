"""The courier: claims due deliveries by lease, POSTs each signed, and writes down what came of it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
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
from shared.errors import NoticewireError, Permanent
from shared.http import AllowList, Exchange, Limits, Request
from shared.ids import new_id
from shared.retry_after import parse as parse_retry_after
from shared.secrets import SecretBox
from worker.deliver.retry import Answer, Delivered, Parked, RetryIn, Unsubscribed, Verdict, judge_answer
from worker.deliver.sign import signed_headers

log = structlog.get_logger()

KEPT_OF_ANSWER = 1024
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
        self._under_way: set[Future[None]] = set()

    def bring(self) -> int:
        """Start as many due deliveries as there are free threads; return how many. Raises what a thread raised."""
        self._collect()
        free = self._rules.threads - len(self._under_way)
        if free <= 0:
            return 0
        with self._ledger.reading() as uow:
            if not uow.deliveries.any_due(uow.now()):
                return 0
        with self._ledger.begin() as uow:
            claimed = uow.deliveries.claim_due(uow.now(), self._rules.total_seconds + SLACK_SECONDS, free)
            uow.commit()
        for one in claimed:
            self._under_way.add(self._pool.submit(self._bring_one, one))
        return len(claimed)

    def close(self) -> None:
        """Let the attempts under way end, and start no other."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _collect(self) -> None:
        done, self._under_way = wait(self._under_way, timeout=0)
        for future in done:
            future.result()

    def _bring_one(self, one: ClaimedDelivery) -> None:
        started, clock = self._ledger.clock.now(), self._ledger.clock.monotonic()
        answer, excerpt = self._post(one, started)
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

    def _post(self, one: ClaimedDelivery, at: datetime) -> tuple[Answer, str | None]:
        try:
            body = envelope(one.event)
            headers = signed_headers(self._box.open(one.subscription.secret), one.event.id, body, at)
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
        uow.deliveries.settle(one.delivery.id, one.delivery.lease, {"attempts": number} | _marks(verdict, now))
        if isinstance(verdict, Unsubscribed):
            uow.subscriptions.set_state(one.subscription.id, SubscriptionState.DISABLED, verdict.reason)


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
