"""What changed between two revisions, small enough to travel in an event."""

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

TEXTS = ("title", "published_at", "source", "author", "attachments")
FACTS = ("kind", "signed_on", "comment_window")
"""What the reader concludes: words of closed sets and days, so that none of them is long."""
FIELDS = (*TEXTS, *FACTS)
MOST_LINES = 60
LONGEST_LINE = 300
LONGEST_FIELD = 200
"""Characters; the envelope spells each of up to four bytes with twelve, so that counting them bounds an event."""
DIFF_BYTES = 14 * 1024
"""For fields and text together: with what else an event tells, 20 kB are seldom passed (`test_envelope_sizes`)."""
FILES_BYTES = 4 * 1024
COMPARED_LINES = 500
"""Lines compared from the first that differs. Of two texts of 8,000 lines, every second changed, the whole comparison
took 20 s, and four times that for twice as many."""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"fields": {name: [old, new]}, "text": [lines of a unified diff], "truncated": bool}` of two documents.

    The text's lines begin with `-`, `+` or a space, as in a unified diff without its headers; long values, lines and
    diffs are cut, and `truncated` says so (the whole of both texts is at the revisions' own addresses).
    """
    changed = {name: _pair(before.get(name), after.get(name)) for name in FIELDS if before.get(name) != after.get(name)}
    fields = {name: [_short(value) for value in pair] for name, pair in changed.items()}
    old, new = _without_common_ends(_lines(before), _lines(after))
    beyond = max(len(old), len(new)) > COMPARED_LINES
    lines = _compared(old[:COMPARED_LINES], new[:COMPARED_LINES], beyond=beyond)
    left = DIFF_BYTES - len(json.dumps(fields))
    text = _fitting([line[:LONGEST_LINE] for line in lines[:MOST_LINES]], left)
    return {"fields": fields, "text": text, "truncated": beyond or fields != changed or text != lines}


def _pair(before: Any, after: Any) -> list[Any]:
    """Return both values; of two lists only what is not on both, unless they have but another order."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return [before, after]
    old, new = ([json.dumps(one, sort_keys=True) for one in items] for items in (before, after))
    on_both = set(old) & set(new)
    pair = [[json.loads(one) for one in items if one not in on_both] for items in (old, new)]
    return pair if any(pair) else [before, after]


def shortened(text: str | None) -> str | None:
    """Return a field's text as far as it may travel in an event."""
    return text if text is None or len(text) <= LONGEST_FIELD else text[: LONGEST_FIELD - 1] + "…"


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return _fitting(value, FILES_BYTES)
    return shortened(value) if isinstance(value, str) else value


def _fitting(items: Sequence[Any], size: int) -> list[Any]:
    """Return as many of the first `items` as fit into `size` bytes, spelled as in the envelope."""
    kept = []
    for item in items:
        size -= len(json.dumps(item)) + len(", ")
        if size < 0:
            break
        kept.append(item)
    return kept


def _lines(document: Mapping[str, Any]) -> list[str]:
    return str(document.get("body") or "").splitlines()


def _without_common_ends(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Cut what both texts begin and end with, but for one line of context at each end."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    first = max(0, start - 1)
    return old[first : len(old) - end + 1], new[first : len(new) - end + 1]


def _alike(old: list[str], new: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _compared(old: list[str], new: list[str], *, beyond: bool) -> list[str]:
    lines: list[str] = []
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(1):
        if beyond and lines and group[-1][0] != "equal":
            break  # what seems added or removed at the end may go on, or come back, in the lines not compared
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                lines += [f" {line}" for line in old[i:i_end]]
            else:
                lines += [f"-{line}" for line in old[i:i_end]] + [f"+{line}" for line in new[j:j_end]]
    return lines
