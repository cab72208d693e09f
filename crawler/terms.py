"""On what terms a host is asked: how much in a day, not at which hours, by whose clock; and where its links may lead.

Pure: rows and settings say the terms, the ledger counts, and what is decided here is a value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.errors import Invalid

CHINA = "Asia/Shanghai"
NEVER_QUIET = "none"
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s?-\s?([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Terms:
    """What holds for one host; the defaults bound nothing."""

    requests: int | None = None
    """In one day of its zone, robots files included."""
    bytes: int | None = None
    """Of the bodies that it sends us in one day, decoded."""
    quiet: tuple[tuple[time, time], ...] = ()
    """Spans in which it is not asked, by its zone; one that ends before it begins goes on over midnight."""
    zone: str = CHINA


@dataclass(frozen=True)
class Wishes:
    """What the operator says of one source; None leaves the setting's word."""

    requests: int | None = None
    bytes: int | None = None
    quiet_hours: str | None = None
    zone: str | None = None


NO_WISHES = Wishes()


def terms_for(usual: Terms, wishes: Wishes) -> Terms:
    """Return the terms of a source's host: its own where it has any, else the usual ones. Raises Invalid."""
    return Terms(
        requests=usual.requests if wishes.requests is None else wishes.requests,
        bytes=usual.bytes if wishes.bytes is None else wishes.bytes,
        quiet=usual.quiet if wishes.quiet_hours is None else quiet_spans(wishes.quiet_hours),
        zone=usual.zone if wishes.zone is None else zone_name(wishes.zone),
    )


@lru_cache(maxsize=256)
def quiet_spans(text: str) -> tuple[tuple[time, time], ...]:
    """Read `22:00-06:00, 12:00-14:00`, or `none`. Raises Invalid."""
    if text.strip().lower() == NEVER_QUIET:
        return ()
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None or found.group(1, 2) == found.group(3, 4):
            raise Invalid(f"quiet hours are written 22:00-06:00, several with commas, or none; got {text!r}")
        first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        spans.append((first, last))
    return tuple(spans)


def zone_name(name: str) -> str:
    """Return `name` if it is a time zone's, as in `Asia/Shanghai`. Raises Invalid."""
    _zone(name)
    return name


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        if name == CHINA:  # whose clocks were last put forward in 1991: a machine without a time zone database will do
            return timezone(timedelta(hours=8))
        raise Invalid(f"{name!r} is no time zone; they are named as in Asia/Shanghai or UTC") from error


def quiet_seconds(terms: Terms, now: datetime) -> float:
    """Return for how long the host is not to be asked because of its quiet hours; 0 outside of them."""
    end = local = now.astimezone(_zone(terms.zone))
    for _ in terms.quiet:  # spans may follow one another
        end = max((_end_of(span, end) for span in terms.quiet), default=end)
    return _between(local, end)


def _end_of(span: tuple[time, time], at: datetime) -> datetime:
    """Return the end of the span that `at` lies in; `at` itself if it lies outside."""
    first, last = span
    clock = at.time()
    over_midnight = last <= first
    if over_midnight and clock >= first:
        return datetime.combine(at.date() + timedelta(days=1), last, at.tzinfo)
    if (over_midnight and clock < last) or first <= clock < last:
        return datetime.combine(at.date(), last, at.tzinfo)
    return at


def day_of(terms: Terms, now: datetime) -> date:
    """Return the day whose budget a request at `now` is of."""
    return now.astimezone(_zone(terms.zone)).date()


def seconds_to_next_day(terms: Terms, now: datetime) -> float:
    """Return how long that day still lasts."""
    local = now.astimezone(_zone(terms.zone))
    return _between(local, datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo))


def _between(earlier: datetime, later: datetime) -> float:
    # Not the difference of the two: within one zone Python would overlook that a clock is put forward or back.
    return later.timestamp() - earlier.timestamp()


@dataclass(frozen=True)
class Reach:
    """The hosts that a source's links and redirects may lead to."""

    home: str
    others: Sequence[str] = field(default=())
    """Beside the site itself: hosts with all names below them, or `*` for every one."""

    def covers(self, host: str) -> bool:
        """Say whether a link to `host` is followed."""
        return any(name == "*" or _is_below(host, name) for name in (site_of_host(self.home), *self.others))


def site_of_host(host: str) -> str:
    """Return the name whose subdomains are taken for one site with `host`.

    A department's name of four or more labels stands for its city's (`audit.city.gov.cn`: `city.gov.cn`); no list of
    public suffixes is asked, for it would call each `gov.cn` name a body of its own just the same.
    """
    labels = host.split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    return ".".join(labels[1:]) if len(labels) > 3 or (labels[0] == "www" and len(labels) > 2) else host


def _is_below(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}")
