"""What changed between two revisions, small enough to travel in an event."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

FIELDS = ("title", "published_at", "source", "author", "attachments")
MOST_LINES = 60
LONGEST_LINE = 300


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"fields": {name: [old, new]}, "text": [lines of a unified diff], "truncated": bool}` of two documents.

    The text's lines begin with `-`, `+` or a space, as in a unified diff without its headers; long lines and long
    diffs are cut, and `truncated` says so (the whole of both texts is at the revisions' own addresses).
    """
    fields = {name: [before.get(name), after.get(name)] for name in FIELDS if before.get(name) != after.get(name)}
    lines = list(unified_diff(_lines(before), _lines(after), lineterm="", n=1))[2:]
    shown = [line[:LONGEST_LINE] for line in lines[:MOST_LINES]]
    return {"fields": fields, "text": shown, "truncated": shown != lines}


def _lines(document: Mapping[str, Any]) -> list[str]:
    return str(document.get("body") or "").splitlines()
