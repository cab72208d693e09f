"""The JSON Schema of CloudEvents 1.0, as one question: what is wrong with an event?"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

SCHEMA = json.loads((Path(__file__).parent / "cloudevents-1.0.json").read_text("utf-8"))
FORMATS = FormatChecker(())
"""The three that the schema names; jsonschema alone would pass over them in silence."""
_REFERENCE = re.compile(r"(?:[\w\-.~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@FORMATS.checks("uri-reference")
def is_reference(told: object) -> bool:
    """Tell whether a text has only characters of RFC 3986, 2."""
    return not isinstance(told, str) or _REFERENCE.fullmatch(told) is not None


@FORMATS.checks("uri")
def is_uri(told: object) -> bool:
    """Tell whether a text is a reference with a scheme (RFC 3986, 3)."""
    return not isinstance(told, str) or (is_reference(told) and _SCHEME.match(told) is not None)


@FORMATS.checks("date-time", raises=ValueError)
def is_time(told: object) -> bool:
    """Tell whether a text is a time of RFC 3339, 5.6; raises ValueError for one that no calendar has."""
    if not isinstance(told, str):
        return True
    return _TIME.fullmatch(told) is not None and bool(datetime.fromisoformat(told.upper()))


_VALIDATOR = Draft7Validator(SCHEMA, format_checker=FORMATS)


def flaws_of(event: Any) -> list[str]:
    """Return, in words, what the schema has against an event; nothing if it is one."""
    return [f"{'.'.join(map(str, error.path)) or 'event'}: {error.message}" for error in _VALIDATOR.iter_errors(event)]
