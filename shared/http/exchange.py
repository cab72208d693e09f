"""The port to other people's servers: what is asked, what comes back, and how much of it is accepted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from shared.http.addresses import NOWHERE, AllowList

MIB = 1024 * 1024
_FEED = re.compile(r"application/(rss|atom|rdf|feed)\+(xml|json)|(application|text)/xml")
Fields = Sequence[tuple[str, str]]
"""Headers, name and value."""


@dataclass(frozen=True)
class Request:
    """One request; header names in any case, `body` as it goes over the wire."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    verify_tls: bool = True


@dataclass(frozen=True)
class Limits:
    """How much of an answer is accepted."""

    total_seconds: float = 60.0
    """Name lookup, connecting, TLS, headers and body together, by the wall clock."""
    max_bytes: int = 10 * MIB
    """Of the decoded body."""
    max_feed_bytes: int | None = None
    """Of a body whose type is a feed's or a sitemap's; None: `max_bytes`."""
    cut: bool = False
    """Keep the first `max_bytes` of a longer body and say so, instead of refusing it."""
    excerpt: bool = False
    """The status is what counts: a body that cannot be read is left out, as one that was cut (`KeptHttp` only)."""
    max_ratio: int = 200
    """Decoded bytes for each byte that arrived, judged once more than `ratio_after` are decoded."""
    ratio_after: int = MIB
    max_headers: int = 100
    max_header_bytes: int = 256 * 1024

    @property
    def most_bytes(self) -> int:
        """The longest body of any type."""
        return max(self.max_bytes, self.max_feed_bytes or 0)

    def within(self, size: int | None) -> "Limits":
        """Return these limits, and no body longer than `size`."""
        if size is None:
            return self
        feed = None if self.max_feed_bytes is None else min(self.max_feed_bytes, size)
        return replace(self, max_bytes=min(self.max_bytes, size), max_feed_bytes=feed)

    def for_type(self, content_type: str) -> "Limits":
        """Return the limits of a body of this media type."""
        if self.max_feed_bytes is None or not _FEED.fullmatch(content_type.partition(";")[0].strip().lower()):
            return self
        return replace(self, max_bytes=self.max_feed_bytes)


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Response:
    """A complete answer; a redirect is an answer like any other."""

    url: str
    """The URL that was asked."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; a repeated field is joined by a comma, X-Robots-Tag by a line feed: each has its own bot."""
    body: bytes
    """With its content coding undone."""
    started_monotonic: float
    duration_seconds: float
    cut: bool = False
    """Whether the body was longer than `Limits.max_bytes`, and only its beginning is here."""
    fields: Fields = ()
    """The headers as they came: in order, with what is repeated."""
    version: str = "1.1"
    reason: str = ""
    sent: Fields = ()
    """The headers of the request, as they were sent."""


class Exchange(Protocol):
    """Makes one HTTP request."""

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """Return the answer to exactly one request; redirects are never followed.

        The connection is closed, and the total time is over by at most two seconds, when this returns or raises.
        Raises Refused, Misled, Unreachable, TimedOut or TooLarge (`shared.errors`); Invalid for a malformed request.
        """
        ...
