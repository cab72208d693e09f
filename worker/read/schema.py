"""The JSON Schema (2020-12) of a document: what `as_json` writes, field by field, for whoever reads it elsewhere."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def document_schema() -> dict[str, Any]:
    """Return the schema, which the package carries as a file; do not change what you get."""
    text = files("worker.read").joinpath("document.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
