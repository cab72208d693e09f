"""Chats: gathers what is owed to each into one message, sends it beside the others, and writes down what came of it.

A message holds as many events as fit, the oldest first. While a chat fails, everything for it waits for the next try;
another chat has a thread of its own, and those that fail never have all of them.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import NamedTuple

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.digests import Waiting
from shared.db.errands import ClaimedDelivery
from shared.db.models import Event, Subscription
from shared.domain.headlines import Language, headline, lines
from shared.errors import Invalid, NoticewireError, Permanent
from shared.http import AllowList
from shared.ids import new_id
from shared.secrets import SecretBox
from worker.deliver.messenger import GRACE_SECONDS, send
from worker.deliver.post import Ended
from worker.deliver.retry import Answer, PutOff, RetryIn, Verdict, judge_answer
from worker.deliver.services import SEND_SECONDS, Chat, Room, chat_of
from worker.deliver.written import Round, write_attempts

log = structlog.get_logger()

MOST_EVENTS = 30
THREADS = 8
FAILING_THREADS = 4
"""Of the threads, so many at most wait for chats that fail: they cannot keep all the others waiting."""
LEASE_SECONDS = SEND_SECONDS + GRACE_SECONDS + 15.0
"""Longer than a message may take; a chat whose sender was killed waits for so long."""
LANGUAGES: dict[str, Sequence[Language]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
_BETWEEN = "\n\n"
_MANY = {"zh": "{count} 件新事", "en": "{count} events"}


@dataclass(frozen=True)
class ChatRules:
    """How the retry schedule is stretched, and after how long a chat that only fails is disabled."""

    schedule_scale: float
    disable_after_seconds: float


Sender = Callable[[Chat, str, str, AllowList], str | None]
"""Sends a message by its title and body; returns why it was not taken, None if it was."""


@dataclass(frozen=True)
class Message:
    """What one message says, and of which deliveries."""

    claimed: Sequence[ClaimedDelivery]
    title: str
    body: str


class Sending(NamedTuple):
    """A message under way, and whether its chat failed before."""

    future: Future[list[Ended]]
    failing: bool


def compose(claimed: Sequence[ClaimedDelivery], languages: Sequence[Language], room: Room) -> Message:
    """Return a message of the first of these events, in order, as many as there is room for. Pure."""
    told: list[str] = []
    body_room = room.share(3, 4)
    for one in claimed:
        text = _told(one.event, languages)
        if told and room.weigh(_BETWEEN.join([*told, text])) > body_room.most:
            break
        told.append(body_room.cut(text))
    taken = claimed[: len(told)]
    if len(taken) == 1:
        title = " / ".join(_headline(taken[0].event, one) for one in languages)
    else:
        title = " / ".join(_MANY[one].format(count=len(taken)) for one in languages)
    return Message(taken, room.share(1, 4).cut(f"noticewire: {title}"), _BETWEEN.join(told))


def _headline(event: Event, language: Language) -> str:
    return headline(event.type, json.loads(event.data), language)


def _told(event: Event, languages: Sequence[Language]) -> str:
    data = json.loads(event.data)
    said = [line for one in languages for line in (headline(event.type, data, one), *lines(event.type, data, one))]
    return "\n".join(dict.fromkeys(said))  # a link need not be told in two languages


class Chats:
    """Sends to chats; the caller leads, though two who do are kept apart by leases."""

    def __init__(self, ledger: Ledger, box: SecretBox, rules: ChatRules, sender: Sender = send) -> None:
        """Wire it; its threads start with the first message."""
        self._sender = sender
        self._ledger = ledger
        self._box = box
        self._rules = rules
        self._random = Random()  # noqa: S311 (jitter, not a secret)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="chat")
        self._under_way: dict[str, Sending] = {}

    @property
    def busy(self) -> bool:
        """Whether messages are under way."""
        return bool(self._under_way)

    def bring(self) -> int:
        """Write down what ended and begin what is due; return how many messages began."""
        self._collect()
        with self._ledger.reading() as uow:
            waiting = uow.digests.waiting(uow.now())
        return sum(self._begin(one) for one in waiting if self._has_room(one))

    def _has_room(self, one: Waiting) -> bool:
        failing = sum(sending.failing for sending in self._under_way.values())
        free = len(self._under_way) < THREADS and (failing < FAILING_THREADS or not one.failing)
        return free and one.subscription_id not in self._under_way

    def close(self) -> None:
        """Let the messages under way end, and write down what came of them."""
        self._pool.shutdown(wait=True)
        self._collect()

    def _begin(self, one: Waiting) -> bool:
        subscription_id = one.subscription_id
        with self._ledger.begin() as uow:
            now = uow.now()
            gathered = uow.digests.gathered(subscription_id, now, MOST_EVENTS)
            if not gathered:
                return False
            subscription = gathered[0].subscription
            try:
                chat = chat_of(self._box.open(subscription.secret))
            except Invalid as error:
                self._put_off(uow, gathered, str(error))
                uow.commit()
                return False
            languages = LANGUAGES[(subscription.manner or {}).get("language", "zh")]
            message = compose(gathered, languages, chat.service.room)
            if not uow.digests.lease([one.delivery.id for one in message.claimed], now, LEASE_SECONDS):
                return False
            rate = subscription.rate_per_minute or chat.service.rate_per_minute
            uow.subscriptions.change(subscription_id, {"next_request_at": now + timedelta(seconds=60 / rate)})
            uow.commit()
        self._under_way[subscription_id] = Sending(self._pool.submit(self._send, chat, message), one.failing)
        return True

    def _put_off(self, uow: UnitOfWork, gathered: Sequence[ClaimedDelivery], reason: str) -> None:
        """Leave it due: that our key is a wrong one is not the chat's fault."""
        log.error("chat_put_off", subscription_id=gathered[0].subscription.id, error=reason)
        again = uow.now() + timedelta(minutes=5)
        uow.subscriptions.change(gathered[0].subscription.id, {"next_request_at": again})

    def _send(self, chat: Chat, message: Message) -> list[Ended]:
        clock = self._ledger.clock
        started, begun = clock.now(), clock.monotonic()
        permanent = False
        try:
            error = self._sender(
                chat, message.title, message.body, AllowList.parse(message.claimed[0].subscription.allow)
            )
        except NoticewireError as refused:
            error, permanent = str(refused), isinstance(refused, Permanent)
        answer = Answer(200) if error is None else Answer(None, error=error, permanent=permanent)
        luck, ended = self._random.random(), list[Ended]()
        for one in message.claimed:
            number = one.delivery.attempts + 1
            verdict = judge_answer(answer, number - one.delivery.attempts_before, luck, self._rules.schedule_scale)
            attempt = {
                "id": new_id("att"),
                "delivery_id": one.delivery.id,
                "number": number,
                "started_at": started,
                "duration_seconds": clock.monotonic() - begun,
                "status": None,
                "error": error,
                "answer": None,
            }
            ended.append(Ended(one, verdict, attempt))
        return ended

    def _collect(self) -> None:
        for subscription_id, (future, _) in list(self._under_way.items()):
            if not future.done():
                continue
            if error := future.exception():
                # Its leases end by themselves; other chats are none the worse for it. No traceback: it may show a URL.
                log.error("message_not_sent", subscription_id=subscription_id, error=type(error).__name__)
            else:
                self._write(subscription_id, future.result())
            del self._under_way[subscription_id]

    def _write(self, subscription_id: str, ended: Sequence[Ended]) -> None:
        with self._ledger.begin() as uow:
            held = uow.subscriptions.hold([subscription_id])
            write_attempts(Round(uow, held, uow.now()), ended, self._rules.disable_after_seconds)
            if subscription_id in held:
                self._rest_after_failure(uow, held[subscription_id], [one.verdict for one in ended])
            uow.commit()
        log.info(
            "message_sent",
            subscription_id=subscription_id,
            events=len(ended),
            verdict=type(ended[0].verdict).__name__.lower(),
        )

    def _rest_after_failure(self, uow: UnitOfWork, held: Subscription, verdicts: Sequence[Verdict]) -> None:
        pauses = [one.seconds for one in verdicts if isinstance(one, RetryIn)]
        if pauses and not any(isinstance(one, PutOff) for one in verdicts):
            again = uow.now() + timedelta(seconds=max(pauses))
            if held.next_request_at is None or held.next_request_at < again:
                uow.subscriptions.change(held.id, {"next_request_at": again})
