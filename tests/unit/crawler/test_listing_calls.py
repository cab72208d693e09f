"""The calls that bring a list: which one follows, and where a list ends."""

import gzip
import json

import pytest

from crawler.discover import Call, read_listing
from crawler.discover.calls import following

SITE = "http://www.qingyuan.example"
PAGE = f"{SITE}/col/col8415/index.html"
PROXY = f"{SITE}/module/web/jpage/dataproxy.jsp"


def store(rows: int, total: int, following: str = "") -> bytes:
    records = "".join(
        f"<record><![CDATA[<li><a href='/art/2025/10/{n % 28 + 1}/art_1_{n}.html'>整改情况公告{n}</a></li>]]></record>"
        for n in range(rows)
    )
    group = f"<nextgroup><![CDATA[<a href='{following}'></a>]]></nextgroup>" if following else ""
    return f"<datastore><totalrecord>{total}</totalrecord>{group}<recordset>{records}</recordset></datastore>".encode()


def directory(rows: int, total: int) -> bytes:
    articles = [
        {"url": f"/c/post_{n}.html", "title": f"整改情况公告{n}", "create_time": 1_760_000_000} for n in range(rows)
    ]
    return json.dumps({"articles": articles, "total": total}).encode()


RECORDS = Call("POST", f"{PROXY}?startrecord=1&endrecord=75&perpage=25", "columnid=1")
UNIT = f"{SITE}/unit?parseType=x&tagId=y"


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        (RECORDS, f"{PROXY}?startrecord=76&endrecord=150&perpage=25"),
        (Call("GET", f"{SITE}/gkmlpt/api/all/721?page=2&sid=9"), f"{SITE}/gkmlpt/api/all/721?page=3&sid=9"),
        (Call("GET", UNIT), f"{UNIT}&paramJson=%7B%22pageNo%22%3A2%7D"),
        (Call("GET", f"{SITE}/a.json"), None),
        (Call("GET", f"{SITE}/unit?paramJson=%5B1%5D"), None),
        (Call("GET", f"{SITE}/p?startrecord=9&endrecord=1"), None),
        (Call("GET", f"{SITE}/list?page=last"), None),
    ],
)
def test_the_next_call_asks_for_what_follows(asked: Call, then: str | None) -> None:
    found = following(asked)
    assert (found.url if found else None) == then
    assert found is None or (found.method, found.body) == (asked.method, asked.body)


def test_a_page_number_in_a_form_is_counted_on() -> None:
    asked = Call("POST", f"{SITE}/search", "channel=整改&pageNo=1")
    assert following(asked) == Call("POST", f"{SITE}/search", "channel=%E6%95%B4%E6%94%B9&pageNo=2")


def test_a_list_ends_where_its_total_is_reached() -> None:
    call = Call("POST", f"{PROXY}?startrecord=1&endrecord=3&perpage=3", "columnid=1")
    assert read_listing(store(3, 7), PAGE, call=call).requests[0].url.endswith("startrecord=4&endrecord=6&perpage=3")
    assert read_listing(store(3, 3), PAGE, call=call).requests == ()
    again = Call("GET", f"{SITE}/gkmlpt/api/all/721?page=2&sid=9")
    assert read_listing(directory(3, 203), PAGE, call=again).requests[0].url.endswith("page=3&sid=9")
    assert read_listing(directory(3, 103), PAGE, call=again).requests == ()


def test_an_empty_answer_asks_for_nothing_more_and_says_so() -> None:
    call = Call("POST", f"{PROXY}?startrecord=1&endrecord=3", "columnid=1")
    listing = read_listing(store(0, 9), PAGE, call=call)
    assert listing.requests == ()
    assert "no items" in listing.warnings[0]


def test_the_answer_names_the_next_group_itself() -> None:
    call = Call("GET", f"{PROXY}?page=1&columnid=1")
    listing = read_listing(store(2, 99, "./dataproxy.jsp?page=2&columnid=1"), PAGE, call=call)
    assert (listing.next, listing.requests) == ((), (Call("GET", f"{PROXY}?page=2&columnid=1"),))


