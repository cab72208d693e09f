"""What a page itself asks of robots: `X-Robots-Tag` and `<meta name=robots>`, for everybody or for us by name.

There is no standard. What is read here is what the large engines document alike: directives apart by commas, behind a
crawler's name for it alone; the sterner of several wins. Of all directives two concern us: `noarchive` (no copy of the
page is to be kept) and `nofollow` (its links are not to be followed); `none` is both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from crawler.page import decode, tree_of

NOARCHIVE, NOFOLLOW = "noarchive", "nofollow"
_MEANINGS = {NOARCHIVE: {NOARCHIVE}, NOFOLLOW: {NOFOLLOW}, "none": {NOARCHIVE, NOFOLLOW}}
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_NAMED = re.compile(r"([A-Za-z0-9_*-]{1,60})\s{0,9}:(.*)", re.DOTALL)
_LOOKED_AT_BYTES = 1024 * 1024


def wishes_of_page(headers: Mapping[str, str], body: bytes, product: str) -> frozenset[str]:
    """Return which of `noarchive` and `nofollow` a page asks of `product`, by its headers (in lower case) or itself."""
    fields = headers.get("x-robots-tag", "").split("\n")
    found = [one for field in fields for one in _of_field(field, product)]
    found += [one for content in _metas(body, headers.get("content-type"), product) for one in content.split(",")]
    return frozenset(wish for one in found for wish in _MEANINGS.get(one.strip().lower(), ()))


def _of_field(field: str, product: str) -> Iterator[str]:
    """Yield the directives of one header field that are for us; a name counts until the next."""
    ours = True
    for part in field.split(","):
        named = _NAMED.fullmatch(part.strip())
        if named and named[1].lower() not in _WITH_VALUE:
            ours = named[1].lower() in (product, "*")
            part = named[2]
        if ours:
            yield part


def _metas(body: bytes, content_type: str | None, product: str) -> Iterable[str]:
    start = body[:_LOOKED_AT_BYTES]
    seen = start.replace(b"\x00", b"").lower()  # UTF-16 is ASCII with gaps
    if b"<meta" not in seen or not any(name in seen for name in (b"robots", product.encode())):
        return
    tree = tree_of(decode(start, content_type))
    for meta in tree.iter("meta") if tree is not None else ():
        if (meta.get("name") or "").strip().lower() in ("robots", product):
            yield meta.get("content") or ""
