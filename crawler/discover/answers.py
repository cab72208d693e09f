"""What a call answers: the XML of Hanweb's `dataproxy.jsp`, and JSON, with markup in it or with rows of its own.

The names of the fields of JSON rows are those seen in answers: `gkmlpt` gives `create_time` as the day of publication
and `date` as that of the document itself; www.gov.cn writes URL, TITLE and DOCRELPUBTIME.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any

from crawler.discover.feeds import day_of
from shared.domain.zones import CHINA

MOST_ROWS = 5000
_MOST_NODES = 50_000
_MOST_PIECES = 5000
_DEEPEST = 6
_JSONP = re.compile(r"\s*[\w.$]{1,80}\s*\(\s*(?=[\[{])")
_TAG = re.compile(r"<[^<>]{0,300}>")
_NEXT_GROUP = re.compile(r"href\s*=\s*['\"]([^'\"]{1,1500})['\"]")
_NUMBER = re.compile(r"\d{1,9}")
_LITERAL = re.compile(r"\[\s{0,9}\{\s{0,9}\"")
_MOST_LITERALS, _LONGEST_LITERAL = 20, 300_000
_DECODER = json.JSONDecoder()
_UNIT_FACT = re.compile(r"['\"]?\b(count|rows|pageNo)\b['\"]?\s*[:=]\s*['\"]?(\d{1,9})")

_URL_NAMES = ("url", "posturl", "link", "href", "pcurl", "docpuburl", "htmlurl", "linkurl", "infourl", "externalurl")
_TITLE_NAMES = ("title", "showname", "showtitle", "doctitle", "name", "subject")
_DATE_NAMES = (
    "createtime", "displaypublishtime", "firstpublishtime", "publishtime", "publishedtime", "pubdate", "publishdate",
    "docrelpubtime", "docreltime", "releasetime", "datepublished", "infodate", "time", "date", "createdat",
    "createdate",
)  # fmt: skip
_PINNED_NAMES = ("istop", "top", "sticky", "ispinned")
_TOTAL_NAMES = ("total", "totalcount", "totalrecord", "count")


@dataclass
class Answer:
    """What an answer holds: pieces of markup, or rows (address as written, title, date, pinned)."""

    family: str | None
    evidence: str
    pieces: list[str] = field(default_factory=list)
    rows: list[tuple[str, str, date | None, bool]] = field(default_factory=list)
    total: int | None = None
    next: str | None = None
    """Where the answer itself says that the list goes on."""
    shown: int = 0
    """How many rows it brought."""
    page_facts: dict[str, int] = field(default_factory=dict)
    """`rows` a page and `pageNo`, where markup in JSON tells them."""


def records_in(text: str) -> Answer | None:
    """Read `<datastore>…<record><![CDATA[<li>…]]></record>…`; None where there is none."""
    start = text.find("<datastore")
    if start < 0:
        return None
    end = text.find("</datastore", start)
    store = text[start : end if end >= 0 else len(text)]
    answer = Answer("hanweb-jcms", "hanweb-jcms: records of a <datastore>")
    for record in islice(store.split("<record>")[1:], _MOST_PIECES):
        answer.pieces.append(_inner(record[: _or_end(record.find("</record>"), record)]))
    total, following = _element(store, "totalrecord"), _element(store, "nextgroup")
    answer.total = int(total) if _NUMBER.fullmatch(total) else None
    link = _NEXT_GROUP.search(following)
    answer.next = unescape(link[1]) if link else None
    answer.shown = len(answer.pieces)
    return answer


def json_in(text: str) -> Any | None:
    """Return the JSON that a text is, also as the argument of a call (JSONP); None if it is none."""
    head = text[:200].lstrip("\ufeff \t\r\n")
    if not head.startswith(("{", "[")):
        jsonp = _JSONP.match(head)
        if jsonp is None:
            return None
        text = text.lstrip("\ufeff \t\r\n")[jsonp.end() :].rstrip().rstrip(";").rstrip().removesuffix(")")
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def rows_in_script(text: str) -> Answer | None:
    """Read the dated rows of the largest literal list of objects that a page's scripts hold; None without any."""
    best: Answer | None = None
    for literal in islice(_LITERAL.finditer(text), _MOST_LITERALS):
        try:
            value, _ = _DECODER.raw_decode(text[: literal.start() + _LONGEST_LITERAL], literal.start())
        except (ValueError, RecursionError):
            continue
        answer = answer_in(value)
        answer.rows = [row for row in answer.rows if row[2] is not None]
        if len(answer.rows) > (len(best.rows) if best else 0):
            best = Answer(None, f"{len(answer.rows)} rows in a literal of a script", rows=answer.rows)
    return best