def test_what_was_got_plainly_goes_on_by_its_address() -> None:
    listing = read_listing(directory(2, 203), f"{SITE}/gkmlpt/api/all/721?page=1&sid=9")
    assert (listing.next, listing.requests) == ((f"{SITE}/gkmlpt/api/all/721?page=2&sid=9",), ())


def test_rows_that_a_page_brought_along_are_not_asked_for_again() -> None:
    script = "<script>$('#1').jpage({totalRecord:90,perPage:2,ajaxParam:{columnid:8415,unitid:'1'}});</script>"
    page = (
        b"<html><body><p></p><script type='text/xml'>"
        + store(2, 90)
        + b"</script>"
        + script.encode()
        + b"</body></html>"
    )
    listing = read_listing(page, PAGE)
    assert len(listing.items) == 2
    assert listing.requests == (Call("POST", f"{PROXY}?startrecord=3&endrecord=8&perpage=2", "columnid=8415&unitid=1"),)


def test_a_call_that_answers_with_a_page_is_counted_on() -> None:
    page = "<ul><li><a href='/a/1.html'>云岭镇整改情况公告</a>2025-10-29</li></ul>".encode()
    call = Call("POST", f"{SITE}/search", "channel=7&pageNo=1")
    assert read_listing(page, PAGE, call=call).requests == (Call("POST", f"{SITE}/search", "channel=7&pageNo=2"),)
    assert read_listing(b"<ul></ul>", PAGE, call=call).requests == ()


def test_a_directory_without_a_column_in_its_address_is_asked_for_whole() -> None:
    page = b"<html><body><script>window._CONFIG = { SID: '9' }</script></body></html>"
    calls = read_listing(page, f"{SITE}/qyhbj/gkmlpt/index").requests
    assert calls == (Call("GET", f"{SITE}/qyhbj/gkmlpt/api/all/0?page=1&sid=9"),)


def test_a_compressed_sitemap_is_read_within_a_bound() -> None:
    site_map = b"<urlset><url><loc>http://www.qingyuan.example/zgtb/20251029/1.html</loc></url></urlset>"
    assert len(read_listing(gzip.compress(site_map), f"{SITE}/sitemap.xml.gz").items) == 1
    bomb = gzip.compress(site_map[:-9] + b" " * 20_000_000)
    assert "left out" in read_listing(bomb, f"{SITE}/sitemap.xml.gz").warnings[-1]
    assert read_listing(gzip.compress(site_map)[:30], f"{SITE}/sitemap.xml.gz").warnings


def test_a_feed_with_entities_is_refused() -> None:
    feed = (
        b"<rss><!ENTITY x 'y'><channel><item><title>&x;</title><link>http://a.example/1</link></item></channel></rss>"
    )
    listing = read_listing(feed, f"{SITE}/rss.xml")
    assert listing.items == ()
    assert "refused" in listing.warnings[0]


@pytest.mark.parametrize("half", ["&#xD800;", "&#55296;", "&#xdfff;", "&#x000D800;", "&#057343;"])
def test_references_to_halves_of_characters_break_no_feed(half: str) -> None:
    feed = (
        f"<rss><channel><item><title>整改{half}通报</title><link>http://a.example/1?{half}</link>"
        f"<pubDate>{half}</pubDate></item><item><title a='{half}'>整改通报二</title>"
        "<link>http://a.example/2</link></item></channel></rss>"
    )
    assert "http://a.example/2" in [item.url for item in read_listing(feed.encode(), f"{SITE}/rss.xml").items]
    assert read_listing(feed.replace(half, half.rstrip(";")).encode(), f"{SITE}/rss.xml").family == "rss"


def test_references_to_characters_are_kept() -> None:
    feed = "<rss><channel><item><title>&#25972;&#x6539;通报&#55203;</title><link>http://a.example/1</link></item></channel></rss>"
    assert [item.title for item in read_listing(feed.encode(), f"{SITE}/rss.xml").items] == ["整改通报힣"]
