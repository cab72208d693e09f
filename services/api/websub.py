"""The WebSub hub of the feeds (W3C Recommendation): where a subscriber asks to be sent what is new."""

from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.api.parameters import Parts
from services.api.security import needs
from services.desk import hubbing
from shared.domain.states import Scope
from shared.errors import Invalid

router = APIRouter(prefix="/v1/hub", tags=["feeds"], dependencies=[Depends(needs(Scope.READ, in_url=True))])

FORM = "application/x-www-form-urlencoded"
_TEXTS = {
    "hub.callback": "Where new entries are to be sent.",
    "hub.mode": "`subscribe` or `unsubscribe`.",
    "hub.topic": "The feed's address, from its link `self`.",
    "hub.lease_seconds": "How long, in seconds; ten days if not given, thirty at most.",
    "hub.secret": "Signs what is sent: `X-Hub-Signature: sha256=…`.",
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string", "description": told} for name, told in _TEXTS.items()},
    "required": ["hub.callback", "hub.mode", "hub.topic"],
}


@router.post(
    "",
    status_code=202,
    summary="Ask the WebSub hub",
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _SCHEMA}}}},
)
async def ask_hub(request: Request, wiring: Parts) -> Response:
    """202: the callback is asked whether it meant this; only then does anything begin, or end."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Invalid(f"the hub takes a form: Content-Type: {FORM}")
    try:
        text = (await request.body()).decode("utf-8")
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50, errors="strict"))
    except ValueError as error:
        raise Invalid("the body is no form in UTF-8") from error
    if any(not value.isprintable() for value in form.values()):
        raise Invalid("control characters are not accepted")
    try:
        await to_thread.run_sync(hubbing.ask, wiring, form, request.state.key)
    except Invalid as error:
        parameter = str(error).partition(":")[0]
        error.where = f"body.{parameter}" if parameter in _TEXTS else None
        raise
    return Response(status_code=202)
