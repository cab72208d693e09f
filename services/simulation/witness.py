"""Judging an access log: was one host ever visited twice at once, too soon, inside Retry-After, or where robots forbid?

Every function takes the entries of `DisclosureSite.log()` (or GET /log) and returns what it found, worst cases first
to read: an empty list means good manners.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Entry = dict[str, Any]
TOLERANCE_SECONDS = 0.005
NOTICED_SECONDS = 0.1
"""A client that left before its answer was complete may have done so this much earlier than it was noticed."""
UNREACHABLE = frozenset({0, 408, 429})


@dataclass(frozen=True)
class Gap:
    """The pause on a host between the end of `before` and the start of `after` (entries' numbers)."""

    host: str
    seconds: float
    before: int
    after: int


@dataclass(frozen=True)
class Overlap:
    """Two connections to a host that were open at once for `seconds`."""

    host: str
    seconds: float
    connections: tuple[int, int]


@dataclass(frozen=True)
class Breach:
    """A request that should not have been made, and why."""

    host: str
    number: int
    path: str
    why: str


def by_host(log: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries of each host, in order of their start."""
    hosts: dict[str, list[Entry]] = {}
    for entry in sorted(log, key=lambda each: (each["started"], each["number"])):
        hosts.setdefault(entry["host"], []).append(entry)
    return hosts


def overlaps(log: Iterable[Entry], tolerance_seconds: float = TOLERANCE_SECONDS) -> list[Overlap]:
    """Pairs of connections to one host that were open at the same time; one that is open now lasts for ever."""
    found: list[Overlap] = []
    for host, entries in by_host(log).items():
        spans = sorted({(each["connection_opened"], _closed(each), each["connection"]) for each in entries})
        latest = spans[0]
        for span in spans[1:]:
            seconds = min(latest[1], span[1]) - span[0]
            if seconds > tolerance_seconds:
                found.append(Overlap(host, seconds, (latest[2], span[2])))
            latest = max(latest, span, key=lambda each: each[1])
    return sorted(found, key=lambda each: -each.seconds)


def gaps(log: Iterable[Entry]) -> list[Gap]:
    """For each host and each request but the first: its start minus the latest end before it, shortest first."""
    found: list[Gap] = []
    for host, entries in by_host(log).items():
        latest = entries[0]
        for entry in entries[1:]:
            found.append(Gap(host, entry["started"] - _ended(latest), latest["number"], entry["number"]))
            latest = max(latest, entry, key=_ended)
    return sorted(found, key=lambda each: each.seconds)


def too_soon(log: Iterable[Entry], delay_seconds: float, tolerance_seconds: float = TOLERANCE_SECONDS) -> list[Gap]:
    """The gaps shorter than the delay that was due."""
    return [gap for gap in gaps(log) if gap.seconds < delay_seconds - tolerance_seconds]


def retry_after_breaches(log: Iterable[Entry], tolerance_seconds: float = TOLERANCE_SECONDS) -> list[Breach]:
    """Requests to a host inside a window that an earlier answer of it had closed with Retry-After."""
    found: list[Breach] = []
    for host, entries in by_host(log).items():
        closed_until = float("-inf")
        for entry in entries:
            if entry["started"] < closed_until - tolerance_seconds:
                early = closed_until - entry["started"]
                found.append(Breach(host, entry["number"], entry["path"], f"{early:.3f} s before Retry-After ended"))
            if entry["retry_after_seconds"] is not None:
                closed_until = max(closed_until, _ended(entry) + entry["retry_after_seconds"])
    return found


def crawl_delay_breaches(
    log: Iterable[Entry],
    token: str = "noticewire",  # noqa: S107 - a product token
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> list[Breach]:
    """Requests that came sooner than the Crawl-delay which the robots file served last before them asks for.

    A robots file that is asked for twice in a row was lost with whoever asked first, and its word with it: the second
    time is held to what was in force before.
    """
    found: list[Breach] = []
    for host, entries in by_host(log).items():
        for before, after in pairwise(entries):
            # A robots file counts from its own answer on, so the request right after it has seen it too.
            lost = before["is_robots"] and after["is_robots"]
            wait = _crawl_delay(_in_force(before if lost else after) or "", token.lower())
            early = _ended(before) + wait - float(after["started"])
            if early > tolerance_seconds:
                found.append(Breach(host, after["number"], after["path"], f"{early:.3f} s within the Crawl-delay"))
    return found


def disallowed(log: Iterable[Entry], token: str = "noticewire") -> list[Breach]:  # noqa: S107 - a product token
    """Requests that the robots file served last before them forbids to the product `token`.

    Plain prefixes only, as the site writes them. Without any answer of robots.txt nothing is allowed yet; while it is
    unreachable (5xx, 429, 408, no answer) only what an earlier copy allows; 4xx allows all but for 401 and 403.
    """
    found: list[Breach] = []
    for entry in (entry for entries in by_host(log).values() for entry in entries):
        if entry["is_robots"]:
            continue
        why = _forbidden(entry, token.lower())
        if why:
            found.append(Breach(entry["host"], entry["number"], entry["path"], why))
    return found


def hasty(log: Iterable[Entry], delay_seconds: float) -> list[str]:
    """Say where a host was asked twice at once or too soon, by any of the four judgements; empty if nowhere."""
    entries = list(log)
    findings: list[object] = [
        *overlaps(entries),
        *too_soon(entries, delay_seconds),
        *retry_after_breaches(entries),
        *crawl_delay_breaches(entries),
    ]
    return [str(finding) for finding in findings]


def impolite(log: Iterable[Entry], delay_seconds: float) -> list[str]:
    """All five judgements in words; empty when every manner was kept."""
    entries = list(log)
    return [*hasty(entries, delay_seconds), *map(str, disallowed(entries))]


def _closed(entry: Entry) -> float:
    return float("inf") if entry["connection_closed"] is None else float(entry["connection_closed"])


def _ended(entry: Entry) -> float:
    if entry["ended"] is None:
        return float("inf")
    return float(entry["ended"]) - (NOTICED_SECONDS if entry["broken_off"] else 0.0)


def _forbidden(entry: Entry, token: str) -> str | None:
    status, body = entry["robots_status"], _in_force(entry)
    if status is None:
        return "robots.txt was never asked for"
    if body is None:
        return f"robots.txt is unreachable ({status})"
    if status in (401, 403):
        return f"robots.txt is refused ({status})"
    matching = [(len(prefix), allow) for allow, prefix in _rules(body, token) if entry["path"].startswith(prefix)]
    if not matching or max(matching)[1]:
        return None
    return "robots.txt disallows it"


def _in_force(entry: Entry) -> str | None:
    """The robots file that counts (RFC 9309, 2.3.1): while it cannot be reached, an earlier copy, if there is one."""
    status = entry["robots_status"]
    if status is not None and (status >= 500 or status in UNREACHABLE):
        return entry["robots_good_body"]  # type: ignore[no-any-return]
    return str(entry["robots_body"]) if status == 200 else ""


def _crawl_delay(body: str, token: str) -> float:
    """The seconds that the file asks `token`, or else everybody, to wait between requests; 0 if it asks for none."""
    asked: dict[str, float] = {}
    named: list[str] = []
    in_rules = False
    for field, value in _records(body):
        if field == "user-agent":
            named = [value.lower()] if in_rules else [*named, value.lower()]
            in_rules = False
        else:
            in_rules = True
            if field == "crawl-delay" and value.replace(".", "", 1).isdigit():
                asked |= dict.fromkeys(named, float(value))
    return asked.get(token, 0.0 if token in asked else asked.get("*", 0.0))


def _rules(body: str, token: str) -> list[tuple[bool, str]]:
    """The (allow, prefix) rules for `token`, else those for `*`: longest wins, and Allow wins a tie."""
    groups: dict[str, list[tuple[bool, str]]] = {}
    named: list[str] = []
    in_rules = False
    for field, value in _records(body):
        if field == "user-agent":
            named = [value.lower()] if in_rules else [*named, value.lower()]
            in_rules = False
            groups.setdefault(value.lower(), [])
        elif field in ("allow", "disallow"):
            in_rules = True
            for name in named:
                groups[name].extend([(field == "allow", value)] if value else [])
    return groups[token] if token in groups else groups.get("*", [])


def _records(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield field.strip().lower(), value.strip()
