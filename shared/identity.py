"""Which addresses may be one notice's: those with one id of its publishing system, or one page in two spellings.

A site that is rearranged keeps the ids of its articles and changes the paths before them. An id alone proves nothing:
systems number each column anew, and two sites on one host may share a number, so whoever compares keys also asks
whether the texts or titles are the same.
"""

import re
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.urls import host_of

LONGEST = 200
"""Characters of a key."""


class Family(NamedTuple):
    """One row: a publishing system's name, and its paths, in which `id` is the article's own number."""

    name: str
    path: re.Pattern[str]


def _family(name: str, path: str) -> Family:
    return Family(name, re.compile(path, re.IGNORECASE))


# The first row that fits decides. A changed line wants an example in the tests.
FAMILIES: tuple[Family, ...] = (
    _family("trs", r"/t(?P<id>\d{8}_\d{2,})(?:\.s?html?|\.jsp)$"),  # …/202304/t20230417_974894.shtml
    _family(
        "jcms", r"/art/(?:\d{4}/\d{1,2}/\d{1,2}/)?art_\d+_(?P<id>\d{3,})\.html?$"
    ),  # …/art/2026/5/8/art_80179_11664839.html
    _family("jcms", r"/art_\d+_(?P<id>\d{3,})\.html?$"),
    _family("gkmlpt", r"/(?:post|mpost)_(?P<id>\d{4,})\.html?$"),  # …/content/9/9360/post_9360641.html
    _family("content", r"/content[_/](?P<id>\d{5,})\.s?html?$"),  # …/c100048/content_1234567.html
    _family("vsb", r"/info/\d+/(?P<id>\d+)\.html?$"),  # /info/1012/3456.htm
    _family("webplus", r"/c\d+a(?P<id>\d+)/pagem?\.html?$"),  # /2026/0508/c57a1234/page.htm
    _family("uuid", r"/(?P<id>[0-9a-f]{32})(?:\.s?html?|/content\.s?html?)?$"),
)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE)


def family_of(url: str) -> tuple[str, str] | None:
    """Return the publishing system that a canonical URL's path is of, and the id that it gives the article."""
    path = urlsplit(url).path
    for family in FAMILIES:
        if found := family.path.search(path):
            return family.name, found["id"].lower()
    return None


def address_key(url: str) -> str:
    """Return what two addresses of one notice have in common; at most `LONGEST` characters.

    Its host, and the system's id where the path has one; else the path and the query without the scheme, an index page
    or a slash at the end. Raises `Invalid` if `url` is none.
    """
    host, parts = host_of(url), urlsplit(url)
    found = family_of(url)
    if found is not None and not parts.query:
        return f"{found[0]}:{host}:{found[1]}"[:LONGEST]
    path = _INDEX.sub("/", parts.path).rstrip("/")
    key = f"page:{host}{path}?{parts.query}"
    return key if len(key) <= LONGEST else f"page:{host[:100]}#{sha256(key.encode()).hexdigest()}"
