"""KeptHttp, the adapter of `Exchange` for webhooks: connections stay open between requests to one place.

A TLS handshake costs ten times a POST. A connection that is kept leads where it was judged to lead when it was made,
under the same allow-list; it is closed after a while, so that a name that moved is looked up anew.
"""

import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from shared.clock import Clock, SystemClock
from shared.errors import Invalid, NoticewireError, Unreachable
from shared.http.addresses import NOWHERE, AllowList
from shared.http.answer import BROKEN, body_of, broken_by, headers_of
from shared.http.connection import PinnedHTTPPool, PinnedHTTPSPool, Wire, fasten
from shared.http.exchange import DEFAULT_LIMITS, Limits, Request, Response
from shared.http.guard import Destination, Resolver, admit, destination_of, system_resolver

IDLE_SECONDS = 20.0
OLDEST_SECONDS = 300.0


class Place(NamedTuple):
    """Where a connection leads, and by whose leave."""

    destination: Destination
    allow: AllowList
    verify_tls: bool


@dataclass(frozen=True)
class Kept:
    """An open connection that nobody uses now."""

    connection: Any
    made_at: float
    idle_since: float


class KeptHttp:
    """Makes one request at a time per call; safe to share between threads."""

    def __init__(
        self,
        most: int,
        *,
        ca_file: str | None = None,
        resolve: Resolver = system_resolver,
        clock: Clock | None = None,
    ) -> None:
        """Keep up to `most` connections open; `ca_file` holds the trusted authorities (default: certifi)."""
        self._resolve = resolve
        self._clock = clock or SystemClock()
        self._shelf = Shelf(most, self._clock)
        self._verifying = create_urllib3_context()
        self._verifying.load_verify_locations(ca_file or DEFAULT_CA_BUNDLE_PATH)
        self._trusting = create_urllib3_context(cert_reqs=ssl.CERT_NONE)

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`, but for the connection, which may stay open.

        A request on a connection that its peer closed meanwhile is made again on a fresh one, in the same time: the
        receiver tells a second POST by its `webhook-id`.
        """
        check_headers(request.headers)
        place = Place(destination_of(request.url), allow, request.verify_tls)
        wire = Wire(self._clock, limits.total_seconds)
        kept = self._shelf.take(place)
        if kept is not None:
            try:
                return self._ask(request, limits, wire, kept, place)
            except NoticewireError:
                if wire.expired or wire.heard:
                    raise
        wire.addresses = admit(place.destination, allow, self._resolve, wire.remaining())
        now = self._clock.monotonic()
        return self._ask(request, limits, wire, Kept(self._open(place, wire), now, now), place)

    def close(self) -> None:
        """Close what is kept open."""
        self._shelf.clear()

    @staticmethod
    def _body(raw: Any, method: str, limits: Limits, wire: Wire) -> tuple[bytes, bool]:
        try:
            return body_of(raw, method, limits, wire)
        except (NoticewireError, *BROKEN):
            if limits.excerpt:
                return b"", True
            raise

    def _open(self, place: Place, wire: Wire) -> Any:
        """Return a connection to a place, not connected yet."""
        host, port = place.destination.host, place.destination.port
        if place.destination.scheme == "https":
            context = self._verifying if place.verify_tls else self._trusting
            return PinnedHTTPSPool(host, port, wire, context)._new_conn()
        return PinnedHTTPPool(host, port, wire)._new_conn()

    def _ask(self, request: Request, limits: Limits, wire: Wire, kept: Kept, place: Place) -> Response:
        started = self._clock.monotonic()
        connection = fasten(kept.connection, wire)
        whole, raw = False, None
        try:
            wire.grant(limits.max_header_bytes, Unreachable("the headers of the answer do not end"))
            path, headers = parse_url(request.url).request_uri, dict(request.headers)
            connection.request(request.method, path, request.body, headers, preload_content=False, decode_content=False)
            raw = connection.getresponse()
            headers_in = headers_of(raw, limits)
            body, cut = self._body(raw, request.method, limits.for_type(headers_in.get("content-type", "")), wire)
            whole = not cut and raw.length_remaining in (0, None)
        except BROKEN as error:
            raise broken_by(error, place.destination.host, wire, limits) from error
        finally:
            if whole and connection.sock is not None:
                self._shelf.put(place, Kept(connection, kept.made_at, self._clock.monotonic()))
            else:
                if raw is not None:
                    raw.close()
                connection.close()
        return Response(
            url=request.url,
            status=raw.status,
            headers=headers_in,
            body=body,
            started_monotonic=started,
            duration_seconds=self._clock.monotonic() - started,
            cut=cut,
            fields=tuple(raw.headers.iteritems()),
            version="1.0" if raw.version == 10 else "1.1",
            reason=raw.reason or "",
            sent=(("Host", urlsplit(request.url).netloc), *headers.items()),
        )


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise `Invalid` for a header that could smuggle another, or cannot be sent."""
    text = "".join(f"{name}{value}" for name, value in headers.items())
    if any(character in text for character in "\r\n\0") or any(ord(character) > 255 for character in text):
        raise Invalid("a header of the request holds characters that cannot be sent")


class Shelf:
    """Open connections by place; the ones put there last are taken first, the oldest make room."""

    def __init__(self, most: int, clock: Clock) -> None:
        """Hold up to `most` connections."""
        self._most = most
        self._clock = clock
        self._places: OrderedDict[Place, list[Kept]] = OrderedDict()
        self._count = 0
        self._lock = Lock()

    def take(self, place: Place) -> Kept | None:
        """Return a connection to a place that is still open and not too old, if there is one."""
        while (kept := self._pop(place)) is not None:
            now = self._clock.monotonic()
            fresh = now - kept.idle_since < IDLE_SECONDS and now - kept.made_at < OLDEST_SECONDS
            if fresh and kept.connection.is_connected:
                return kept
            kept.connection.close()
        return None

    def put(self, place: Place, kept: Kept) -> None:
        """Keep a connection for the next request."""
        with self._lock:
            self._places.setdefault(place, []).append(kept)
            self._places.move_to_end(place)
            self._count += 1
            surplus = self._oldest() if self._count > self._most else None
        if surplus is not None:
            surplus.connection.close()

    def clear(self) -> None:
        """Close all of them."""
        with self._lock:
            kept, self._count = [one for several in self._places.values() for one in several], 0
            self._places.clear()
        for one in kept:
            one.connection.close()

    def _pop(self, place: Place) -> Kept | None:
        with self._lock:
            several = self._places.get(place)
            if not several:
                return None
            kept = several.pop()
            self._count -= 1
            if not several:
                del self._places[place]
            return kept

    def _oldest(self) -> Kept:
        place, several = next(iter(self._places.items()))
        kept = several.pop(0)
        self._count -= 1
        if not several:
            del self._places[place]
        return kept
