"""What a guest goes by, asks and hears, as values: its manners, what the operator says of a site, steps and replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.account import Receipt
from crawler.robots import Policy
from crawler.terms import NO_WISHES, Reach, Terms, Wishes
from shared.db.models import Source
from shared.db.shared_turns import SharedHosts
from shared.db.sources import Watched
from shared.errors import Invalid, NoticewireError
from shared.http import AllowList, Limits, Response

MIB = 1024 * 1024


@dataclass(frozen=True)
class Manners:
    """How this crawler behaves everywhere."""

    user_agent: str
    limits: Limits
    delay_seconds: float
    jitter_seconds: float
    backoff_seconds: float
    backoff_cap_seconds: float
    robots: Policy
    from_address: str | None = None
    """Sent as `From` (RFC 9110, 10.1.2)."""
    terms: Terms = field(default_factory=Terms)
    shared: SharedHosts = field(default_factory=SharedHosts)
    feed_max_bytes: int | None = None
    """Of a listing that is a feed or a sitemap; None: as for any page."""
    file_max_bytes: int = 30 * MIB
    """Largest attached file, decoded."""


@dataclass(frozen=True)
class Site:
    """What the operator says of one source."""

    delay_seconds: float | None
    allow: AllowList
    verify_tls: bool
    reach: Reach | None = None
    """Where links and redirects may lead; None: anywhere."""
    wishes: Wishes = NO_WISHES
    host: str | None = None
    """Of a source that is watched: the host of which all this is true."""


@dataclass(frozen=True)
class Step:
    """What is to be asked for now: a target's own address, or what a redirect led to; a POST sends its `body`."""

    url: str
    hops: int
    headers: Mapping[str, str]
    method: str = "GET"
    body: str | None = None
    feed: bool = False
    """Whether it may be a feed or a sitemap, and then as long as these may be."""
    is_file: bool = False
    """Whether an attached file is expected, which may be larger than a page."""


@dataclass(frozen=True)
class Reached:
    """An answer that is no redirect, and the canonical URL that gave it."""

    response: Response
    url: str
    receipt: Receipt | None = field(default=None, compare=False)
    """What is still to be written down of the request, here and below."""


@dataclass(frozen=True)
class Redirected:
    """The answer leads on to the canonical `url`; the next request is another round's.

    `method` is POST where the call is to be made again as it was (RFC 9110, 15.4.8 and 15.4.9).
    """

    url: str
    permanent: bool = False
    """Whether it says that the page has moved for good (301, 308)."""
    method: str = "GET"
    receipt: Receipt | None = field(default=None, compare=False)
    response: Response | None = field(default=None, compare=False)
    """The redirecting answer itself, for the evidence."""


@dataclass(frozen=True)
class Forbidden:
    """robots.txt does not let us ask; `rule` is its word."""

    rule: str


@dataclass(frozen=True)
class NotYet:
    """The page was not asked for, and may be in `seconds`; `reason` is shown."""

    seconds: float
    reason: str
    by_robots: bool = False
    """Whether it is because the robots file cannot be had, and so nobody knows until when."""


@dataclass(frozen=True)
class Broken:
    """The exchange ended in an error, on the way or (`redirected`) at an address that it was sent on to."""

    error: NoticewireError
    redirected: bool
    receipt: Receipt | None = field(default=None, compare=False)


Reply = Reached | Redirected | Forbidden | NotYet | Broken


def receipt_of(reply: Reply) -> Receipt | None:
    """Return what is still to be written down of the request that brought `reply`."""
    return reply.receipt if isinstance(reply, (Reached, Redirected, Broken)) else None


def site_of(source: Source | Watched) -> Site:
    """Return what the operator says of a source, as the guest needs it."""
    try:
        allow = AllowList.parse(source.allow)
    except Invalid:
        allow = AllowList.parse(())
    reach = Reach(source.host, source.hosts or ())
    return Site(source.delay_seconds, allow, source.verify_tls, reach, wishes_of(source), source.host)


def wishes_of(source: Source | Watched) -> Wishes:
    """Return what the operator says of a source's budget and hours."""
    return Wishes(source.daily_requests, source.daily_bytes, source.quiet_hours, source.time_zone)
