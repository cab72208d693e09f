"""How long a host is left alone after each request, and by which name we ask."""

import re
from dataclasses import dataclass
from random import Random

from shared.errors import Invalid
from shared.retry_after import DAY_SECONDS

PRODUCT = "noticewire"
DEFAULT_DELAY_SECONDS = 5.0
SLOWNESS_FACTOR = 5.0
SLOWNESS_CAP_SECONDS = 300.0
ASK_OPERATOR_ABOVE_SECONDS = 300.0
"""A longer Crawl-delay is kept like any other, and an operator told, who may not want to crawl so slow a site."""
BACK_OFF_BASE_SECONDS = 60.0
BACK_OFF_CAP_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Pause:
    """How many seconds after its completion the next request to the host may start, and why."""

    seconds: float
    rule: str


def pause_after(
    last_duration_seconds: float,
    crawl_delay_seconds: float | None = None,
    configured_seconds: float | None = None,
    jitter_seconds: float = 0.0,
) -> Pause:
    """Return the pause after a request that was answered: the longest of what is asked, set and earned.

    A slow server earns five times what the last answer took it, at most 300 s; the site's own Crawl-delay is never
    lowered. `configured_seconds` None means the default; the jitter comes on top, so that it never shortens.
    """
    configured = DEFAULT_DELAY_SECONDS if configured_seconds is None else configured_seconds
    slowness = min(SLOWNESS_FACTOR * max(last_duration_seconds, 0.0), SLOWNESS_CAP_SECONDS)
    asked = max(crawl_delay_seconds or 0.0, 0.0)
    reasons = (("configured", configured), ("slow-answer", slowness), ("crawl-delay", asked))
    rule, seconds = max(reasons, key=lambda reason: reason[1])
    return Pause(seconds + max(jitter_seconds, 0.0), rule)


def pause_after_failure(
    usual: Pause,
    failures: int,
    rng: Random,
    retry_after_seconds: float | None = None,
    cap_seconds: float = BACK_OFF_CAP_SECONDS,
    base_seconds: float = BACK_OFF_BASE_SECONDS,
) -> Pause:
    """Return the pause after the n-th failure of a host in a row, never shorter than the `usual` one.

    What Retry-After asks is kept, up to a day; without it, back-off with full jitter: anything between nothing and
    base × 2^(n-1), capped, so that hosts and crawlers that failed together do not come back together.
    """
    if retry_after_seconds is not None:
        asked = min(max(retry_after_seconds, 0.0), DAY_SECONDS)
        return Pause(asked, "retry-after") if asked > usual.seconds else usual
    ceiling = min(base_seconds * 2.0 ** min(max(failures, 1) - 1, 32), cap_seconds)
    backed_off = rng.uniform(0.0, ceiling)
    return Pause(backed_off, "back-off") if backed_off > usual.seconds else usual


def from_address(address: str | None) -> str | None:
    """Return the address to send as `From`, if there is one. Raises Invalid for anything else than one mail address."""
    text = (address or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,255}", text) or set('<>()[],;:\\"') & set(text):
        raise Invalid(
            f"NOTICEWIRE_FROM_ADDRESS is {address!r}; it must be one mail address, as in crawler@wire.example"
        )
    return text


def user_agent(version: str, contact: str | None) -> str:
    """Return the User-Agent, `noticewire/<version> (+contact)`. Raises Invalid without a contact.

    A bare mail address becomes a mailto: URL. Somebody whose server we trouble must be able to say so.
    """
    text = (contact or "").strip()
    if re.fullmatch(r"[^@\s()<>]+@[^@\s()<>]+\.[^@\s()<>]+", text) and not text.startswith("mailto:"):
        text = f"mailto:{text}"
    if not re.fullmatch(r"(https?://|mailto:)[!-'*-~]+", text):
        raise Invalid("crawling needs a contact: a URL or a mail address that site owners can use (NOTICEWIRE_CONTACT)")
    return f"{PRODUCT}/{version} (+{text})"
