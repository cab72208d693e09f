"""Errors as RFC 9457 problem details: every answer that is not a success has this one shape."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import Gone, LeaseLost, Limited, NotFound, NoticewireError, Permanent, TooLarge, Transient

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
# A validation that fails in thousands of places is not told in full.
MOST_WRONGS = 20


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """Return a problem (RFC 9457, 3.1): `type` about:blank, so `title` is the status's phrase; `members` extend it."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail} | members
    # ASCII, because what a caller sent wrong may hold lone surrogates, which UTF-8 cannot spell.
    return Response(json.dumps(body).encode("ascii"), status, headers, MEDIA_TYPE)


def wrong_input(where: str, detail: str) -> Response:
    """Return the problem of a request that is wrong in one place: `body.url`, `query.after`, `header.Last-Event-ID`."""
    return problem(422, detail, errors=[{"where": where, "detail": detail}])


@contextmanager
def about(where: str) -> Iterator[None]:
    """Let what is refused inside be told to lie at `where`, as it is named in `errors`."""
    try:
        yield
    except Permanent as error:
        error.where = error.where or where
        raise


def problem_of(error: NoticewireError, where: str = "request") -> Response:
    """Return what `error` is to a caller; what is down among our own servers is told to the log alone.

    `where` is the part of the request that a wrong input lies in, if the error does not say it more exactly.
    """
    if isinstance(error, Limited):
        return problem(429, str(error), headers={"Retry-After": str(error.retry_seconds)})
    if isinstance(error, Transient):
        log.warning("request_unavailable", error=str(error))
        detail = "a server that this needs does not answer now; GET /readyz says which"
        return problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    status = _status(error)
    if isinstance(error, Permanent) and status == 422:
        return wrong_input(error.where or where, str(error))
    return problem(status, str(error))


def _status(error: NoticewireError) -> int:
    match error:
        case NotFound():
            return 404
        case Gone():
            return 410
        case TooLarge():
            return 413
        case LeaseLost():
            return 409
        case Permanent():
            return 422
    return 500


def speak_problems(app: FastAPI) -> None:
    """Have `app` answer every error that a route or the router raises with a problem."""

    @app.exception_handler(NoticewireError)
    async def ours(request: Request, error: NoticewireError) -> Response:
        return problem_of(error, "query" if request.method in ("GET", "HEAD") else "body")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:  # the framework's only word for a body that is not even text
            return wrong_input("body", "not JSON: it is not UTF-8")
        headers = {**(error.headers or {}), **({"Allow": _allowed(request)} if error.status_code == 405 else {})}
        return problem(error.status_code, _in_words(request, error), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        wrongs = [_wrong(one) for one in error.errors()[:MOST_WRONGS]]
        return problem(422, f"{wrongs[0]['where']}: {wrongs[0]['detail']}", errors=wrongs)


def _allowed(request: Request) -> str:
    """Return every method that an address takes: the router names only those of the first route that it finds."""
    app: FastAPI = request.app
    here = [one for one in iter_route_contexts(app.routes) if one.path_regex.match(request.url.path)]
    # Where an address also fits the pattern of another (`/v1/filters/try`, `…/{name}`), the plainer is meant.
    plainest = min((str(one.path).count("{") for one in here), default=0)
    named = {method for one in here if str(one.path).count("{") == plainest for method in one.methods or ()}
    return ", ".join(sorted(named))


def _in_words(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:
        return "nothing is at this address; GET /openapi.json lists every address"
    if error.status_code == 405:
        return f"this address does not take {request.method}"
    return str(error.detail)


def _wrong(one: Mapping[str, Any]) -> dict[str, str]:
    """Return where something is wrong and what; never the value itself, which may be a secret."""
    if one["type"] == "json_invalid":
        return {"where": "body", "detail": f"not JSON: {one['ctx']['error']} at character {one['loc'][-1]}"}
    return {"where": ".".join(str(step) for step in one["loc"]), "detail": one["msg"].removeprefix("Value error, ")}
