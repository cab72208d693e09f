"""Page templates in the manner of the usual content management systems; each family dresses the same facts its way.

A family is one module with four functions: `detail`, `listing`, `notice_path` and `page_name`. `FAMILIES` tells which
is which, in what bytes it is served, and whether it sends an ETag. A site uses the first three in turn, unless it is
laid out otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.simulation.pages import guangdong, hanweb, jpage, trs
from services.simulation.pages.facts import DetailFacts, ListingFacts


@dataclass(frozen=True)
class Family:
    """One manner of publishing: `charset` is what the bytes are, `content_type` what the header says of them."""

    name: str
    charset: str
    content_type: str
    sends_etag: bool
    pins_oldest: bool
    detail: Callable[[DetailFacts], str]
    listing: Callable[[ListingFacts], str]
    notice_path: Callable[[str, int, datetime], str]
    page_name: Callable[[int], str]
    part_path: Callable[[str, int], str] | None = None
    """Where the further pages of long notices are; None where all notices have one page."""
    attaches: bool = False
    """Whether some of its notices have files."""
    behind_call: bool = False
    """Whether the rows of its listings are brought by POST alone, as `jpage` tells."""


FAMILIES = (
    Family(
        "trs", "utf-8", "text/html; charset=utf-8", True, False,
        trs.detail, trs.listing, trs.notice_path, trs.page_name, trs.part_path,
    ),
    Family(
        "guangdong", "gb18030", "text/html", True, False,
        guangdong.detail, guangdong.listing, guangdong.notice_path, guangdong.page_name, attaches=True,
    ),
    Family(
        "hanweb", "utf-8", "text/html", False, True,
        hanweb.detail, hanweb.listing, hanweb.notice_path, hanweb.page_name,
    ),
    Family(
        "jpage", "utf-8", "text/html", False, False,
        hanweb.detail, jpage.listing, hanweb.notice_path, hanweb.page_name, behind_call=True,
    ),
)  # fmt: skip
USUAL = tuple(family.name for family in FAMILIES[:3])
