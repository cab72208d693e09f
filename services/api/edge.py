"""The outermost layer: what holds for every request, whichever route it is for, and the last catch for surprises."""

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.errors import problem

log = structlog.get_logger()

LARGEST_BODY = 1024 * 1024
TOO_LARGE = f"a request's body may have {LARGEST_BODY} bytes at most"

# The API serves data to programs: nothing of it is to be sniffed, framed, cached or referred from.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class Edge:
    """ASGI middleware: limits the body, adds the security headers, turns a surprise into a problem without details."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = {name for name, _ in message["headers"]}
                message = {**message, "headers": [*message["headers"], *(one for one in HEADERS if one[0] not in own)]}
            await send(message)

        if _declared_length(scope) > LARGEST_BODY:
            await problem(413, TOO_LARGE)(scope, receive, send_dressed)
            return
        try:
            await self._app(scope, _metered(receive), send_dressed)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if started:
                raise  # the server breaks the connection off, so that half an answer is not taken for a whole one
            await problem(500, "something went wrong here; the log says what")(scope, receive, send_dressed)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            # Longer numbers than this are too large in any case, and int() may refuse them.
            return int(value[:20])
    return 0


def _metered(receive: Receive) -> Receive:
    """Return `receive`, failing with 413 once a body of undeclared length has grown too large."""
    seen = 0

    async def metered() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413, TOO_LARGE)
        return message

    return metered
