"""The courier: claims due deliveries by lease, lets threads POST them, and writes down what came of them in batches."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

import structlog

from shared.db import Ledger
from shared.db.errands import ClaimedDelivery, Waiting
from shared.db.models import Subscription
from shared.domain.states import Consent, SubscriptionState
from shared.errors import LeaseLost, NoticewireError, Unavailable
from shared.http import Exchange
from shared.secrets import SecretBox
from worker.deliver.consent import HOLD_SECONDS, Asking
from worker.deliver.keys import forget_old_keys
from worker.deliver.limits import Want, burst, next_request_at, rate_of, shares
from worker.deliver.post import Asked, Ended, Postman, PostRules
from worker.deliver.retry import PutOff
from worker.deliver.written import Round, why_parked, write_answers, write_attempts

log = structlog.get_logger()

SLACK_SECONDS = 10.0
"""A lease lasts the longest answer and this: only as many are claimed as there are threads to begin at once.

What could not begin within it (the process was frozen) does not begin: the delivery may be another courier's by then,
parked even, and a POST of ours would come after later events of its notice.
"""
TEND_SECONDS = 60.0
FIVE_DAYS = 5 * 86_400.0


@dataclass(frozen=True)
class CourierRules:
    """How many webhooks are called at a time, how long each may take, and how the retry schedule is stretched."""

    threads: int
    total_seconds: float
    schedule_scale: float
    user_agent: str
    origin: str = "localhost"
    disable_after_seconds: float = FIVE_DAYS


class Courier:
    """Brings events to webhooks; any number of couriers may work on one ledger."""

    def __init__(
        self,
        ledger: Ledger,
        http: Exchange,
        box: SecretBox,
        rules: CourierRules,
        news: Callable[[], None] = lambda: None,
        pool: Executor | None = None,
    ) -> None:
        """Wire the courier; its threads start with the first delivery. `news` is called when a request is over.

        Requests are made in `pool`, or in as many threads of its own as the rules say.
        """
        self._ledger = ledger
        self._rules = rules
        self._news = news
        self._postman = Postman(
            http,
            box,
            ledger.clock,
            Asking(rules.origin, rules.user_agent),
            PostRules(rules.total_seconds, rules.schedule_scale),
        )
        self._random = Random()  # noqa: S311 (fairness, not a secret)
        self._pool = pool or ThreadPoolExecutor(rules.threads, thread_name_prefix="courier")
        self._under_way: dict[Future[Ended | Asked], str] = {}
        """The requests under way, each with its subscription."""
        self._over: list[Ended | Asked] = []
        """What ended and is not written down yet."""
        self._tended = float("-inf")
        self._sealed: set[str] = set()
        """Subscriptions whose secret our key does not open; told once each."""

    @property
    def busy(self) -> bool:
        """Whether requests are under way."""
        return bool(self._under_way)

    def bring(self) -> int:
        """Write down what ended and begin what is due, as threads are free; return how many began or ended."""
        self._tend()
        self._collect()
        with self._ledger.reading() as uow:
            waiting = list(uow.errands.waiting(uow.now(), max(1, self._rules.threads // 2))) if self._free else []
        if not waiting and not self._over:
            return 0
        self._random.shuffle(waiting)
        ended, claimed_at = len(self._over), self._ledger.clock.monotonic()
        try:
            asked, claimed = self._write_and_begin(waiting)
        except Unavailable:
            raise
        except Exception:
            # One odd answer must not keep the others from being written, again and again.
            self._write_alone()
            raise
        for subscription in asked:
            self._submit(subscription.id, partial(self._postman.ask, subscription))
        for delivery in claimed:
            self._submit(delivery.subscription.id, partial(self._attempt, delivery, claimed_at))
        return ended + len(asked) + len(claimed)

    def _write_and_begin(self, waiting: Sequence[Waiting]) -> tuple[list[Subscription], Sequence[ClaimedDelivery]]:
        over = list(self._over)
        with self._ledger.begin() as uow:
            names = {one.subscription_id for one in waiting} | {_subscription_of(one) for one in over}
            turn = Round(uow, uow.subscriptions.hold(sorted(names)), uow.now())
            self._write(turn, over)
            asked, claimed = self._begin(turn, waiting)
            uow.commit()
        del self._over[: len(over)]
        self._tell(over)
        return asked, claimed

    def _write_alone(self) -> None:
        """Write what is over one by one; what cannot be written is told and forgotten: its lease ends by itself."""
        while self._over:
            one = self._over[0]
            try:
                with self._ledger.begin() as uow:
                    held = uow.subscriptions.hold([_subscription_of(one)])
                    self._write(Round(uow, held, uow.now()), [one])
                    uow.commit()
                self._tell([one])
            except Unavailable:
                raise
            except Exception:
                log.exception("delivery_not_written", subscription_id=_subscription_of(one))
            self._over.pop(0)

    def close(self) -> None:
        """Let the requests under way end, write them down, and begin no other."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._collect()
        try:
            self._write_alone()
        except Unavailable as error:
            log.error("deliveries_not_written", count=len(self._over), error=str(error))

    @property
    def _free(self) -> int:
        return self._rules.threads - len(self._under_way)

    def _submit(self, subscription_id: str, step: Callable[[], Ended | Asked]) -> None:
        future = self._pool.submit(step)
        self._under_way[future] = subscription_id
        future.add_done_callback(lambda _: self._news())

    def _attempt(self, claimed: ClaimedDelivery, claimed_at: float) -> Ended:
        if self._ledger.clock.monotonic() - claimed_at > SLACK_SECONDS:
            raise LeaseLost(f"{claimed.delivery.id} may be another courier's by now")
        return self._postman.attempt(claimed)

    def _collect(self) -> None:
        for future in [future for future in self._under_way if future.done()]:
            subscription_id = self._under_way.pop(future)
            if future.cancelled():
                continue
            if error := future.exception():
                # Its lease ends by itself; the others' attempts are no worse for it.
                surprise = None if isinstance(error, NoticewireError) else error
                log.error("delivery_not_made", subscription_id=subscription_id, error=str(error), exc_info=surprise)
            else:
                self._over.append(future.result())

    def _write(self, turn: Round, over: Sequence[Ended | Asked]) -> None:
        attempts = [one for one in over if isinstance(one, Ended)]
        if attempts:
            write_attempts(turn, attempts, self._rules.disable_after_seconds)
        write_answers(turn, [one for one in over if isinstance(one, Asked)])

    def _begin(self, turn: Round, waiting: Sequence[Waiting]) -> tuple[list[Subscription], Sequence[ClaimedDelivery]]:
        """Choose what to begin: whom to ask first, and the deliveries that the limits leave room for."""
        uow, held, now = turn
        active = [one for one in waiting if _is_active(held.get(one.subscription_id))]
        asked = list[Subscription]()
        for one in active:
            subscription = held[one.subscription_id]
            if one.unasked and subscription.consent != Consent.GIVEN and len(asked) < self._free:
                ahead = now + timedelta(seconds=HOLD_SECONDS)
                uow.subscriptions.change(subscription.id, {"consent_ask_at": ahead, "next_request_at": ahead})
                asked.append(subscription)
        names = {one.id for one in asked}
        others = [one for one in active if one.subscription_id not in names]
        wants = [self._want(turn, one) for one in others]
        under_way = Counter(self._under_way.values()) + Counter(names)
        wanted = shares([one for one in wants if one.count > 0], under_way, self._rules.threads)
        ids = [name for one in active for name in one.deliveries[: wanted.get(one.subscription_id, 0)]]
        claimed = uow.errands.claim(ids, now, self._rules.total_seconds + SLACK_SECONDS)
        for name, begun in Counter(one.subscription.id for one in claimed).items():
            if (at := next_request_at(_rate_of(held[name]), begun, now)) is not None:
                uow.subscriptions.change(name, {"next_request_at": at})
        return asked, claimed

    def _want(self, turn: Round, one: Waiting) -> Want:
        subscription, now, count = turn.held[one.subscription_id], turn.now, len(one.deliveries)
        if subscription.consent == Consent.UNASKED or (
            subscription.next_request_at is not None and subscription.next_request_at > now
        ):
            return Want(one.subscription_id, 0, 0)
        # An endpoint that fails is tried by one request at a time: it takes no thread from those that answer.
        most = 1 if subscription.failing_since is not None else self._rules.threads
        if subscription.concurrency is not None:
            room = subscription.concurrency - turn.uow.errands.under_way(one.subscription_id, now)
            count, most = min(count, room), min(most, subscription.concurrency)
        at_once = burst(_rate_of(subscription))
        return Want(one.subscription_id, count if at_once is None else min(count, at_once), most)

    def _tell(self, over: Sequence[Ended | Asked]) -> None:
        for one in over:
            if not isinstance(one, Ended):
                continue
            subscription_id = one.claimed.subscription.id
            if isinstance(one.verdict, PutOff) and subscription_id not in self._sealed:
                self._sealed.add(subscription_id)
                log.error("deliveries_put_off", subscription_id=subscription_id, error=one.verdict.reason)
            if one.attempt is not None:
                log.info(
                    "delivery_attempted",
                    delivery_id=one.claimed.delivery.id,
                    event_id=one.claimed.event.id,
                    attempt=one.attempt["number"],
                    status=one.attempt["status"],
                    error=one.attempt["error"],
                    verdict=type(one.verdict).__name__.lower(),
                )

    def _tend(self) -> None:
        """Once a minute: forget keys whose time is over, and park what is still due to who was disabled."""
        now = self._ledger.clock.monotonic()
        if now - self._tended < TEND_SECONDS:
            return
        self._tended = now
        forget_old_keys(self._ledger)
        park_for_disabled(self._ledger)


def park_for_disabled(ledger: Ledger) -> int:
    """Park what is due to disabled subscriptions, until somebody resumes them and redrives it; return how much."""
    with ledger.reading() as uow:
        disabled = uow.errands.of_disabled()
    parked = 0
    if disabled:
        with ledger.begin() as uow:
            for name, held in uow.subscriptions.hold(disabled).items():
                if held.state == SubscriptionState.DISABLED:
                    parked += uow.errands.park_due(name, why_parked(held), uow.now())
            uow.commit()
    return parked


def _subscription_of(one: Ended | Asked) -> str:
    return one.claimed.subscription.id if isinstance(one, Ended) else one.subscription_id


def _is_active(subscription: Subscription | None) -> bool:
    return subscription is not None and subscription.state == SubscriptionState.ACTIVE


def _rate_of(one: Subscription) -> int | None:
    return rate_of(consented=one.consent == Consent.GIVEN, allowed=one.allowed_rate, wanted=one.rate_per_minute)
