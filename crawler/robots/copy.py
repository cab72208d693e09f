"""The stored copy of a robots file: when it must be fetched, what a failed fetch means, and the verdict on a URL."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from crawler.politeness import ASK_OPERATOR_ABOVE_SECONDS
from crawler.robots.rules import MAX_BYTES, RobotsText, path_of
from shared.urls import origin_of


@dataclass(frozen=True)
class Policy:
    """How long copies are good for, in seconds, and how closed doors are read."""

    fresh_seconds: float = 24 * 3600.0
    """RFC 9309 section 2.4."""
    stale_seconds: float = 30 * 24 * 3600.0
    """How long a copy serves while the file cannot be had (section 2.3.1.4)."""
    first_retry_seconds: float = 300.0
    last_retry_seconds: float = 3600.0
    """An unreachable file is tried again after the first wait, doubled at each failure up to the last."""
    closed_means_disallowed: bool = True
    """Whether 401 and 403 forbid the site; the RFC would let them allow everything."""


DEFAULT_POLICY = Policy()


@dataclass(frozen=True)
class RobotsCopy:
    """What is known of one origin's robots file."""

    origin: str
    status: int | None = None
    """Of the last conclusive answer; None if there was none."""
    body: bytes | None = None
    fetched_at: datetime | None = None
    """When that answer came."""
    failed_at: datetime | None = None
    """When the last attempt failed; None if the last attempt was answered."""
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Answered:
    """A robots fetch that brought an answer: the last of at most five redirects, and the beginning of its body."""

    status: int
    body: bytes = b""


@dataclass(frozen=True)
class Failed:
    """A robots fetch without an answer: a timeout, a failure of DNS, TCP or TLS."""

    reason: str


@dataclass(frozen=True)
class Allowed:
    """The URL may be asked; `rule` is the line or the circumstance that decided."""

    rule: str


@dataclass(frozen=True)
class Disallowed:
    """The URL must not be asked now."""

    rule: str
    again_seconds: float | None = None
    """Where nobody knows what the file says: when to ask for it again. None where the file itself forbids."""


@dataclass(frozen=True)
class MustFetch:
    """The robots file must be fetched before anything can be said."""

    reason: str


Verdict = Allowed | Disallowed | MustFetch


def robots_url(url: str) -> str:
    """Return where the rules about `url` are found: one file per scheme, host and port."""
    return f"{origin_of(url)}/robots.txt"


def verdict(copy: RobotsCopy | None, agent: str, url: str, now: datetime, policy: Policy = DEFAULT_POLICY) -> Verdict:
    """Say whether `agent` (a product token or a whole User-Agent) may ask for `url` now.

    After a MustFetch, fetch the file, store `after_fetch` and ask again with the same `now` or a later one.
    """
    if path_of(url).partition("?")[0] == "/robots.txt":
        return Allowed("robots.txt itself")
    if copy is None:
        return MustFetch("never fetched")
    if copy.failed_at is not None:
        return _while_unreachable(copy, agent, url, now, policy)
    # Either side of now: a clock that was set back must not make a copy eternal.
    if copy.fetched_at is None or abs((now - copy.fetched_at).total_seconds()) >= policy.fresh_seconds:
        return MustFetch("the copy is too old")
    return _by_copy(copy, agent, url, policy)


def _while_unreachable(copy: RobotsCopy, agent: str, url: str, now: datetime, policy: Policy) -> Verdict:
    assert copy.failed_at is not None
    again = retry_seconds(copy.failures, policy) - abs((now - copy.failed_at).total_seconds())
    if again <= 0:
        return MustFetch(f"unreachable so far: {copy.error}")
    if copy.fetched_at is None:
        return Disallowed(f"robots.txt unreachable: {copy.error}", again)
    if (now - copy.fetched_at).total_seconds() >= policy.stale_seconds:
        return Disallowed(f"robots.txt unreachable, last copy too old: {copy.error}", again)
    return _by_copy(copy, agent, url, policy)


