"""Http, the real adapter of `Exchange`: requests on top of a guarded and timed connection."""

import http.client
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from shared.clock import Clock, SystemClock
from shared.errors import Invalid, Refused, TimedOut, TooLarge, Unreachable
from shared.http.addresses import NOWHERE, AllowList
from shared.http.body import read_body
from shared.http.connection import PinnedHTTPPool, PinnedHTTPSPool, Wire
from shared.http.exchange import DEFAULT_LIMITS, MIB, Limits, Request, Response
from shared.http.guard import Resolver, admit, check_form, destination_of, system_resolver

_CHUNK = 64 * 1024
# Everything that can go wrong between two sockets, as the layers below call it. ValueError: urllib3's InvalidHeader
# and http.client's number parsing.
_BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


class Http:
    """Makes one request at a time per call; safe to share between threads."""

    def __init__(
        self,
        *,
        user_agent: str = "noticewire",
        ca_file: str | None = None,
        resolve: Resolver = system_resolver,
        clock: Clock | None = None,
    ) -> None:
        """`user_agent` is for requests that bring none; `ca_file` holds the trusted authorities (default: certifi)."""
        self._user_agent = user_agent
        self._resolve = resolve
        self._clock = clock or SystemClock()
        self._verifying = create_urllib3_context()
        self._verifying.load_verify_locations(ca_file or DEFAULT_CA_BUNDLE_PATH)
        self._trusting = create_urllib3_context(cert_reqs=ssl.CERT_NONE)

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        started = self._clock.monotonic()
        wire = Wire(self._clock, limits.total_seconds)
        prepared = self._prepare(request)
        destination = destination_of(prepared.url or "")
        if request.url.isascii() and destination_of(request.url) != destination:
            raise Refused("the URL can be read in two ways")
        wire.addresses = admit(destination, allow, self._resolve, wire.remaining())
        pool: HTTPConnectionPool
        if destination.scheme == "https":
            context = self._verifying if request.verify_tls else self._trusting
            pool = PinnedHTTPSPool(destination.host, destination.port, wire, context)
        else:
            pool = PinnedHTTPPool(destination.host, destination.port, wire)
        try:
            answer = _Adapter(pool).ask(prepared, limits, wire)
            headers = _headers(answer, limits)
            body, cut = _body(answer, limits.for_type(headers.get("content-type", "")), wire)
        except _BROKEN as error:
            if wire.expired:
                raise TimedOut(
                    f"{destination.host} did not answer in full within {round(limits.total_seconds, 1):g} s"
                ) from error
            raise Unreachable(f"no complete answer from {destination.host}: {_words(error)}") from error
        finally:
            wire.close()
            pool.close()
        return Response(
            url=request.url,
            status=answer.status_code,
            headers=headers,
            body=body,
            started_monotonic=started,
            duration_seconds=self._clock.monotonic() - started,
            cut=cut,
            fields=tuple(answer.raw.headers.iteritems()),
            version="1.0" if answer.raw.version == 10 else "1.1",
            reason=answer.reason or "",
            sent=(("Host", _host_field(prepared)), *prepared.headers.items()),
        )

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        check_form(request.url)
        headers = {"user-agent": self._user_agent, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        headers["connection"] = "close"  # the host's turn ends with this exchange, so nothing is kept open
        try:
            "".join(f"{name}{value}" for name, value in headers.items()).encode("latin-1")
            return requests.Request(request.method, request.url, headers=headers, data=request.body).prepare()
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError) as error:
            raise Invalid("a header of the request holds characters that cannot be sent") from error
        except (requests.RequestException, ValueError) as error:
            raise Refused("not a URL that can be asked") from error


def _host_field(prepared: requests.PreparedRequest) -> str:
    """Return the Host header that http.client writes for a request that brings none."""
    return urlsplit(prepared.url or "").netloc.rpartition("@")[2]


class _Adapter(HTTPAdapter):
    """Sends through the one pool it was given.

    Used without a `requests.Session`: a session reads proxies and passwords from the environment, keeps cookies, and
    reads the whole body of a redirect, however long, even when it does not follow it.
    """

    def __init__(self, pool: HTTPConnectionPool) -> None:
        super().__init__(max_retries=0)
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing to set: the pool came with its TLS context."""

    def ask(self, prepared: requests.PreparedRequest, limits: Limits, wire: Wire) -> requests.Response:
        """Send the request and return once the headers of the answer are there."""
        wire.grant(limits.max_header_bytes, Unreachable("the headers of the answer do not end"))
        return self.send(prepared, stream=True, timeout=wire.remaining(), proxies={})


def _headers(answer: requests.Response, limits: Limits) -> dict[str, str]:
    fields = answer.raw.headers
    if sum(1 for _ in fields.iteritems()) > limits.max_headers:
        raise Unreachable(f"the answer has more than {limits.max_headers} headers")
    found = {name.lower(): fields[name] for name in fields}
    if "x-robots-tag" in found:
        found["x-robots-tag"] = "\n".join(fields.getlist("x-robots-tag"))
    return found


def _body(answer: requests.Response, limits: Limits, wire: Wire) -> tuple[bytes, bool]:
    declared = answer.headers.get("content-length", "")
    too_large = TooLarge(f"the answer is longer than {limits.max_bytes} bytes")
    if declared.isdigit() and len(declared) > 18:
        raise too_large
    has_body = answer.request.method != "HEAD" and answer.status_code not in (204, 304)
    if has_body and not limits.cut and declared.isdigit() and int(declared) > limits.max_bytes:
        raise too_large
    # Twice the body and a little leaves room for the framing of chunks, and none for endless framing.
    wire.grant(2 * limits.max_bytes + MIB, too_large)
    return read_body(_chunks(answer, wire), answer.headers.get("content-encoding"), limits)


def _chunks(answer: requests.Response, wire: Wire) -> Iterator[bytes]:
    for chunk in answer.raw.stream(_CHUNK, decode_content=False):
        wire.remaining()
        yield chunk


def _words(error: BaseException) -> str:
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
