"""What an answer means for a delivery: delivered, to be tried again at a time, or parked. Pure.

The schedule and its treatment of answers are those of Standard Webhooks 1.0, stretched to 11 attempts in 75.6 hours:
2xx is success, 3xx is failure and never followed, 410 disables the subscription, and `Retry-After` on 429, 502, 503
and 504 is obeyed, up to a day.
"""

from dataclasses import dataclass

MINUTE, HOUR = 60.0, 3600.0
PAUSES = (5.0, 30.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds from the n-th failed attempt to the next, before jitter."""
JITTER = 0.2
LONGEST_RETRY_AFTER = 24 * HOUR
OBEYS_RETRY_AFTER = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """How one attempt ended: an HTTP status, or an error in words; `permanent` errors cannot mend themselves."""

    status: int | None
    retry_after_seconds: float | None = None
    error: str | None = None
    permanent: bool = False


@dataclass(frozen=True)
class Delivered:
    """The subscriber has it."""


@dataclass(frozen=True)
class RetryIn:
    """Try again after `seconds`; where the endpoint says that it is asked too often, let it rest for `rest_seconds`."""

    seconds: float
    rest_seconds: float = 0.0


@dataclass(frozen=True)
class Parked:
    """Given up on, until somebody redrives it."""

    reason: str


@dataclass(frozen=True)
class Unsubscribed:
    """The subscriber says it is gone for good (410): park this, disable the subscription."""

    reason: str = "the endpoint answered 410 Gone"


@dataclass(frozen=True)
class PutOff:
    """No attempt was made, for a reason of ours: that our key is a wrong one is not the endpoint's fault."""

    reason: str


Verdict = PutOff | Delivered | RetryIn | Parked | Unsubscribed


def judge_answer(answer: Answer, attempt: int, luck: float, scale: float = 1.0) -> Verdict:
    """Return what the `attempt`-th answer (from 1) means; `luck` in [0, 1) spreads retries, `scale` stretches them."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Delivered()
    if answer.status == 410:
        return Unsubscribed()
    said = answer.error or f"the endpoint answered {answer.status}"
    if answer.permanent:
        return Parked(said)
    if attempt > len(PAUSES):
        return Parked(f"{said}; {attempt} attempts failed")
    pause = PAUSES[attempt - 1] * scale * (1 - JITTER + 2 * JITTER * luck)
    if answer.status not in OBEYS_RETRY_AFTER or answer.retry_after_seconds is None:
        return RetryIn(pause)
    asked = min(answer.retry_after_seconds, LONGEST_RETRY_AFTER)
    # 429 speaks of requests, not of this one (CloudEvents webhooks, 2.2): nothing else is sent before, either.
    return RetryIn(max(pause, asked), rest_seconds=asked if answer.status == 429 else 0.0)
