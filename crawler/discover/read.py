"""Reading a listing, whatever it is written in: its items in their order, how it goes on, and what was odd about it.

content ─► a feed or sitemap ─────────────────► feeds.py   ─► reply.py ─┐
        ─► the answer of a call (XML, JSON) ──► answers.py ─► reply.py ─┤
        ─► a page ─► sheet.py: links.py ─► blocks.py (its list) ────────┴─► items.py
                               pager.py (the next page), endpoints.py (the calls that its scripts make)
"""

import re
from dataclasses import replace
from datetime import date

from crawler.discover import feeds
from crawler.discover.answers import answer_in, json_in, records_in
from crawler.discover.calls import Call
from crawler.discover.items import Asked
from crawler.discover.listing import Listing
from crawler.discover.profile import Profile
from crawler.discover.reply import answer_listing, feed_listing
from crawler.discover.sheet import page_listing
from crawler.page import decode
from shared.urls import canonical

_CUT = "the end of the compressed file was left out"
_GZIP = b"\x1f\x8b"
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_DATASTORE = re.compile(r"\s*(?:<\?xml[^>]{0,300}\?>)?\s*<datastore\b")


def read_listing(
    content: bytes,
    url: str,
    content_type: str | None = None,
    *,
    profile: Profile | None = None,
    call: Call | None = None,
    today: date | None = None,
) -> Listing:
    """Read the listing at `url`: a page, a feed, a sitemap, or what a call answered.

    `call` is the request that brought `content`, if it was another than a plain GET of `url`. `today` (when it was
    fetched) gives the year to dates that are written without one. With a `profile`, items are those that it describes.
    Never raises for what the content holds; raises Invalid if `url` is none.
    """
    asked = Asked(canonical(url), url, call, profile or Profile(), today)
    if content[:2] != _GZIP:
        return _listing(decode(content, content_type), asked)
    content, cut = feeds.gunzipped(content)
    listing = _listing(decode(content), asked)
    return replace(listing, warnings=(*listing.warnings, _CUT)) if cut else listing


def _listing(source: str, asked: Asked) -> Listing:
    if not source.strip():
        return Listing(None, (), (), (), asked.profile.calls, ("the page is empty",))
    if feeds.is_feed(source):
        # Its coding was found out already, and may be declared wrongly.
        octets = _XML_DECLARATION.sub("", source).lstrip("\ufeff").encode("utf-8", "replace")
        return feed_listing(feeds.read_feed(octets), asked)
    if (lines := feeds.lines_of_addresses(source)) is not None:
        return feed_listing(lines, asked)
    if _DATASTORE.match(source) and (records := records_in(source)) is not None:
        return answer_listing(records, asked)
    if (value := json_in(source)) is not None:
        return answer_listing(answer_in(value), asked)
    return page_listing(source, asked)
