"""Where an answer leads on to: redirects are followed by hand, each hop a request of its own."""

from contextlib import suppress

from shared.http import Response
from shared.urls import canonical, join

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOVED_FOR_GOOD = frozenset({301, 308})
KEEPING_REDIRECTS = frozenset({307, 308})


def next_hop(url: str, response: Response) -> str | None:
    """Return the canonical URL that a redirect leads to, or None if it is none; `Invalid` for a broken one."""
    location = response.headers.get("location")
    if response.status not in REDIRECTS or not location:
        return None
    # A field arrives as Latin-1; a path in Chinese is sent in UTF-8 all the same (RFC 9110, 5.5, forbids neither).
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return canonical(join(url, location))
