"""Http, the real adapter of `Exchange`: requests on top of a guarded and timed connection."""

import ssl
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from shared.clock import Clock, SystemClock
from shared.errors import Invalid, Refused, Unreachable
from shared.http.addresses import NOWHERE, AllowList
from shared.http.answer import BROKEN, body_of, broken_by, headers_of
from shared.http.connection import PinnedHTTPPool, PinnedHTTPSPool, Wire
from shared.http.exchange import DEFAULT_LIMITS, Limits, Request, Response
from shared.http.guard import Resolver, admit, check_form, destination_of, system_resolver


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
        self._adapter = _Adapter(max_retries=0)

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        started = self._clock.monotonic()
        wire = Wire(self._clock, limits.total_seconds)
        prepared = self._prepare(request)
        destination = destination_of(prepared.url or "")
        changed = prepared.url != request.url and request.url.isascii()
        if changed and destination_of(request.url) != destination:
            raise Refused("the URL can be read in two ways")
        wire.addresses = admit(destination, allow, self._resolve, wire.remaining())
        pool: HTTPConnectionPool
        answer: requests.Response | None = None
        if destination.scheme == "https":
            context = self._verifying if request.verify_tls else self._trusting
            pool = PinnedHTTPSPool(destination.host, destination.port, wire, context)
        else:
            pool = PinnedHTTPPool(destination.host, destination.port, wire)
        try:
            answer = self._adapter.ask(prepared, pool, limits, wire)
            headers = headers_of(answer.raw, limits)
            body, cut = body_of(answer.raw, request.method, limits.for_type(headers.get("content-type", "")), wire)
        except BROKEN as error:
            raise broken_by(error, destination.host, wire, limits) from error
        finally:
            if answer is not None:
                answer.close()  # of an answer that ends its connection, this alone holds the socket
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

    def _prepare(self, request: Request) -> "_Prepared":
        check_form(request.url)
        headers = {"user-agent": self._user_agent, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        headers["connection"] = "close"  # the host's turn ends with this exchange, so nothing is kept open
        try:
            "".join(f"{name}{value}" for name, value in headers.items()).encode("latin-1")
            prepared = _Prepared()
            prepared.prepare(request.method, request.url, headers=headers, data=request.body)
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError) as error:
            raise Invalid("a header of the request holds characters that cannot be sent") from error
        except (requests.RequestException, ValueError) as error:
            raise Refused("not a URL that can be asked") from error
        return prepared


def _host_field(prepared: requests.PreparedRequest) -> str:
    """Return the Host header that http.client writes for a request that brings none."""
    return urlsplit(prepared.url or "").netloc.rpartition("@")[2]


class _Prepared(requests.PreparedRequest):
    """A request, and the pool of one connection that it goes through."""

    pool: HTTPConnectionPool


class _Adapter(HTTPAdapter):
    """Sends each request through its own pool; it keeps nothing itself, so threads may share it.

    Used without a `requests.Session`: a session reads proxies and passwords from the environment, keeps cookies, and
    reads the whole body of a redirect, however long, even when it does not follow it.
    """

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> HTTPConnectionPool:
        return cast("_Prepared", request).pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing to set: the pool came with its TLS context."""

    def ask(self, prepared: _Prepared, pool: HTTPConnectionPool, limits: Limits, wire: Wire) -> requests.Response:
        """Send the request through `pool` and return once the headers of the answer are there."""
        prepared.pool = pool
        wire.grant(limits.max_header_bytes, Unreachable("the headers of the answer do not end"))
        return self.send(prepared, stream=True, timeout=wire.remaining(), proxies={})