def _by_copy(copy: RobotsCopy, agent: str, url: str, policy: Policy) -> Verdict:
    if copy.status in (401, 403) and policy.closed_means_disallowed:
        return Disallowed(f"robots.txt answered {copy.status}")
    if copy.body is None:
        return Allowed(f"no robots.txt ({copy.status})")
    rule = _text(copy.body).rule_for(agent, url)
    if rule is None:
        return Allowed("no rule")
    return Allowed(str(rule)) if rule.allows else Disallowed(str(rule))


def retry_seconds(failures: int, policy: Policy = DEFAULT_POLICY) -> float:
    """Return the seconds to wait after the n-th failure in a row before the file is asked for again."""
    doubled = policy.first_retry_seconds * 2.0 ** min(max(failures, 1) - 1, 32)
    return min(doubled, policy.last_retry_seconds)


def after_fetch(origin: str, previous: RobotsCopy | None, result: Answered | Failed, now: datetime) -> RobotsCopy:
    """Return what to store once the robots file of `origin` was asked for (RFC 9309 section 2.3.1).

    2xx is a file. 4xx, and redirects that never end, mean that there is none. 5xx, 429, 408 and every failure mean
    that nobody knows: the origin is closed, unless a file of at most 30 days serves.
    """
    if isinstance(result, Answered):
        if 200 <= result.status < 300:
            return RobotsCopy(origin, result.status, result.body[: MAX_BYTES + 1], now)
        if 300 <= result.status < 500 and result.status not in (408, 429):
            return RobotsCopy(origin, result.status, None, now)
    error = result.reason if isinstance(result, Failed) else f"answered {result.status}"
    failures = (previous.failures if previous else 0) + 1
    # Only a real file serves on: "there was none" is no permission while the site cannot say so again.
    kept = previous if previous is not None and previous.body is not None else RobotsCopy(origin)
    return replace(kept, failed_at=now, failures=failures, error=error)


def crawl_delay(copy: RobotsCopy | None, agent: str) -> float | None:
    """Return the seconds of Crawl-delay that the copy sets for `agent`, if any."""
    return _text(copy.body).delay_for(agent) if copy is not None and copy.body is not None else None


def sitemaps(copy: RobotsCopy | None) -> tuple[str, ...]:
    """Return the Sitemap lines of the copy, as written."""
    return tuple(_text(copy.body).sitemaps) if copy is not None and copy.body is not None else ()


def is_abandoned(copy: RobotsCopy, policy: Policy = DEFAULT_POLICY) -> bool:
    """Say whether the last copy was too old to serve when the file could not be had: a site to look after."""
    if copy.failed_at is None or copy.fetched_at is None:
        return False
    return (copy.failed_at - copy.fetched_at).total_seconds() >= policy.stale_seconds


def remarks(copy: RobotsCopy, agent: str, policy: Policy = DEFAULT_POLICY) -> tuple[str, ...]:
    """Return what an operator should know of the copy, or decide on."""
    found = []
    body = copy.body or b""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith((b"<!doctype html", b"<html", b"<head")):
        found.append("robots.txt is an HTML page; its lines were read all the same")
    if len(body) >= MAX_BYTES:
        found.append(f"robots.txt is longer than {MAX_BYTES} bytes; the rest was not read")
    if (delay := crawl_delay(copy, agent) or 0.0) > ASK_OPERATOR_ABOVE_SECONDS:
        found.append(f"robots.txt asks for {delay:.0f} s between requests; decide whether to watch the site at all")
    if is_abandoned(copy, policy):
        days = policy.stale_seconds / 86_400
        found.append(f"robots.txt cannot be had for {days:.0f} days, so nothing is asked; see whether the site stands")
    if copy.failed_at is not None:
        found.append(f"robots.txt cannot be had: {copy.error} ({copy.failures} failures in a row)")
    return tuple(found)


# A file of half a megabyte takes 14 MB once it is read, so only what is small, as nearly all are, is kept that way.
_KEPT_BYTES = 32 * 1024


def _text(body: bytes) -> RobotsText:
    return _kept_text(body) if len(body) <= _KEPT_BYTES else RobotsText(body)


@lru_cache(maxsize=64)
def _kept_text(body: bytes) -> RobotsText:
    return RobotsText(body)
