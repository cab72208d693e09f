"""One spelling per URL: the canonical form, the politeness key and the origin, for every room that compares URLs.

The canonical form follows RFC 3986 section 6.2.2 and the WHATWG URL standard where browsers differ from it, because
the pages were written for browsers. Two spellings of one address must share a target, a host's turn and a robots copy.
"""

import hashlib
import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

import idna

from shared.errors import Invalid

LONGEST = 2000
"""Characters of a canonical URL. A unique index of PostgreSQL takes rows of up to 2,704 bytes; one longer link would
make the whole listing that shows it impossible to record."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What may stand for itself in a path or a query (RFC 3986 pchar, "/", "?") and what is met there in practice.
_KEPT = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/?[]|%")
_AS_IS = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]|]*")
"""What is spelt in no other way: as `_KEPT`, but for escapes."""
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|%")
_DIRECTORY = re.compile(r"/gkmlpt/[^#]{0,2000}(#[0-9]{1,9})(?=#|$)")
_remembered = lru_cache(maxsize=512)
"""A visit comes back to the same URL a dozen times."""
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")


@_remembered
def canonical(url: str) -> str:
    """Return the canonical form of an absolute http(s) URL, without its fragment.

    Lower-case scheme and host (IDNA), no default port, no dot segments, percent-encoding upper-case and only where
    needed; the order of the query and every parameter are kept. Idempotent. Raises Invalid for anything else, and for
    what is longer than `LONGEST`.
    """
    parts = _split(url)
    authority = _authority(parts)  # first: what names no host may have no path either
    query = f"?{_encode(parts.query)}" if parts.query else ""
    path = _without_dot_segments(_encode(parts.path.replace("\\", "/")) or "/")
    address = f"{parts.scheme}://{authority}{path}{query}"
    if len(address) > LONGEST:
        raise Invalid(f"a URL of {len(address)} characters; at most {LONGEST} are accepted: {address[:100]!r}")
    return address


def join(base: str, reference: str) -> str:
    """Return the canonical URL that `reference`, met on the page `base`, points to. Raises Invalid if it is no page."""
    try:
        joined = urljoin(base, reference.strip().replace("\\", "/"))
    except ValueError as error:
        raise Invalid(f"not a URL: {reference[:200]!r}") from error
    return canonical(joined)


def listing_url(url: str) -> str:
    """Return the canonical URL of a listing, with its fragment where that tells which list of the page is meant.

    So it is in the directories of one publishing system: `…/gkmlpt/index#721`.
    """
    column = _DIRECTORY.search(url.strip())
    return canonical(url) + (column[1] if column else "")


def fragment_of(url: str) -> str:
    """Return the fragment of a listing's URL, or of its walker's, that tells which list of the page is meant."""
    column = _DIRECTORY.search(url)
    return column[1] if column else ""


def call_key(url: str, method: str = "GET", body: str | None = None) -> str:
    """Return what a call is known by: its canonical URL and, of a POST, a fragment with the digest of its body.

    No canonical URL has a fragment, so that no page is ever taken for a call; `canonical` gives the URL back.
    """
    address = canonical(url)
    if method != "POST":
        return address
    return f"{address}#POST-{hashlib.sha256((body or '').encode()).hexdigest()[:32]}"


@_remembered
def host_of(url: str) -> str:
    """Return the politeness key: the host name in lower case without a port, so that http and https share a turn."""
    return _host(_split(url))


@_remembered
def origin_of(url: str) -> str:
    """Return `scheme://host[:port]`, the authority that a robots file speaks for (RFC 9309 section 2.3)."""
    parts = _split(url)
    return f"{parts.scheme}://{_authority(parts)}"


def _split(url: str) -> SplitResult:
    # Browsers trim the ends and drop tabs and line ends inside (WHATWG URL 4.4); pages rely on it.
    text = re.sub(r"[\t\r\n]", "", url.strip(" \t\r\n\f"))
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise Invalid(f"not a URL: {url[:200]!r}") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise Invalid(f"not an absolute http or https URL: {url[:200]!r}")
    if "@" in parts.netloc:
        raise Invalid("a URL with a user name or password is not accepted; remove the part before @")
    return parts


def _authority(parts: SplitResult) -> str:
    host, port = _host(parts), parts.port
    if port == 0:
        raise Invalid("port 0 cannot be asked")
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{bracketed}:{port}"


def _host(parts: SplitResult) -> str:
    raw = parts.hostname or ""
    if ":" in raw:
        try:
            return ipaddress.IPv6Address(raw).compressed
        except ValueError as error:
            raise Invalid(f"not an IPv6 address: {raw[:100]!r}") from error
    # A trailing dot names the same host; left in, it would buy a second turn at it.
    name = _ascii_host(raw).rstrip(".")
    if len(name) > 253 or ".." in name or not _HOST.fullmatch(name):
        raise Invalid(f"not a host name: {raw[:100]!r}")
    return name


def _ascii_host(raw: str) -> str:
    if raw.isascii():
        return raw.lower()
    try:
        return idna.encode(raw, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise Invalid(f"not a host name: {raw[:100]!r}") from error


def _encode(text: str) -> str:
    """Escape what must be, spell escapes in upper case, and undo those of unreserved characters."""
    if _AS_IS.fullmatch(text):
        return text
    octets = _ESCAPE.sub(_respell, text.encode("utf-8", "replace"))
    return "".join(chr(octet) if octet in _KEPT else f"%{octet:02X}" for octet in octets)


def _respell(match: re.Match[bytes]) -> bytes:
    if match[1] is None:
        return b"%25"
    octet = int(match[1], 16)
    return bytes([octet]) if octet in _UNRESERVED else b"%%%02X" % octet


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, for an absolute path; doubled slashes are kept, because servers tell them apart."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
