"""The calls that a page names, by which its scripts fetch the list: one function for each system that does so."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from urllib.parse import urlencode, urlsplit

from crawler.discover.calls import Call, Pairs, get
from shared.errors import Invalid
from shared.urls import join

_MOST_PLACES = 30
_LONGEST_TAG = 4000
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s*=\s*(?:\"([^\"]{0,3000})\"|'([^']{0,3000})')")
_PAIR = re.compile(r"['\"](\w{1,40})['\"]\s*:\s*(?:['\"]([^'\"]{0,300})['\"]|(\w{1,40}))")
# A page is built of units: menus and crumbs are fetched by the same script as the list.
_LIST_UNIT = re.compile(r"分页|列表|list|信息|内容|article|page", re.IGNORECASE)
_OTHER_UNIT = re.compile(r"导航|菜单|位置|栏目名|友情|轮播|图片|底部|头部|nav|menu|crumb|banner", re.IGNORECASE)

# Hanweb's names, in the order in which its script sends them.
_RECORD_NAMES = (
    "col",
    "appid",
    "webid",
    "path",
    "columnid",
    "sourceContentType",
    "unitid",
    "webname",
    "permissiontype",
)
_RECORD = re.compile(rf"\b({'|'.join(_RECORD_NAMES)})['\"]?\s*:\s*(?:['\"]([^'\"]{{0,200}})['\"]|(\d{{1,12}}))")
_COLUMN = re.compile(r"columnid['\"]?\s*:")
_PER_PAGE = re.compile(r"\bperPage['\"]?\s*:\s*['\"]?(\d{1,3})")
_GROUP = re.compile(r"\bgroupSize['\"]?\s*:\s*['\"]?(\d{1,2})")
_PROXY = re.compile(r"['\"]([^'\"\s]{0,200}dataproxy\.jsp)")
_USUAL_GROUP, _USUAL_PAGE = 3, 15

_SID = re.compile(r"\bSID['\"]?\s*:\s*['\"]?(\d{1,9})")
_GKMLPT = re.compile(r"(.*)/gkmlpt/")
_LITERAL = re.compile(
    r"(?:getJSON\s*\(|fetch\s*\(|axios\.get\s*\(|\burl\s*:)\s*['\"]([^'\"\s{}$+]{1,300}\.json(?:\?[^'\"\s{}$]{0,200})?)['\"]\s*[,)}]"
)

Named = tuple[Call, str]
"""A call, and where the page names it."""


def named_calls(source: str, url: str, address: str) -> list[Named]:
    """Return the calls that the page at `url` names for its list, the likeliest first.

    `source` is the page's text, `address` what the reader of the page asked for, its fragment kept.
    """
    ways: tuple[Callable[[], list[Named]], ...] = (
        lambda: _units(source, url),
        lambda: _records(source, url, shown=0),
        lambda: _directory(source, url, address),
        lambda: _literals(source, url),
    )
    return next((found for way in ways if (found := way())), [])


def records_after(source: str, url: str, shown: int) -> Call | None:
    """Return the call for what follows the `shown` rows that a page brought along, where it names one."""
    return next((call for call, _ in _records(source, url, shown)), None)


def _units(source: str, url: str) -> list[Named]:
    """`<script src=…unitbuild.js url="/api-gateway/…" queryData="{'tagId':'…'}">` → GET with the data as its query."""
    found: list[tuple[int, Named]] = []
    for script in _tags_with(source, "queryData", "querydata"):
        told = {name.lower(): unescape(double or single) for name, double, single in _ATTRIBUTE.findall(script)}
        pairs = _query_data(told.get("querydata", ""))
        call = get(url, told.get("url", ""), pairs) if pairs and told.get("url") else None
        if call is not None:
            tag = dict(pairs).get("tagId", "")
            rank = (_LIST_UNIT.search(tag) is None) + 2 * (_OTHER_UNIT.search(tag) is not None)
            found.append((rank, (call, f"hanweb-jpaas: queryData of the unit {tag!r}")))
    best = min((rank for rank, _ in found), default=0)
    return [named for rank, named in found if rank == best][:1]


def _tags_with(source: str, *names: str) -> Iterator[str]:
    """Yield the tags in which one of the names stands."""
    for at in _places(source, names):
        start, end = source.rfind("<", max(0, at - _LONGEST_TAG), at), source.find(">", at, at + _LONGEST_TAG)
        if 0 <= start < end:
            yield source[start:end]


def _places(source: str, names: Sequence[str]) -> Iterator[int]:
    """Yield the first places of each name: looking for a word is far faster than for a form."""
    for name in names:
        at = source.find(name)
        for _ in range(_MOST_PLACES):
            if at < 0:
                break
            yield at
            at = source.find(name, at + len(name))


def _query_data(text: str) -> Pairs:
    try:
        value = json.loads(text)
        return [(str(k), str(v)) for k, v in value.items()] if isinstance(value, dict) else []
    except (ValueError, RecursionError):
        return [(name, quoted or bare) for name, quoted, bare in _PAIR.findall(text)]


def _records(source: str, url: str, shown: int) -> list[Named]:
    """`ajaxParam:{columnid:…, unitid:…, webid:…}` near `dataproxy.jsp` → POST, rows counted from 1."""
    if "jpage" not in source and "dataproxy" not in source:
        return []
    told: dict[str, str] = {}
    # A page begins with links that carry `columnid=`; the call's own parameters have colons.
    windows = (source[max(0, at - 500) : at + 1500] for at in _places(source, ("columnid",)))
    window = next((text for text in windows if _COLUMN.search(text)), "")
    for name, quoted, bare in _RECORD.findall(window):
        if name in told and "columnid" in told:
            break
        told[name] = quoted or bare
    if "columnid" not in told or "unitid" not in told:
        return []
    proxy = _PROXY.search(source)
    size = int(found[1]) if (found := _PER_PAGE.search(source)) else _USUAL_PAGE
    group = int(found[1]) if (found := _GROUP.search(source)) else _USUAL_GROUP
    span = f"startrecord={shown + 1}&endrecord={shown + size * group}&perpage={size}"
    try:
        where = join(url, f"{proxy[1] if proxy else '/module/web/jpage/dataproxy.jsp'}?{span}")
    except Invalid:
        return []
    body = urlencode([(name, told[name]) for name in _RECORD_NAMES if name in told])
    return [(Call("POST", where, body), f"hanweb-jcms: columnid {told['columnid']} and unitid {told['unitid']}")]


def _directory(source: str, url: str, address: str) -> list[Named]:
    """`…/gkmlpt/index#721` with `SID: '…'` → GET `…/gkmlpt/api/all/721?page=1&sid=…`; 0 stands for all columns."""
    where = _GKMLPT.match(urlsplit(url).path + "/")
    sid = _SID.search(source) if where is not None else None
    if where is None or sid is None:
        return []
    column = re.fullmatch(r"\d{1,9}", address.rpartition("#")[2]) if "#" in address else None
    number = column[0] if column else "0"
    call = get(url, f"{where[1]}/gkmlpt/api/all/{number}", [("page", "1"), ("sid", sid[1])])
    return [(call, f"guangdong: SID {sid[1]} in the source, column {number} in the address")] if call else []


def _literals(source: str, url: str) -> list[Named]:
    """A JSON file that a script loads by its plain name."""
    windows = (source[max(0, at - 320) : at + 220] for at in _places(source, (".json",)))
    names = dict.fromkeys(found[1] for window in windows if (found := _LITERAL.search(window)))
    calls = (get(url, unescape(name)) for name in names)
    return [(call, f"a script loads {urlsplit(call.url).path}") for call in calls if call is not None][:1]
