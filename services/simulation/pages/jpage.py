"""The manner of Hanweb with its list behind a call: the page of a column is empty, and a script asks a proxy for the
rows by POST, some at a time. Notices look as in `hanweb`.
"""

from html import escape
from urllib.parse import parse_qs, urlsplit

from services.simulation.pages import hanweb
from services.simulation.pages.facts import Item, ListingFacts

PROXY = "/module/web/jpage/dataproxy.jsp"
UNIT = 4401


def listing(facts: ListingFacts) -> str:
    """The page of a column, whichever number it has: it names the call, and shows no row."""
    who, column = facts.publisher, 1201 + facts.column_number
    page = hanweb.listing(ListingFacts(who, facts.column_name, facts.column_path, (), 0, 1, 0))
    script = f"""<div id="{UNIT}" class="default_pgContainer"></div>
<script type="text/javascript" src="/script/jpage/jpage.js"></script>
<script type="text/javascript">
$("#{UNIT}").jpage({{
  dataBefore: "", dataAfter: "", perPage: {facts.page_size}, groupSize: 1, totalRecord: {facts.total},
  proxyUrl: "{who.prefix}{PROXY}",
  ajaxParam: {{ col: 1, appid: 1, webid: 1, path: "/", columnid: {column}, sourceContentType: 1, unitid: {UNIT},
    webname: "{who.site_name}", permissiontype: 0 }}
}});
</script>
"""
    return page.replace('<div class="default_pgContainer"><ul>\n\n</ul></div>', script)


def asked_for(path: str, posted: str) -> tuple[int, int, int] | None:
    """Which column's rows a call asks for, from which to which (both counted from 1); None if it is no such call."""
    parts = urlsplit(path)
    if not parts.path.endswith(PROXY):
        return None
    query, words = parse_qs(parts.query), parse_qs(posted)
    try:
        column = int(words["columnid"][0]) - 1201
        return column, int(query["startrecord"][0]), int(query["endrecord"][0])
    except (KeyError, ValueError):
        return None


def answer(items: tuple[Item, ...], total: int, page_size: int) -> str:
    """The rows of a column as the proxy gives them."""
    rows = "".join(
        f'<record><![CDATA[<li><a href="{item.path}" title="{escape(item.title)}" target="_blank">'
        f"{escape(item.title)}</a><span>{item.published_at:%Y-%m-%d}</span></li>]]></record>"
        for item in items
    )
    pages = -(-total // page_size)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><datastore><totalrecord>{total}</totalrecord>'
        f"<totalpage>{pages}</totalpage><recordset>{rows}</recordset></datastore>"
    )
