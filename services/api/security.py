"""Who asks, and what they may: Bearer tokens, demanded of every address that is not listed as open.

Authentication is a layer before the routes, so that a new route cannot forget it; `needs` is each route's own word on
the scope. Only the event stream and the feeds also take a token in the address, for browsers' EventSource and feed
readers send no headers; such an address ends up in logs and histories, so that token must be one that can only read.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote

from anyio import to_thread
from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyQuery, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.errors import problem, problem_of
from services.api.parameters import ASYNCAPI, DOCUMENT_SCHEMA, EVENT_SCHEMA
from services.desk.audit import Actor, acting, reasonable
from services.desk.tokens import allows, authenticate, key_of
from shared.db import Ledger
from shared.db.models import Token
from shared.domain.states import Scope as Right
from shared.errors import Invalid, NoticewireError

READY = "/readyz"
OPEN = frozenset({"/healthz", READY, "/openapi.json", ASYNCAPI, DOCUMENT_SCHEMA, EVENT_SCHEMA})
"""The addresses that need no token: health, and descriptions that hold no secrets."""
_EVENT_SCHEMA = re.compile(EVENT_SCHEMA.replace(".", r"\.").replace("{kind}", r"[^/]*"))
REASON = "Noticewire-Reason"
"""A header that says why something is changed, for the audit log."""
TOKEN_IN_URL = re.compile("/v1/events/stream|/v1/feeds/[^/]+|/v1/hub")
"""Where a token may stand in the address: for readers that send no headers."""

# What `services.desk.tokens.create_token` makes; anything else is refused without asking the ledger.
_TOKEN = re.compile(r"nw_[0-9a-z]{26}_[A-Za-z0-9_-]{43}")
_RIGHTS = "noticewire_rights"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="noticewire"'}

_BEARER = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="`Authorization: Bearer nw_…`, made by `noticewire token create` or `POST /v1/tokens`.",
)
_IN_URL = APIKeyQuery(
    name="token",
    scheme_name="token_in_url",
    auto_error=False,
    description="For readers that send no headers: a token whose only scope is `read`.",
)


def is_open(path: str) -> bool:
    """Tell whether an address needs no token."""
    return path in OPEN or _EVENT_SCHEMA.fullmatch(path) is not None


class Gate:
    """ASGI middleware that lets in whoever brings a valid token, and notes it as `request.state.token`."""

    def __init__(self, app: ASGIApp, ledger: Callable[[], Ledger]) -> None:
        """Stand before `app`; tokens are looked up in the ledger that `ledger` returns."""
        self._app = app
        self._ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = scope["type"] == "http" and (not is_open(scope["path"]) or _knocks(scope))
        if asked:
            refusal = await self._admit(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        if "token" not in scope.get("state", {}):
            await self._app(scope, receive, send)
            return
        try:
            actor = Actor(scope["state"]["token"].id, _peer(scope), reasonable(_reason(scope)))
        except NoticewireError as error:
            await problem_of(error)(scope, receive, send)
            return
        with acting(actor):
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Response | None:
        text, in_url = _presented(scope)
        if text is None:
            return problem(401, "this needs a token: Authorization: Bearer nw_…", headers=_CHALLENGE)
        try:
            token = await to_thread.run_sync(self._look_up, text)
        except NoticewireError as error:
            # Readiness is told most of all while the database is down: then to anybody as to a stranger.
            return None if scope["path"] == READY else problem_of(error)
        if token is None:
            headers = {"WWW-Authenticate": _CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'}
            return problem(401, "the token is unknown, expired or revoked", headers=headers)
        if in_url and set(token.scopes) != {Right.READ}:
            return problem(403, "a token in an address may have the scope read and no other, for addresses are logged")
        scope.setdefault("state", {}).update(token=token, key=key_of(text))
        return None

    def _look_up(self, text: str) -> Token | None:
        return authenticate(self._ledger(), text) if _TOKEN.fullmatch(text) else None


def _presented(scope: Scope) -> tuple[str | None, bool]:
    """Return the token that a request brings, if any, and whether it stands in the address."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, text = value.decode("latin-1").partition(" ")
            return (text.strip() if scheme.lower() == "bearer" else None), False
    if TOKEN_IN_URL.fullmatch(scope["path"]):
        found = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if found:
            return found[0], True
    return None, False


def _knocks(scope: Scope) -> bool:
    """Tell whether somebody shows a token where none is needed: readiness is told in full to those who may read."""
    return scope["path"] == READY and any(name == b"authorization" for name, _ in scope["headers"])


def _peer(scope: Scope) -> str | None:
    client = scope.get("client")
    return str(client[0]) if client else None


def _reason(scope: Scope) -> str | None:
    """Return what `Noticewire-Reason` says: ASCII and UTF-8 as they are, or percent-encoded; `Invalid` for others."""
    for name, value in scope["headers"]:
        if name == REASON.lower().encode():
            try:
                return unquote(value.decode(), errors="strict")
            except UnicodeDecodeError as error:
                raise Invalid(f"{REASON} is neither UTF-8 nor percent-encoded UTF-8") from error
    return None


def needs(*rights: Right, in_url: bool = False) -> Any:
    """Return a dependency that demands a token with one of `rights` (`admin` always will do) and returns it."""

    async def check(request: Request, _: Annotated[object, Security(_BEARER)]) -> Token:
        token: Token = request.state.token
        if not any(allows(token, right) for right in rights):
            wanted = " or ".join(rights)
            challenge = f'{_CHALLENGE["WWW-Authenticate"]}, error="insufficient_scope", scope="{" ".join(rights)}"'
            raise HTTPException(403, f"this needs the scope {wanted}", {"WWW-Authenticate": challenge})
        return token

    async def check_either(token: Annotated[Token, Security(check)], _: Annotated[object, Security(_IN_URL)]) -> Token:
        return token

    chosen: Callable[..., Awaitable[Token]] = check_either if in_url else check
    setattr(chosen, _RIGHTS, rights)
    return chosen


def rights_of(dependant: Dependant) -> tuple[Right, ...]:
    """Return the scopes that a route's `needs` names, any of which will do; none where the route names none."""
    own: tuple[Right, ...] = getattr(dependant.call, _RIGHTS, ())
    return own + tuple(right for inner in dependant.dependencies for right in rights_of(inner))
