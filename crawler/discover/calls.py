"""A request that brings a page of a list, and the one that brings the page after it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.errors import Invalid
from shared.urls import join

Pairs = list[tuple[str, str]]

_NUMBER = re.compile(r"\d{1,9}")
_PAGE_NAMES = ("page", "pageno", "pagenum", "pageindex", "currentpage", "curpage", "pagenumber", "paging", "p")
_MOST_PAIRS = 60


@dataclass(frozen=True)
class Call:
    """One HTTP request: an absolute URL, and for POST the form-encoded body."""

    method: str
    url: str
    body: str | None = None


def get(base: str, reference: str, pairs: Pairs | None = None) -> Call | None:
    """Return the GET of `reference`, as the page at `base` means it, with the query `pairs`; None if it is no URL."""
    try:
        url = join(base, reference)
        return Call("GET", join(url, "?" + urlencode(pairs)) if pairs else url)
    except Invalid:
        return None


def following(call: Call) -> Call | None:
    """Return the call for the rows after those that `call` asks for; None if it names no place in the list."""
    for turn in (_next_records, _next_unit, _next_numbered):
        found = _turned(call, turn)
        if found is not None:
            return found
    return None


def page_of(call: Call) -> int | None:
    """Return the number of the page that a call asks for, if it names one."""
    for name, value in _pairs(call):
        if name.lower() == "paramjson" and (inner := _json(value)) and _is_number(inner.get("pageNo")):
            return int(inner["pageNo"])
        if name.lower() in _PAGE_NAMES and _NUMBER.fullmatch(value):
            return int(value)
    return None


def last_record_of(call: Call) -> int | None:
    """Return the number of the last row that a call asks for, if it asks by the numbers of rows."""
    return next((int(v) for k, v in _pairs(call) if k.lower() == "endrecord" and _NUMBER.fullmatch(v)), None)


def _next_records(pairs: Pairs) -> Pairs | None:
    """`startrecord` and `endrecord` count from 1, both included."""
    values = {name.lower(): value for name, value in pairs}
    start, end = values.get("startrecord", ""), values.get("endrecord", "")
    if not (_NUMBER.fullmatch(start) and _NUMBER.fullmatch(end)) or int(end) < int(start):
        return None
    size = int(end) - int(start) + 1
    moved = {"startrecord": str(int(end) + 1), "endrecord": str(int(end) + size)}
    return [(name, moved.get(name.lower(), value)) for name, value in pairs]


def _next_unit(pairs: Pairs) -> Pairs | None:
    """`paramJson={"pageNo":2}`; without it the first page was asked for."""
    names = {name.lower() for name, _ in pairs}
    if "paramjson" not in names:
        return [*pairs, ("paramJson", '{"pageNo":2}')] if {"parsetype", "tagid"} <= names else None
    turned: Pairs = []
    for name, value in pairs:
        if name.lower() != "paramjson":
            turned.append((name, value))
            continue
        inner = _json(value)
        if inner is None or not _is_number(inner.get("pageNo", 1)):
            return None
        inner["pageNo"] = int(inner.get("pageNo", 1)) + 1
        turned.append((name, json.dumps(inner, separators=(",", ":"), ensure_ascii=False)))
    return turned


def _next_numbered(pairs: Pairs) -> Pairs | None:
    at = next((i for i, (k, v) in enumerate(pairs) if k.lower() in _PAGE_NAMES and _NUMBER.fullmatch(v)), None)
    if at is None:
        return None
    return [*pairs[:at], (pairs[at][0], str(int(pairs[at][1]) + 1)), *pairs[at + 1 :]]


def _turned(call: Call, turn: Callable[[Pairs], Pairs | None]) -> Call | None:
    parts = urlsplit(call.url)
    query = turn(parse_qsl(parts.query, keep_blank_values=True)[:_MOST_PAIRS])
    body = turn(parse_qsl(call.body, keep_blank_values=True)[:_MOST_PAIRS]) if call.body else None
    if query is not None:
        found = get(call.url, parts.path, query)
        return replace(call, url=found.url) if found else None
    return replace(call, body=urlencode(body)) if body is not None else None


def _pairs(call: Call) -> Pairs:
    query = parse_qsl(urlsplit(call.url).query, keep_blank_values=True)
    return (query + parse_qsl(call.body or "", keep_blank_values=True))[: 2 * _MOST_PAIRS]


def _json(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text[:2000])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_number(value: object) -> bool:
    return _NUMBER.fullmatch(str(value)) is not None
