"""ETags: whoever has an answer already is told 304, that it still holds, and no more.

The mark is weak and made of the answer itself: a notice is told from a dozen rows (its problems, what follows it, where
its text is found again), so that a mark of its own row alone would call things unchanged that are not.
"""

import re
from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPAQUE = re.compile(rb'"[!#-~\x80-\xff]*"')


class Fresh:
    """ASGI middleware: gives every whole JSON answer to a GET its ETag, and heeds `If-None-Match` (RFC 9110, 13.1.2).

    What has a mark of its own keeps it, and what is streamed passes through.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _may_be_kept(scope["path"]):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_marked(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_json(message):
                start = message  # held back until it is known whether the body comes whole
                return
            if start is not None:
                head, start = start, None
                if not message.get("more_body"):
                    head, message = _marked(head, message, _wanted(scope))
                await send(head)
            await send(message)

        await self._app(scope, receive, send_marked)


def _may_be_kept(path: str) -> bool:
    return path.startswith("/v1/") or path == "/openapi.json"


def _is_json(start: Message) -> bool:
    headers = dict(start["headers"])
    return start["status"] == 200 and b"json" in headers.get(b"content-type", b"") and b"etag" not in headers


def _wanted(scope: Scope) -> set[bytes]:
    """Return the marks that `If-None-Match` names, compared weakly; `*` for any."""
    lines = [value for name, value in scope["headers"] if name == b"if-none-match"]
    return {b"*"} if lines == [b"*"] else {mark for line in lines for mark in _OPAQUE.findall(line)}


def _marked(start: Message, message: Message, wanted: set[bytes]) -> tuple[Message, Message]:
    mark = b'"' + blake2b(message.get("body", b""), digest_size=16).hexdigest().encode() + b'"'
    told = [(b"etag", b"W/" + mark), (b"cache-control", b"private, no-cache")]
    if wanted & {mark, b"*"}:
        kept = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"content-type")]
        return {**start, "status": 304, "headers": kept + told}, {**message, "body": b""}
    return {**start, "headers": [*start["headers"], *told]}, message
