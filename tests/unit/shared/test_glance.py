"""A page at a glance: what is seen, by linear scans, and what makes a home page or a notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.glance import Glance, is_root

TEXT = "关于调整窗口时间的通知：请各单位知悉，并转告服务对象。"


def test_a_page_goes_on_after_an_early_end() -> None:
    page = Glance(f"<html><title>通知 &amp; 公告</title></html><p>{TEXT}</p></body>")
    assert (page.title, page.text) == ("通知 & 公告", TEXT)


def test_scripts_and_comments_are_not_visible() -> None:
    page = Glance(f"<p>{TEXT}</p><!-- a --><script>b</script><STYLE>c</STYLE ><select><option>d</select>")
    assert page.text == TEXT


@pytest.mark.timeout(60)
@pytest.mark.parametrize("attributes", [" ".join(f"a{n}" for n in range(100_000)), "title='" + "x" * 1_000_000 + "'"])
def test_a_long_tag_is_read_in_bounded_time(attributes: str) -> None:
    assert Glance(f"<p {attributes}>{TEXT}</p>").text == TEXT


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["<a ", "<a href", "<a x>", "<script>", "<!--", "<title ", "<meta name=", "发布时间：<"]
)
def test_repetitions_are_looked_at_in_linear_time(part: str) -> None:
    page = Glance(part * (200_000 // len(part)))
    assert (page.title, page.is_home, page.is_article) == (page.title, False, False)


@given(st.text(alphabet="<>a /!-=\"'titlescrp发布时间：2026&;", max_size=200))
def test_whatever_it_holds_a_page_can_be_glanced_at(source: str) -> None:
    page = Glance(source)
    assert isinstance((page.title, page.text, page.is_home, page.is_article), tuple)


@pytest.mark.parametrize("line", ["发布时间：2026-05-08", "发布日期:<span>2026年5月8日</span>", "成文日期 ： 2026"])
def test_a_labelled_day_of_publication_makes_a_notice(line: str) -> None:
    assert Glance(f"<p>{line}</p>").is_article


def test_the_time_at_which_a_request_was_blocked_makes_none() -> None:
    assert not Glance("<p>您的请求被拦截。时间：2026-05-08 10:11:12</p>").is_article


@pytest.mark.parametrize(("url", "root"), [("http://a.example", True), ("http://a.example/index.html", True)])
def test_the_address_of_a_site_is_its_root(url: str, root: bool) -> None:
    assert is_root(url) is root
    assert not is_root(url.removesuffix("index.html") + "/xw/1.html")
