"""What the hosts serve: three families, their listings and pagers, and bytes that are not what they say they are."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from services.simulation.pages.facts import cut
from services.simulation.premises import DEFAULT_HOSTS
from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import ask

TRS, GUANGDONG, HANWEB = DEFAULT_HOSTS
CHARSETS = {TRS: "utf-8", GUANGDONG: "gb18030", HANWEB: "utf-8"}


@pytest.fixture(scope="module")
def site() -> Iterator[DisclosureSite]:
    with DisclosureSite(seed=7, notices=5, page_size=2, columns=2) as running:
        yield running


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("host", DEFAULT_HOSTS)
def test_the_pages_of_a_notice_hold_its_whole_text(site: DisclosureSite, host: str) -> None:
    for notice in site.truth()["notices"]:
        if notice["host"] == host:
            rest = squeezed("".join(notice["body"]))
            for url in notice["pages"]:
                text = squeezed(unescape(re.sub(r"<[^>]+>", "", ask(url).text(CHARSETS[host]))))
                cut = next(end for end in range(len(rest), 0, -1) if rest[:end] in text)
                rest = rest[cut:]
                assert notice["title"] in text
                assert "浏览次数" in text or "位访问者" in text
            assert not rest


def test_one_host_spreads_long_notices_over_pages_that_a_script_names(site: DisclosureSite) -> None:
    pages = {host: [len(one["pages"]) for one in site.truth()["notices"] if one["host"] == host] for host in CHARSETS}
    assert set(pages[TRS]) == {1, 2}
    assert set(pages[GUANGDONG]) == set(pages[HANWEB]) == {1}
    long = next(one for one in site.truth()["notices"] if len(one["pages"]) == 2)
    name = long["url"].rpartition("/")[2].removesuffix(".html")
    for place, url in enumerate(long["pages"]):
        assert f'createPageHTML(2, {place}, "{name}", "html")' in ask(url).text("utf-8")


def test_one_host_declares_gb2312_over_gb18030_bytes(site: DisclosureSite) -> None:
    reply = ask(site.urls(GUANGDONG)[0])
    assert b"charset=gb2312" in reply.body
    assert reply.headers["content-type"] == "text/html"
    assert "垚山市" in reply.text("gb18030")
    with pytest.raises(UnicodeDecodeError):
        reply.text("gb2312")


def test_one_host_gives_the_time_of_generation_as_pub_date(site: DisclosureSite) -> None:
    notice = next(each for each in site.truth()["notices"] if each["host"] == GUANGDONG)
    page = ask(notice["url"]).text("gb18030")
    assert f"时间：{notice['published_on']}" in page
    stated = re.search(r'NAME="PubDate" CONTENT="([\d-]+)', page)
    assert stated is not None
    assert stated[1] != notice["published_on"]


@pytest.mark.parametrize(
    ("host", "second", "date"),
    [
        (TRS, "index_1.html", r"<span class=\"date\">2025-\d\d-\d\d</span>"),
        (GUANGDONG, "index_2.html", r"<span>\[\d\d-\d\d\]</span>"),
        (HANWEB, "index_p2.html", r"<span>2025年\d+月\d+日</span>"),
    ],
)
def test_listings_are_paged_and_dated_in_each_familys_manner(
    site: DisclosureSite, host: str, second: str, date: str
) -> None:
    told = next(each for each in site.truth()["listings"] if each["host"] == host)
    assert len(told["pages"]) == 3
    assert told["pages"][1].endswith(second)
    pages = [ask(url).text(CHARSETS[host]) for url in told["pages"]]
    assert all(len(re.findall(date, page)) >= 1 for page in pages)
    linked = "".join(pages)
    for url in told["listed"]:
        assert re.search(rf'href="(http://{host}:{site.port})?{re.escape(url.partition(str(site.port))[2])}"', linked)


def test_pagers_name_the_next_page(site: DisclosureSite) -> None:
    assert 'createPageHTML(3, 0, "index", "html")' in ask(site.listing_url(TRS)).text()
    assert '<a href="index_3.html">3</a>' in ask(site.listing_url(GUANGDONG)).text("gb18030")
    assert '<a href="index_p2.html">下一页</a>' in ask(site.listing_url(HANWEB)).text()


def test_the_pinned_item_stands_first_though_it_is_the_oldest(site: DisclosureSite) -> None:
    page = ask(site.listing_url(HANWEB)).text()
    first = re.search(r'<li[^>]*>.*?href="([^"]+)"', page)
    assert first is not None
    assert site.urls(HANWEB)[0].endswith(first[1])
    assert "[置顶]" in page


def test_long_titles_are_cut_in_the_text_and_whole_in_the_attribute(site: DisclosureSite) -> None:
    page = ask(site.listing_url(TRS)).text()
    notice = [each for each in site.truth()["notices"] if each["host"] == TRS][-1]
    assert f'title="{notice["title"]}"' in page
    assert f">{cut(notice['title'])}</a>" in page
    assert cut(notice["title"]).endswith("...")


def test_every_first_page_links_to_a_forbidden_page_that_robots_disallows(site: DisclosureSite) -> None:
    for host, forbidden in zip(DEFAULT_HOSTS, site.truth()["forbidden"], strict=True):
        assert forbidden.startswith(f"http://{host}:{site.port}/internal/")
        assert "/internal/exchange.html" in ask(site.listing_url(host)).text(CHARSETS[host])
        robots = ask(f"http://{host}:{site.port}/robots.txt")
        assert robots.status == 200
        assert "Disallow: /internal/" in robots.text()


def test_the_second_column_is_a_listing_of_its_own(site: DisclosureSite) -> None:
    page = ask(site.listing_url(TRS, column=1)).text()
    assert "通知公告" in page
    assert "t2025" not in page


def test_the_home_page_links_to_the_columns_and_unknown_paths_are_404(site: DisclosureSite) -> None:
    assert "/xxgk/xszg/index.html" in ask(f"http://{TRS}:{site.port}/").text()
    assert ask(f"http://{TRS}:{site.port}/nothing.html").status == 404
    assert ask(site.listing_url(TRS).removesuffix("index.html")).status == 200
