"""One attempt: sign, POST, and what the answer means. It knows no database, so that threads do nothing but wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from shared.clock import Clock
from shared.db.errands import ClaimedDelivery
from shared.db.models import Event, Subscription
from shared.domain.states import Channel, ContentMode
from shared.envelope import request_of
from shared.errors import Invalid, NoticewireError, Permanent
from shared.http import AllowList, Exchange, Limits, Request
from shared.ids import new_id
from shared.retry_after import parse as parse_retry_after
from shared.secrets import SecretBox
from worker.deliver import websub
from worker.deliver.consent import Asking, Given, Withheld, ask
from worker.deliver.keys import signing_secrets
from worker.deliver.retry import Answer, PutOff, Verdict, judge_answer
from worker.deliver.sign import signed_headers
from worker.deliver.websub import Details

KEPT_OF_ANSWER = 1024
BODIES_KEPT = 512


@dataclass(frozen=True)
class Ended:
    """An attempt that is over: what is to be written of it (None if none was made), and what it means."""

    claimed: ClaimedDelivery
    verdict: Verdict
    attempt: dict[str, Any] | None = None


@dataclass(frozen=True)
class Asked:
    """What an endpoint said to the question whether it wants to be called."""

    subscription_id: str
    answer: Given | Withheld


class Postman:
    """Carries deliveries out; safe to share between threads."""

    def __init__(self, http: Exchange, box: SecretBox, clock: Clock, asking: Asking, rules: "PostRules") -> None:
        """Wire the postman."""
        self._http = http
        self._box = box
        self._clock = clock
        self._asking = asking
        self._rules = rules
        self._random = Random()  # noqa: S311 (jitter, not a secret)
        self._told: dict[tuple[str, ContentMode], tuple[dict[str, str], bytes]] = {}

    def attempt(self, one: ClaimedDelivery) -> Ended:
        """Make one attempt at a delivery."""
        started, clock = self._clock.now(), self._clock.monotonic()
        try:
            keys = signing_secrets(self._box, one.subscription, started)
        except Invalid as error:
            return Ended(one, PutOff(str(error)))
        answer, excerpt = self._post(one, keys, started)
        number = one.delivery.attempts + 1
        attempt = {
            "id": new_id("att"),
            "delivery_id": one.delivery.id,
            "number": number,
            "started_at": started,
            "duration_seconds": self._clock.monotonic() - clock,
            "status": answer.status,
            "error": answer.error,
            "answer": excerpt,
        }
        turn = number - one.delivery.attempts_before
        return Ended(one, judge_answer(answer, turn, self._random.random(), self._rules.schedule_scale), attempt)

    def ask(self, one: Subscription) -> Asked:
        """Ask the endpoint of a subscription for its consent."""
        now = self._clock.now()
        try:
            keys = signing_secrets(self._box, one, now)
        except Invalid as error:
            return Asked(one.id, Withheld(str(error), soon=True))
        return Asked(one.id, ask(self._http, one, keys, self._asking, now))

    def _post(self, one: ClaimedDelivery, keys: Sequence[str], at: datetime) -> tuple[Answer, str | None]:
        try:
            headers, body = self._letter(one, keys, at)
            request = Request("POST", one.subscription.url, headers, body)
            total_seconds = self._rules.total_seconds
            limits = Limits(total_seconds=total_seconds, max_bytes=KEPT_OF_ANSWER, cut=True, excerpt=True)
            response = self._http.exchange(request, limits=limits, allow=AllowList.parse(one.subscription.allow))
        except NoticewireError as error:
            return Answer(None, error=str(error), permanent=isinstance(error, Permanent)), None
        retry_after = parse_retry_after(response.headers.get("retry-after"), at)
        excerpt = response.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        return Answer(response.status, retry_after), excerpt

    def _letter(self, one: ClaimedDelivery, keys: Sequence[str], at: datetime) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body of a delivery, as its channel has them."""
        if one.subscription.kind == Channel.WEBSUB:
            headers, body = websub.letter(one.event, one.subscription.manner or {}, Details.from_text(keys[0]))
        else:
            told, body = self._request_of(one.event, one.subscription.content_mode or ContentMode.STRUCTURED)
            headers = told | signed_headers(keys, one.event.id, body, at) | self._asking.headers
        return headers | {"user-agent": self._asking.user_agent}, body

    def _request_of(self, event: Event, mode: ContentMode) -> tuple[dict[str, str], bytes]:
        """Return what tells of an event, made once for all its subscribers of a mode."""
        known = self._told.get((event.id, mode))
        if known is None:
            if len(self._told) >= BODIES_KEPT:
                self._told.clear()
            known = self._told[event.id, mode] = request_of(event, mode)
        return known


@dataclass(frozen=True)
class PostRules:
    """How long a webhook may take, and how the retry schedule is stretched."""

    total_seconds: float
    schedule_scale: float
