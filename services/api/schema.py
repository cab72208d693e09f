"""The JSON Schema of a document: open to all, for it holds no secrets, and whoever validates has no token at hand."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from services.api.parameters import DOCUMENT_SCHEMA
from worker.read.schema import document_schema

MEDIA_TYPE = "application/schema+json"

router = APIRouter(tags=["notices"])


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = MEDIA_TYPE


@router.get(DOCUMENT_SCHEMA, summary="Describe a document, field by field", response_class=SchemaResponse)
def show_document_schema() -> SchemaResponse:
    """JSON Schema 2020-12 of what `noticewire read --json` prints and each revision holds."""
    return SchemaResponse(document_schema())


def component() -> dict[str, Any]:
    """Return the schema as a component of the OpenAPI document, which names its own dialect and needs no id."""
    return {name: value for name, value in document_schema().items() if name not in ("$schema", "$id")}
