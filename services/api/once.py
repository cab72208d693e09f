"""`Idempotency-Key`: a POST that is sent again under one key is done once, and answered as it was the first time.

The key is claimed before the request is done, and the answer kept before it is sent, for a day. Where the process dies
in between nobody knows what came of the request; then it is never done again under this key, and whoever asks is told
to look. Only what succeeded is kept: what failed has made nothing, and may be tried again.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import structlog
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.errors import problem, problem_of, wrong_input
from services.wiring import Wiring
from shared.errors import NoticewireError

log = structlog.get_logger()

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
_WHERE = f"header.{HEADER}"

_OTHER = "this Idempotency-Key was used for another request within the last day; use a fresh key for each wish"
_OPEN = (
    "the first request with this Idempotency-Key is under way, or was cut short; ask again, and if that does not help "
    "look whether its wish was fulfilled before you send it under another key"
)


class Once:
    """ASGI middleware behind the gate: does each POST of a key once."""

    def __init__(self, app: ASGIApp, wiring: Callable[[], Wiring]) -> None:
        """Stand before `app`; answers are kept in the ledger of what `wiring` returns, sealed by its box."""
        self._app = app
        self._wiring = wiring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        given = _given(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        if given is None or "token" not in scope.get("state", {}):
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive, given)
        except NoticewireError as error:
            answer = problem_of(error, _WHERE)
        except HTTPException as error:
            answer = problem(error.status_code, str(error.detail))
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, given: str) -> Response:
        if not (0 < len(given) <= LONGEST_KEY and given.isascii() and given.isprintable()):
            return wrong_input(_WHERE, f"{HEADER} takes 1 to {LONGEST_KEY} visible characters of ASCII")
        body = await _whole(receive)
        key = _digest(scope["state"]["token"].id.encode(), given.encode())
        request = _digest(scope["method"].encode(), scope["path"].encode(), scope["query_string"], body)
        found = await to_thread.run_sync(self._claim, key, request)
        return found or await self._do(scope, body, key)

    async def _do(self, scope: Scope, body: bytes, key: str) -> Response:
        """Do the request that holds `key`, and keep its answer, or let the key be free again."""
        recorder = _Recorder(body)
        try:
            await self._app(scope, recorder.receive, recorder.send)
        except BaseException:
            await to_thread.run_sync(self._forget, key)
            raise
        answer = recorder.answer()
        if answer.status_code < 300:
            await to_thread.run_sync(self._keep, key, answer)
        else:
            await to_thread.run_sync(self._forget, key)
        return answer

    def _claim(self, key: str, request: str) -> Response | None:
        """Claim `key`, and return None; or return what whoever uses it again is answered."""
        wiring = self._wiring()
        with wiring.ledger.begin() as uow:
            now = uow.now()
            uow.answers.expire(now - KEPT_FOR)
            found = uow.answers.begin(key, request, now)
            uow.commit()
        if found is None:
            return None
        if found.request != request:
            return wrong_input(_WHERE, _OTHER)
        if found.answer is None:
            return problem(409, _OPEN, headers={"Retry-After": "1"})
        return _unfold(wiring.box.open(found.answer))

    def _keep(self, key: str, answer: Response) -> None:
        wiring = self._wiring()
        try:
            with wiring.ledger.begin() as uow:
                uow.answers.keep(key, wiring.box.seal(_fold(answer)))
                uow.commit()
        except NoticewireError as error:
            # It is done, and whoever asked shall hear so; only asking again will be told to look.
            log.warning("answer_not_kept", error=str(error))

    def _forget(self, key: str) -> None:
        with self._wiring().ledger.begin() as uow:
            uow.answers.forget(key)
            uow.commit()


class _Recorder:
    """Stands in for the connection: hands over a body that was read already, and takes the answer down."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    async def receive(self) -> Message:
        if self._body is None:
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message["headers"])
        else:
            self._parts.append(message.get("body", b""))

    def answer(self) -> Response:
        return _response(self._status, self._headers, b"".join(self._parts))


def _response(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
    answer = Response(body, status)
    answer.raw_headers = headers
    return answer


def _fold(answer: Response) -> str:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
    return json.dumps([answer.status_code, headers, bytes(answer.body).decode("latin-1")])


def _unfold(text: str) -> Response:
    status, headers, body = json.loads(text)
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return _response(status, [*pairs, (b"idempotency-replayed", b"true")], body.encode("latin-1"))


def _given(scope: Scope) -> str | None:
    """Return the key that a request brings, if any; the draft's quotation marks may stand around it or not."""
    for name, value in scope["headers"]:
        if name == HEADER.lower().encode():
            text = str(value.decode("latin-1")).strip()
            return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    return None


async def _whole(receive: Receive) -> bytes:
    """Return a request's body; the edge has bounded it."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _digest(*parts: bytes) -> str:
    return sha256(b"\n".join(sha256(part).digest() for part in parts)).hexdigest()