def answer_in(value: Any) -> Answer:
    """Read JSON: the largest list of objects with an address and a title, else the markup with most links."""
    if isinstance(value, dict) and str(value.get("version", "")).startswith("https://jsonfeed.org/"):
        return _json_feed(value)
    lists, markup = list[list[Any]](), list[str]()
    for node in islice(_nodes(value, _DEEPEST), _MOST_NODES):
        if isinstance(node, list):
            lists.append(node)
        elif isinstance(node, str) and "<a" in node and "href" in node:
            markup.append(node)
    rows = max(([row for item in some[:MOST_ROWS] if (row := _row(item))] for some in lists), key=len, default=[])
    total = _total(value)
    if rows:
        is_directory = isinstance(value, dict) and "articles" in value
        family, place = ("guangdong", "articles of gkmlpt") if is_directory else (None, "rows")
        answer = Answer(family, f"{family or 'JSON'}: {len(rows)} {place}", rows=rows, total=total, shown=len(rows))
        answer.next = str(value["next_url"]) if isinstance(value, dict) and value.get("next_url") else None
        return answer
    if not markup:
        return Answer(None, "JSON without rows", total=total)
    best = max(markup, key=lambda text: text.count("<a"))
    facts = {name: int(number) for name, number in islice(_UNIT_FACT.findall(best), 50)}
    answer = Answer("hanweb-jpaas", "hanweb-jpaas: markup in JSON", [best], total=facts.pop("count", total))
    answer.page_facts = facts
    return answer


def _json_feed(value: dict[str, Any]) -> Answer:
    answer = Answer("json-feed", "json-feed: version in the source")
    items = value.get("items")
    for item in islice(items if isinstance(items, list) else [], MOST_ROWS):
        if not isinstance(item, dict):
            continue
        address = next(
            (t for key in ("url", "external_url", "id") if isinstance(t := item.get(key), str) and "/" in t), ""
        )
        if address:
            day = day_of(str(item.get("date_published") or item.get("date_modified") or ""))
            answer.rows.append((address, _plain(item.get("title") or item.get("summary") or ""), day, False))
    answer.next = str(value["next_url"]) if value.get("next_url") else None
    answer.shown = len(answer.rows)
    return answer


def _nodes(value: Any, deepest: int) -> Iterator[Any]:
    yield value
    if deepest and isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _nodes(inner, deepest - 1)


def _row(item: Any) -> tuple[str, str, date | None, bool] | None:
    if not isinstance(item, dict):
        return None
    told = {str(key).lower().replace("_", ""): value for key, value in islice(item.items(), 100)}
    address = next((t for name in _URL_NAMES if isinstance(t := told.get(name), str) and _is_address(t)), None)
    title = next((t for name in _TITLE_NAMES if isinstance(t := told.get(name), str) and (t := _plain(t))), None)
    if address is None or title is None:
        return None
    day = next((day for name in _DATE_NAMES if (day := _moment(told.get(name)))), None)
    pinned = any(str(told.get(name, "")).lower() in ("1", "true") for name in _PINNED_NAMES)
    return address, title, day, pinned


def _is_address(text: str) -> bool:
    return ("/" in text or "." in text) and len(text) < 2000 and " " not in text.strip() and "{{" not in text


def _moment(value: Any) -> date | None:
    """Return the day in China of a time stamp (seconds or milliseconds) or a written date."""
    if isinstance(value, str) and value.isdigit() and len(value) in (10, 13):
        value = int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if value > 10**11 else value
        try:
            return datetime.fromtimestamp(seconds, CHINA).date() if seconds > 10**8 else None
        except (ValueError, OverflowError, OSError):
            return None
    return day_of(value) if isinstance(value, str) and value else None


def _total(value: Any) -> int | None:
    """Return the first count of all rows, in the answer itself or in the object next to it."""
    for node in islice(_nodes(value, 2), 200):
        if isinstance(node, dict):
            told = {str(key).lower().replace("_", ""): inner for key, inner in islice(node.items(), 100)}
            for name in _TOTAL_NAMES:
                if _NUMBER.fullmatch(str(told.get(name, ""))):
                    return int(told[name])
    return None


def _plain(text: Any) -> str:
    return " ".join(unescape(_TAG.sub("", str(text)[:2000])).split())


def _element(text: str, name: str) -> str:
    start = text.find(f"<{name}>")
    if start < 0:
        return ""
    start += len(name) + 2
    inner = text[start : start + 4000]
    return _inner(inner[: _or_end(inner.find(f"</{name}>"), inner)]).strip()


def _inner(text: str) -> str:
    """Return what stands in a CDATA section, or the text with its entities read."""
    text = text.strip()
    return text.removeprefix("<![CDATA[").removesuffix("]]>") if text.startswith("<![CDATA[") else unescape(text)


def _or_end(position: int, text: str) -> int:
    return position if position >= 0 else len(text)
