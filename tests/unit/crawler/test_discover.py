"""What a listing shows: own fixtures of each known form, and the real pages where they are at hand."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discover import Call, Item, Listing, read_listing
from crawler.discover.dates import find, in_url, settle

URL = "https://www.example.gov.cn/xxgk/zgtb/index.html"
DAY = date(2025, 10, 29)


def read(body: str, url: str = URL, today: date | None = DAY) -> Listing:
    text = f"<html><head><title>整改通报</title></head><body>{body}</body></html>"
    return read_listing(text.encode(), url, "text/html", today=today)


def told(body: str, **kwargs: object) -> list[tuple[str, str, str | None]]:
    base = "https://www.example.gov.cn/xxgk/zgtb/"
    items = read(body, **kwargs).items  # type: ignore[arg-type]
    return [(i.url.removeprefix(base), i.title, i.date.isoformat() if i.date else None) for i in items]


def row(number: int, title: str = "整改进展情况的通报", day: str = "2025-10-29") -> str:
    return f'<li><a href="./t{number}.html">{title}{number}</a><span>{day}</span></li>'


NAV = "<div><a href='/'>首页</a><a href='/xxgk/'>政务公开</a><a href='/bs/'>办事大厅</a><a href='/h/'>互动</a></div>"

FORMS = {
    "a list with spans": "<ul><li><a href='1.html'>整改通报一</a><span>2025-10-28</span></li></ul>",
    "the date first": "<ul><li><span>[2025-10-28]</span><a href='1.html'>整改通报一</a></li></ul>",
    "the date inside the link": "<ul><li><a href='1.html'><p>整改通报一</p><span>2025-10-28</span></a></li></ul>",
    "the date in brackets behind the title": "<ul><li><a href='1.html'>整改通报一 [2025-10-28]</a></li></ul>",
    "a table": "<table><tr><td>1</td><td><a href='1.html'>整改通报一</a></td><td>2025年10月28日</td></tr></table>",
    "a font and a span": "<td><font><a href='1.html'>整改通报一</a></font><span>2025-10-28</span></td>",
    "day over month": "<li><div><b>28</b><i>2025-10</i></div><a href='1.html'>整改通报一</a></li>",
    "month over year": "<li><a href='1.html'>整改通报一</a><div><b>10-28</b><i>2025</i></div></li>",
    "a date with a time": "<li><a href='1.html'>整改通报一</a><em>2025-10-28 09:30:00</em></li>",
    "slashes": "<li><a href='1.html'>整改通报一</a>2025/10/28</li>",
    "dots": "<li><a href='1.html'>整改通报一</a>2025.10.28</li>",
    "no year": "<li><a href='1.html'>整改通报一</a>[10-28]</li>",
    "no year, in words": "<li><a href='1.html'>整改通报一</a>10月28日</li>",
    "a cut title": "<li><a href='1.html' title='整改通报一'>整改通...</a>2025-10-28</li>",
    "another cut": "<li><a href='1.html' title='整改通报一'>整改通…</a>2025-10-28</li>",
    "a bullet": "<li><a href='1.html'>· 整改通报一</a>2025-10-28</li>",
    "pinned": "<li><a href='1.html'>[置顶] 整改通报一</a>2025-10-28</li>",
    "a category beside": "<li><a href='/xxgk/fl/'>[通报]</a><a href='1.html'>整改通报一</a>2025-10-28</li>",
    "a picture first": "<li><a href='1.html'><img src='x'></a><a href='1.html'>整改通报一</a>2025-10-28</li>",
    "a fragment and a script": "<li><a href='1.html#top'>整改通报一</a><script>x()</script>2025-10-28</li>",
    "capitals": "<UL><LI><A HREF=1.html TARGET=_blank>整改通报一</A><SPAN>2025-10-28</SPAN></UL>",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_row_tells_address_title_and_date(form: str) -> None:
    assert told(NAV + FORMS[form]) == [("1.html", "整改通报一", "2025-10-28")]


def test_a_date_in_the_address_is_enough() -> None:
    rows = "".join(f"<li><a href='/2025/10/{day}/a.html'>整改进展通报</a></li>" for day in (11, 12, 13))
    listing = read(NAV + f"<ul>{rows}</ul>")
    assert [item.date for item in listing.items] == [date(2025, 10, 11), date(2025, 10, 12), date(2025, 10, 13)]


def test_a_number_of_its_own_is_enough_without_any_date() -> None:
    rows = "".join(f"<li><a href='/post_{n}.html'>整改进展通报{n}</a></li>" for n in (9360641, 9360642))
    assert [item.date for item in read(NAV + f"<ul>{rows}</ul>").items] == [None, None]


@pytest.mark.parametrize(
    "furniture",
    [
        "<div class='tools'><a href='/jc/20231205/1.html'>内容纠错</a><i>2023-12-05</i></div>",
        "<div class='drop'><a href='http://other.example/2018-06/22/content_1.htm'>国务院研究室</a></div>",
        "<div class='footer_wrap'><ul><li><a href='/post_11.html'>国务院部门网站群导航</a></li></ul></div>",
        "<ul class='m'><li><a href='/post_1.html'>机构职能</a></li><li><a href='/post_2.html'>内设机构</a></li></ul>",
    ],
)
def test_the_furniture_of_a_site_is_no_list_of_notices(furniture: str) -> None:
    assert read(NAV + furniture).items == ()


def test_items_keep_the_order_of_the_page_even_when_one_is_pinned() -> None:
    rows = row(3, "置顶：旧通报", "2024-01-01") + row(2) + row(1, day="2025-10-20")
    assert [address for address, _, _ in told(f"<ul>{rows}</ul>")] == ["t3.html", "t2.html", "t1.html"]


def test_a_notice_that_is_shown_twice_is_one_item() -> None:
    rows = "<li><a href='t1.html'>整改通...</a>2025-10-28</li><li><a href='./t1.html'>整改通报一</a>2025-10-28</li>"
    assert told(f"<ul>{rows}</ul>") == [("t1.html", "整改通报一", "2025-10-28")]


def test_the_date_in_the_head_of_a_page_makes_no_item() -> None:
    head = "<div>今天是2025年10月29日 <a href='/wza.html'>无障碍浏览</a></div>"
    foot = "<div>版权所有 2025-10-29 <a href='/map.html'>网站地图页</a></div>"
    assert [address for address, _, _ in told(head + f"<ul>{row(1)}{row(2)}</ul>" + foot)] == ["t1.html", "t2.html"]


def test_a_date_within_a_title_stays_there() -> None:
    listing = told("<li><a href='1.html'>关于2024年5月1日起实施新规的通告</a>2025-10-28</li>")
    assert listing == [("1.html", "关于2024年5月1日起实施新规的通告", "2025-10-28")]


def test_items_on_another_host_are_kept_and_reported() -> None:
    listing = read(f"<ul>{row(1)}<li><a href='http://news.example.cn/a.html'>转载的通报</a>2025-10-01</li></ul>")
    assert len(listing.items) == 2
    assert listing.warnings == ("1 items lead to another host: news.example.cn",)


def test_a_base_element_moves_the_links() -> None:
    text = (
        "<html><head><base href='/other/'></head><body><li><a href='a.html'>整改通报一</a>2025-10-28</li></body></html>"
    )
    items = read_listing(text.encode(), URL).items
    assert items == (Item("https://www.example.gov.cn/other/a.html", "整改通报一", date(2025, 10, 28)),)


def test_a_base_element_that_names_only_a_window_moves_nothing() -> None:
    assert told(f"<base target='_blank'>{row(1)}")[0][0] == "t1.html"
    assert told(f"<base target='_blank'><base href='/other/'>{row(1)}")[0][0].endswith("/other/t1.html")


def test_a_year_that_is_left_out_is_the_latest_that_is_not_ahead() -> None:
    assert told("<li><a href='1.html'>整改通报一</a>[12-30]</li>")[0][2] == "2024-12-30"
    assert told("<li><a href='1.html'>整改通报一</a>[12-30]</li>", today=None)[0][2] is None
    assert told("<li><a href='/202212/a.html'>整改通报一</a>[12-30]</li>")[0][2] == "2022-12-30"


def test_a_template_has_no_items_and_says_so() -> None:
    for href in ("#", "javascript:;", "{{url}}", "{{pcUrl}}", "${item.url}"):
        rows = f"<li><a href='{href}'>整改通报标题占位</a><span>2025-10-28</span></li>" * 3
        listing = read(f"<ul>{rows}</ul>")
        assert listing.items == ()
        assert "template" in listing.warnings[0]


def test_a_list_that_a_script_fills_says_so() -> None:
    listing = read(NAV + "<div>{{#each data}}<a href='{{url}}'>{{title}}</a>{{/each}}</div>")
    assert listing.items == ()
    assert "script" in listing.warnings[0]


def test_a_page_without_a_list_says_so() -> None:
    assert read(NAV).warnings == ("no items: nothing on the page looks like a list of notices",)
    assert read_listing(b"", URL).warnings == ("the page is empty",)


def test_a_list_in_a_comment_is_found_and_reported() -> None:
    listing = read(NAV + f"<ul><!-- <a href='/x'>y</a> --><!--{row(1)}{row(2)}{row(3)}--></ul>")
    assert len(listing.items) == 3
    assert "comment" in listing.warnings[0]


def test_a_comment_does_not_outweigh_a_visible_list() -> None:
    listing = read(f"<ul>{row(1)}{row(2)}</ul><!--{row(7)}{row(8)}{row(9)}-->")
    assert [item.title[-1] for item in listing.items] == ["1", "2"]


LIST = f"<ul>{row(1)}{row(2)}</ul>"
HERE = "https://www.example.gov.cn/xxgk/zgtb/"
NEXT = {
    "a call that counts from zero": ("createPageHTML(5, 0, 'index', 'html');", URL, "index_1.html"),
    "the same further on": ('createPageHTML(5, 3,"index","htm")', HERE + "index_3.htm", "index_4.htm"),
    "the same at the end": ("createPageHTML(5, 4, 'index', 'html');", HERE + "index_4.html", None),
    "a single page": ("createPageHTML(1, 0, 'index', 'html');", URL, None),
    "a call that counts from one": ("createPageHTML('page_div',10, 1,'list','shtml',200);", URL, "list_2.shtml"),
    "that one at the end": ("createPageHTML('page_div',10, 10,'list','shtml',200);", HERE + "list_10.shtml", None),
    "a definition is no call": ("function createPageHTML(count, current, name, ext) {}", URL, None),
}


@pytest.mark.parametrize("name", NEXT)
def test_a_script_tells_the_next_page(name: str) -> None:
    script, url, following = NEXT[name]
    listing = read(LIST + f"<script>{script}</script>", url=url)
    assert listing.next == ((HERE + following,) if following else ())


PAGERS = {
    "a word": "<a href='index_2.html'>下一页</a>",
    "a word with an arrow": "<a href='index_2.html'>下一页 &gt;</a>",
    "another word": "<a href='index_2.html'>[下页]</a>",
    "a relation": "<a rel='next' href='index_2.html'>older</a>",
    "an arrow": "<a href='index_2.html'>&gt;</a>",
    "numbers": "<a href='#'>1</a><a href='index_2.html'>2</a><a href='index_3.html'>3</a>",
    "an attribute": "<a tagname='/xxgk/zgtb/index_2.html' onclick='go(this)'>下一页</a>",
    "a call": "<a href='javascript:;' onclick=\"go(this,'/xxgk/zgtb/index_2.html')\">下一页</a>",
}


@pytest.mark.parametrize("name", PAGERS)
def test_a_pager_tells_the_next_page(name: str) -> None:
    listing = read(LIST + f"<div>{PAGERS[name]}</div>")
    assert listing.next == (HERE + "index_2.html",)
    assert len(listing.items) == 2


def test_numbers_go_on_from_the_page_itself() -> None:
    pager = "".join(f"<a href='index_{n}.html'>{n}</a>" for n in range(2, 6))
    assert read(LIST + pager, url=HERE + "index_3.html").next == (HERE + "index_4.html",)


def test_the_last_page_has_no_next() -> None:
    assert read(LIST + "<a href='index.html'>下一页</a>").next == ()
    assert read(LIST + "<a tagname='[NEXTPAGE]'>下一页</a><a href='javascript:;'>2</a>").next == ()


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("trs", LIST + "<script>createPageHTML(2, 0, 'index', 'html')</script>"),
        ("ucap", LIST + "<script>createPageHTML('page_div', 2, 1, 'index', 'shtml', 30)</script>"),
        ("easysite", "<font class='newslist_style'><a href='1.html'>整改通报一</a></font>"),
        ("guangdong", "<li><a href='/post_9360641.html'>云岭镇整改情况通报</a></li>"),
        ("vsb", "<li><a href='/info/1024/5566.htm'>云岭镇整改情况通报</a></li>"),
        (None, LIST),
    ],
)
def test_a_publishing_system_is_known_by_its_mark(family: str | None, body: str) -> None:
    assert read(body).family == family


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-10-29", DAY),
        ("发布日期：2025年10月29日 来源", DAY),
        ("2025年 10月 9日", date(2025, 10, 9)),
        ("20251029", DAY),
        ("截止2025-11-30 发布2025-10-29", DAY),
        ("2025-13-40", None),
        ("13812345678", None),
        ("10:28", None),
        ("第3-5期", None),
        ("10-29", DAY),
        ("[10/29]", DAY),
        ("10月9日", date(2025, 10, 9)),
        ("020-12345678", None),
        ("1.2.3", None),
        ("", None),
    ],
)
def test_dates_in_text(text: str, day: date | None) -> None:
    assert settle(find(text), "http://site.example/", DAY) == day


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/202510/t20251029_974894.shtml", DAY),
        ("/art/2025/10/29/art_80179_1.html", DAY),
        ("/2025-10/29/content_1.htm", DAY),
        ("/20251029/abc.html", DAY),
        ("/113469/2025102918132329141/index.html", DAY),
        ("/content_20251329.html", None),
        ("/c110634/202511/174240943.shtml", None),
        ("/post_9360641.html", None),
    ],
)
def test_dates_in_addresses(path: str, day: date | None) -> None:
    assert in_url("http://www.example.gov.cn" + path) == day


HOSTILE = {
    "deep nesting": b"<div>" * 200_000 + b"<a href=1.html>x</a>",
    "deep links": b"<a href=1>" * 50_000,
    "open comments": b"<!--" * 500_000,
    "many links": b"<li><a href='1.html'>abcde</a>2025-10-28</li>" * 60_000,
    "one endless row": b"<li><a href='1.html'>abcde</a>" + b"<b>2025-1</b>" * 200_000,
    "an endless attribute": b"<a href='" + b"a/" * 500_000 + b"' title='" + b"2025-10-" * 200_000 + b"'>x...</a>",
    "endless calls": b"createPageHTML(" * 200_000,
    "spaces": b"<script>createPageHTML" + b" " * 1_000_000 + b"</script>",
    "nothing but NUL": b"\0" * 100_000,
    "a strange charset": b"<meta charset='unicode_escape'><a href=1>\\x41</a>",
    "a bomb for a charset": b"<meta charset=zlib_codec>x",
    "a tag of many attributes": b"<a href=1.html " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">abcde</a>",
    "links in links": b"<div><a href=1.html>" * 100_000,
    "links in links in tables": b"<table><tr><td><a href=1.html>abcde 2025-10-28" * 50_000,
    "ends and templates": b"</html><b></b><template><select></select>" * 50_000,
    "ten megabytes": b"<p>2025" * 1_500_000,
    "a feed of one endless item": b"<rss><channel><item>" + b"<title>a" * 100_000,
    "a deep feed": b"<feed>" + b"<entry>" * 150_000,
    "a sitemap of nothing": b"<urlset>" + b"<url><loc></loc></url>" * 50_000,
    "comments before a root": b"<!-- " * 200_000 + b"<rss/>",
    "open records": b"<datastore>" + b"<record><![CDATA[<li>" * 50_000,
    "deep JSON": b'{"a":' * 200_000,
    "deep lists": b"[" * 1_000_000,
    "many objects": b"[" + b'{"url":"/1.html","title":"x"},' * 30_000 + b"{}]",
    "many units": b"<script queryData=\"{'a':'b'" * 40_000,
    "many endpoints": b"$.getJSON('a.json" * 60_000,
    "many columns": b"jpage columnid:" * 60_000,
    "headings and lists": b"<ul><li><a href='1.html'>abcde</a>2025-10-28</li></ul><h2>x</h2>" * 15_000,
    "lists in lists": b"<ul><li><a href='1.html'>abcde</a>2025-10-28" * 20_000,
    "clicks": b"<div onclick=\"open('/a/b.html')\"><p>" * 25_000,
    "an XML declaration": b"<?xml version='1.0' encoding='utf-16'?><a href='/1'>x</a>",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(name: str) -> None:
    listing = read_listing(HOSTILE[name], URL, "text/html")
    assert listing.items or listing.warnings


def test_the_end_of_a_page_that_is_too_large_is_cut_off_and_this_is_told() -> None:
    listing = read(LIST + "<b>x</b>" * 130_000 + row(3))
    assert [item.title[-1] for item in listing.items] == ["1", "2"]
    assert "too large" in listing.warnings[0]


def test_a_list_after_an_early_end_or_at_any_depth_is_found() -> None:
    assert len(read(NAV + f"</body></html>{LIST}").items) == 2
    assert len(read("<div>" * 3_000 + LIST).items) == 2


def test_a_large_block_of_text_is_no_row_of_a_list() -> None:
    text = "<p>第一条 本办法自2024年5月1日起施行。</p>" * 15
    assert told(f"<ul>{row(1)}</ul><div>{text}{'<br>' * 200}<a href='a.pdf'>附件全文下载</a></div>")[1:] == []


def test_white_space_in_the_source_hides_no_title() -> None:
    assert told("<li><a href='1.html'>" + " " * 5_000 + "整改通报一</a>2025-10-28</li>")[0][1] == "整改通报一"


START = st.sampled_from(
    [b"", b"<html>", b"<rss>", b"<urlset>", b"<datastore><record>", b"{", b"[{", b"\x1f\x8b\x08", b"http://a.b/"]
)


@settings(max_examples=150)
@given(START, st.binary(max_size=500), st.none() | st.text(max_size=30))
def test_any_bytes_are_a_listing(start: bytes, body: bytes, content_type: str | None) -> None:
    call = Call("POST", URL + "?startrecord=1&endrecord=9", body.decode("latin-1"))
    for brought_by in (None, call):
        listing = read_listing(start + body, URL, content_type, today=DAY, call=brought_by)
        assert listing.items or listing.next or listing.warnings


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["url", "title", "date", "total", "articles", "data", "html", "items"]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_a_listing(value: object) -> None:
    listing = read_listing(json.dumps(value).encode(), URL, "application/json", today=DAY)
    assert listing.items or listing.warnings


TAGS = st.sampled_from(["<li>", "</li>", "<a href='1.html'>", "<a href='{{u}}'>", "</a>", "2025-10-28", "<!--", "-->"])


@given(st.lists(TAGS | st.text(max_size=5), max_size=30))
def test_any_heap_of_tags_is_a_listing(pieces: list[str]) -> None:
    listing = read_listing("".join(pieces).encode("utf-8", "replace"), URL)
    assert all(item.url.startswith("http") for item in listing.items)


def test_bytes_are_decoded_as_they_are_and_not_as_they_claim() -> None:
    body = f"<meta charset=gb2312><ul>{LIST}</ul>"
    title = "整改进展情况的通报1"
    assert read_listing(body.encode("gb18030"), URL).items[0].title == title
    assert read_listing(body.encode(), URL, "text/html; charset=GB2312").items[0].title == title
    assert read_listing(body.encode("utf-16"), URL).items[0].title == title
    assert read_listing(b"\xef\xbb\xbf" + body.encode(), URL).items[0].title == title


@pytest.mark.parametrize("hidden", ["&#x1b;", "&#7;", "\x1b", "&#xFFFE;", "&#xAD;", "&#x202E;", "&#x200b;"])
def test_no_control_character_gets_into_a_title(hidden: str) -> None:
    shown = f"<a href='1.html' title='整改{hidden}进展情况'>整改{hidden}进展情况</a>"
    assert told(f"<ul><li>{shown}<span>2025-10-28</span></li></ul>") == [("1.html", "整改进展情况", "2025-10-28")]
