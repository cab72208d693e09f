"""The OpenAPI document: what FastAPI tells of the routes, and what the layers before them add to every one.

The routes' own words (parameters, bodies, answers) are told by FastAPI. Here is added what holds for all: scopes, the
headers of a change, 304, 409 and 429, and links from an answer to the operations that take an id out of it.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from services.api import errors, schema
from services.api.once import HEADER, LONGEST_KEY
from services.api.schemas import Error
from services.api.security import REASON, rights_of
from services.desk.audit import LONGEST_REASON

TOLD = {
    401: "No valid token.",
    403: "The token lacks the scope.",
    404: "No such thing, or no such address.",
    413: "The body is too large.",
    422: "Something in the request is wrong; `errors` says what.",
    429: "Too much was asked for; `Retry-After` says when to ask again.",
    500: "Something went wrong here.",
    503: "A server that this needs does not answer now; try again.",
}
_REFERENCE = {errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}}
_SECONDS = {"Retry-After": {"description": "In so many seconds.", "schema": {"type": "integer", "minimum": 1}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": told, "content": _REFERENCE} | ({"headers": _SECONDS} if status in (429, 503) else {})
    for status, told in TOLD.items()
}
NOT_KEPT: dict[int | str, dict[str, Any]] = {
    410: {"description": "Some of it is no longer kept; `detail` says from where on it is.", "content": _REFERENCE}
}
"""What routes say besides that begin at a position or time."""
_UNDER_WAY = {
    "description": "The first request with this `Idempotency-Key` is under way, or was cut short.",
    "content": _REFERENCE,
    "headers": _SECONDS,
}
_UNCHANGED = {"description": "It is as `If-None-Match` says; there is no body."}
_MARK = {"ETag": {"description": "Send it as `If-None-Match`.", "schema": {"type": "string"}}}
# What every answer to a token tells of its rate; what a change may be given.
_WANTED = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of an answer that you have: 304, while it still holds.",
    "schema": {"type": "string"},
}
_WHY = {
    "name": REASON,
    "in": "header",
    "required": False,
    "description": "Why, for the audit log; UTF-8, or percent-encoded.",
    "schema": {"type": "string", "maxLength": LONGEST_REASON},
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The same request under the same key is done once, and answered alike for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!#-~]+$"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `app`; made once."""
    if app.openapi_schema is None:
        told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _add_shapes(told.setdefault("components", {}).setdefault("schemas", {}))
        rights = _rights(app)
        for path, methods in told["paths"].items():
            for method, operation in methods.items():
                _complete(operation, method, rights.get((method, path), ()))
        _link(told["paths"])
        app.openapi_schema = told
    return app.openapi_schema


def _add_shapes(shapes: dict[str, Any]) -> None:
    wrong = Error.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(wrong.pop("$defs", {}))
    shapes["Error"] = wrong
    shapes["Document"] = schema.component()
    # Said here, because a model's own schema may only refer to other models.
    shapes["RevisionDetail"]["properties"]["document"]["$ref"] = "#/components/schemas/Document"


def _rights(app: FastAPI) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the scopes that each operation names, by its method (`get`) and path."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for route in iter_route_contexts(app.routes):
        scopes = tuple(dict.fromkeys(map(str, rights_of(route.dependant))))
        found |= {(method.lower(), str(route.path)): scopes for method in route.methods or ()}
    return found


def _complete(operation: dict[str, Any], method: str, scopes: tuple[str, ...]) -> None:
    """Add to one operation what the layers before the routes do."""
    parameters, responses = operation.setdefault("parameters", []), operation["responses"]
    if scopes:
        others = [one for one in operation.get("security", []) if "token" not in one]
        operation["security"] = [{"token": [scope]} for scope in scopes] + others
    if method == "get" and any("json" in media for media in responses.get("200", {}).get("content", {})):
        parameters.append(_WANTED)
        responses["304"] = _UNCHANGED
        responses["200"].setdefault("headers", {}).update(_MARK)
    if method != "get" and scopes:
        parameters.append(_WHY)
    if method == "post" and scopes:
        parameters.append(_KEY)
        responses["409"] = _UNDER_WAY
    if not parameters:
        del operation["parameters"]


def _link(paths: Mapping[str, Any]) -> None:
    """Tell which operations take an id out of an answer: of what was made, or of the first on a list."""
    for path, methods in paths.items():
        taking = _taking(paths, path)
        for method, status, pointer in (("post", "201", "id"), ("post", "202", "id"), ("get", "200", "items/0/id")):
            answer = methods.get(method, {}).get("responses", {}).get(status)
            if answer is None or not taking:
                continue
            place = "source/id" if path == "/v1/sources" and method == "post" else pointer
            answer["links"] = {
                f"{verb}-{operation['operationId']}"[:100]: {
                    "operationId": operation["operationId"],
                    "parameters": {name: f"$response.body#/{place}"},
                }
                for verb, name, operation in taking
            }


def _taking(paths: Mapping[str, Any], collection: str) -> list[tuple[str, str, Any]]:
    """Return the operations on one thing of a collection, with the parameter that names it and nothing else."""
    found = []
    for path, methods in paths.items():
        rest = path.removeprefix(f"{collection}/")
        if rest == path or not rest.startswith("{") or rest.count("{") != 1:
            continue
        name = rest[1 : rest.index("}")]
        found += [(method, name, operation) for method, operation in methods.items()]
    return found
