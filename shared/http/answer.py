"""Reading an answer from a guarded connection, within its limits, and saying in words what broke."""

import http.client
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from shared.errors import TimedOut, TooLarge, Transient, Unreachable
from shared.http.body import read_body
from shared.http.connection import Wire
from shared.http.exchange import MIB, Limits

_CHUNK = 64 * 1024
# Everything that can go wrong between two sockets, as the layers below call it. ValueError: urllib3's InvalidHeader
# and http.client's number parsing.
BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


def headers_of(raw: BaseHTTPResponse, limits: Limits) -> dict[str, str]:
    """Return the headers of an answer, names in lower case; `Unreachable` where there are too many."""
    fields = raw.headers
    if sum(1 for _ in fields.iteritems()) > limits.max_headers:
        raise Unreachable(f"the answer has more than {limits.max_headers} headers")
    found = {name.lower(): fields[name] for name in fields}
    if "x-robots-tag" in found:
        found["x-robots-tag"] = "\n".join(fields.getlist("x-robots-tag"))
    return found


def body_of(raw: BaseHTTPResponse, method: str, limits: Limits, wire: Wire) -> tuple[bytes, bool]:
    """Return the body of the answer to a request by `method`, and whether it was cut; raises like `read_body`."""
    declared = raw.headers.get("content-length", "")
    too_large = TooLarge(f"the answer is longer than {limits.max_bytes} bytes")
    if declared.isdigit() and len(declared) > 18:
        raise too_large
    has_body = method != "HEAD" and raw.status not in (204, 304)
    if has_body and not limits.cut and declared.isdigit() and int(declared) > limits.max_bytes:
        raise too_large
    # Twice the body and a little leaves room for the framing of chunks, and none for endless framing.
    wire.grant(2 * limits.max_bytes + MIB, too_large)
    return read_body(_chunks(raw, wire), raw.headers.get("content-encoding"), limits)


def _chunks(raw: BaseHTTPResponse, wire: Wire) -> Iterator[bytes]:
    for chunk in raw.stream(_CHUNK, decode_content=False):
        wire.remaining()
        yield chunk


def broken_by(error: BaseException, host: str, wire: Wire, limits: Limits) -> Transient:
    """Return what one of `BROKEN` means for an exchange with `host`: too slow, or no complete answer."""
    if wire.expired:
        return TimedOut(f"{host} did not answer in full within {round(limits.total_seconds, 1):g} s")
    return Unreachable(f"no complete answer from {host}: {words_for(error)}")


def words_for(error: BaseException) -> str:
    """Say what broke without repeating a message from below, which may name an address."""
    seen: BaseException | None = error
    kinds: list[str] = []
    while seen is not None and len(kinds) < 8:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return "TLS failed"
        kinds.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    return f"the connection broke or the answer is malformed ({kinds[-1]})"
