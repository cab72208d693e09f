"""A column's profile: stored, edited, checked, and obeyed when its listing is read."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover import Call, Profile, read_listing
from crawler.discover.profile import fits, pattern_of
from shared.errors import Invalid

URL = "http://www.qingyuan.example/xxgk/index.html"
PAGE = """<html><body><div class="main"><ul class="gl">
<li><a href="/zgtb/content/post_11.html">云岭镇整改情况公告</a><i>2025-10-29</i></li>
<li><a href="/zgtb/content/post_10.html">石桥镇整改情况公告</a><i>2025-10-28</i></li>
<li><a href="/gzdt/content/post_9.html">云岭镇召开整改工作会议</a><i>2025-10-27</i></li></ul></div>
<div id="side"><ul><li><a href="/zgtb/content/post_3.html">柳溪镇整改情况公告</a><i>2024-10-29</i></li></ul></div>
</body></html>""".encode()
WHOLE = Profile(
    "guangdong", "/zgtb/content/post_*.html", "ul.gl", (Call("POST", "http://a.example/p?x=1", "b=2"),), ("notice",)
)


def titles(profile: Profile | None) -> list[str]:
    return [item.title[:3] for item in read_listing(PAGE, URL, profile=profile, today=date(2025, 11, 1)).items]


def test_without_a_profile_the_page_s_own_list_is_found() -> None:
    assert titles(None) == titles(Profile()) == ["云岭镇", "石桥镇", "云岭镇"]


def test_a_pattern_takes_what_fits_it_wherever_it_stands() -> None:
    assert titles(Profile(link_pattern="/zgtb/content/post_*.html")) == ["云岭镇", "石桥镇", "柳溪镇"]
    assert titles(Profile(link_pattern="http://www.qingyuan.example/gzdt/*")) == ["云岭镇"]


def test_a_container_takes_what_stands_in_it() -> None:
    for container in ("#side", "div#side"):
        assert titles(Profile(container=container)) == ["柳溪镇"]
    assert titles(Profile(link_pattern="/zgtb/*", container=".gl")) == ["云岭镇", "石桥镇"]


def test_a_profile_that_nothing_fits_any_more_says_so() -> None:
    listing = read_listing(PAGE, URL, profile=Profile(container="div.gone", link_pattern="/x/*"))
    assert listing.items == ()
    assert "/x/* in div.gone" in listing.warnings[0]


def test_the_calls_of_a_profile_are_those_of_its_page() -> None:
    assert read_listing(PAGE, URL, profile=Profile(calls=WHOLE.calls)).requests == WHOLE.calls


def test_the_family_of_a_profile_is_not_detected_again() -> None:
    assert read_listing(PAGE, URL, profile=Profile(family="trs")).family == "trs"


def test_what_was_detected_makes_a_profile_that_reads_the_same() -> None:
    listing = read_listing(PAGE, URL)
    profile = Profile.of(listing)
    assert profile == Profile("guangdong", "/*/content/post_*.html", "ul.gl")
    assert read_listing(PAGE, URL, profile=profile).items == listing.items


def test_a_profile_is_kept_as_json() -> None:
    assert Profile.from_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE
    assert Profile.from_json({}) == Profile()


@pytest.mark.parametrize(
    ("edited", "told"),
    [
        ([], "an object"),
        ({"patern": "/a"}, "unknown in a profile: patern; known are family"),
        ({"family": 7}, "family of a profile is a text"),
        ({"link_pattern": ""}, "link_pattern of a profile is a text"),
        ({"link_pattern": "content/*"}, "begins with /"),
        ({"container": "ul > li"}, "tag.class"),
        ({"container": "ul[x]"}, "tag.class"),
        ({"calls": {}}, "calls of a profile is a list"),
        ({"calls": [{"method": "PUT", "url": "http://a.example/"}]}, '"GET" or "POST"'),
        ({"calls": [{"method": "GET", "url": "file:///etc/passwd"}]}, '"url"'),
        ({"calls": ["x"]}, '"method"'),
        ({"calls": [{"method": "POST", "url": "http://a.example/", "body": 1}]}, "body of a call"),
        ({"kinds": [""]}, "kind of notice"),
    ],
)
def test_an_edit_that_is_wrong_is_told_clearly(edited: object, told: str) -> None:
    with pytest.raises(Invalid, match=told.replace(".", r"\.")):
        Profile.from_json(edited)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["/a/202510/t20251029_11.html", "/a/202509/t20250930_10.html"], "/a/*/t*.html"),
        (["/c/post_9360641.html", "/c/post_9360642.html"], "/c/post_*.html"),
        (["/art/2025/10/29/art_1_2.html", "/art/2025/9/30/art_1_3.html"], "/art/2025/*/*/art_1_*.html"),
        (["/a/1.html", "/a/b/2.html"], "/a/*.html"),
        (["/view?id=1", "/view?id=2"], "/view?id=*"),
        (["/only.html"], None),
        ([], None),
    ],
)
def test_addresses_have_a_pattern_in_common(paths: list[str], pattern: str | None) -> None:
    urls = [f"http://www.qingyuan.example{path}" for path in paths]
    assert pattern_of(urls) == pattern
    assert pattern is None or all(fits(pattern, path) for path in paths)


@given(st.lists(st.text("ab1/.", min_size=1, max_size=8), min_size=2, max_size=5))
def test_every_address_fits_the_pattern_that_was_made_of_it(paths: list[str]) -> None:
    urls = [f"http://www.qingyuan.example/{path}" for path in paths]
    pattern = pattern_of(urls)
    assert pattern is not None
    assert all(Profile(link_pattern=pattern).takes(url) for url in urls)


@pytest.mark.timeout(10)
def test_a_pattern_of_many_stars_costs_no_more_than_its_length() -> None:
    assert not fits("*a" * 400 + "b", "a" * 1_000_000)
    assert fits("/*.html", "/.html")
    assert not fits("/a*a", "/a")
