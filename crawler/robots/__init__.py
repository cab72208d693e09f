"""What a site's robots.txt lets us do (RFC 9309), decided from a stored copy without any input or output.

    rules.py   the text of a file: groups, rules, Crawl-delay, Sitemap, and which rule wins for a URL
    tags.py    what a page itself asks: X-Robots-Tag and <meta name=robots>
    copy.py    the stored copy: when it must be fetched (again), what a failure means, and the verdict

Start reading at `verdict` in copy.py.
"""

from crawler.robots.copy import (
    Allowed,
    Answered,
    Disallowed,
    Failed,
    MustFetch,
    Policy,
    RobotsCopy,
    Verdict,
    after_fetch,
    crawl_delay,
    is_abandoned,
    remarks,
    robots_url,
    sitemaps,
    verdict,
)
from crawler.robots.rules import MAX_BYTES, RobotsText
from crawler.robots.tags import NOARCHIVE, NOFOLLOW, wishes_of_page

__all__ = [
    "MAX_BYTES",
    "NOARCHIVE",
    "NOFOLLOW",
    "Allowed",
    "Answered",
    "Disallowed",
    "Failed",
    "MustFetch",
    "Policy",
    "RobotsCopy",
    "RobotsText",
    "Verdict",
    "after_fetch",
    "crawl_delay",
    "is_abandoned",
    "remarks",
    "robots_url",
    "sitemaps",
    "verdict",
    "wishes_of_page",
]
