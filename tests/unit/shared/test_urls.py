"""One spelling per URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.urls import call_key, canonical, fragment_of, host_of, join, listing_url, origin_of

SPELLINGS = {
    "HTTP://WWW.Example.GOV.cn": "http://www.example.gov.cn/",
    "http://example.cn:80/a": "http://example.cn/a",
    "https://example.cn:443/a": "https://example.cn/a",
    "https://example.cn:80/a": "https://example.cn:80/a",
    "http://example.cn:/a": "http://example.cn/a",
    "http://example.cn./a": "http://example.cn/a",
    "http://example.cn/a#part": "http://example.cn/a",
    "http://example.cn/a?": "http://example.cn/a",
    "http://example.cn/a/./b/../c": "http://example.cn/a/c",
    "http://example.cn/../../a": "http://example.cn/a",
    "http://example.cn/a/..": "http://example.cn/",
    "http://example.cn/a/.": "http://example.cn/a/",
    "http://example.cn//a//b": "http://example.cn//a//b",
    "http://example.cn/%7euser/%e4%b8%ad": "http://example.cn/~user/%E4%B8%AD",
    "http://example.cn/中 文": "http://example.cn/%E4%B8%AD%20%E6%96%87",
    "http://example.cn/a%2Fb": "http://example.cn/a%2Fb",
    "http://example.cn/100%": "http://example.cn/100%25",
    "http://example.cn/a?b=2&a=1&jsessionid=x": "http://example.cn/a?b=2&a=1&jsessionid=x",
    "http://example.cn/a?q=中+文": "http://example.cn/a?q=%E4%B8%AD+%E6%96%87",
    " http://example.cn/a\n": "http://example.cn/a",
    "http://example.cn/a\tb": "http://example.cn/ab",
    "http://example.cn/a\\b": "http://example.cn/a/b",
    "http://政府.example/": "http://xn--mxtq1m.example/",
    "http://[2001:0DB8:0:0::1]:80/": "http://[2001:db8::1]/",
    "http://[2001:db8::1]:8080/": "http://[2001:db8::1]:8080/",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_one_address_meet_in_one_form(spelling: str) -> None:
    assert canonical(spelling) == SPELLINGS[spelling]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.cn/a",
        "/a",
        "ftp://example.cn/",
        "javascript:void(0)",
        "mailto:a@example.cn",
        "http://",
        "http:///a",
        "http://user:pass@example.cn/",
        "http://exa mple.cn/",
        "http://example.cn:99999/",
        "http://example.cn:0/",
        "http://example.cn:x/",
        "http://[::1/",
        "http://[nonsense]/",
        "http://a..b/",
        "http://-/",
        "http://a\\@b/",
        "http://" + "a" * 300 + "/",
        "http://" + "中" * 100 + "/",
    ],
)
def test_what_is_no_web_address_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        canonical(text)


@given(
    host=st.text(st.characters(codec="utf-8"), max_size=20),
    path=st.text(st.characters(codec="utf-8"), max_size=40),
    scheme=st.sampled_from(["http", "https", "HTTP"]),
)
def test_the_canonical_form_is_its_own_canonical_form(scheme: str, host: str, path: str) -> None:
    for url in (f"{scheme}://{host}/{path}", f"{scheme}://example.cn/{path}", f"{scheme}://example.cn?{path}", path):
        try:
            once = canonical(url)
        except Invalid:
            continue
        assert canonical(once) == once
        assert once.isascii()
        assert host_of(once) == host_of(url)


@given(st.text(max_size=60))
def test_any_reference_joins_to_a_canonical_url_or_is_invalid(reference: str) -> None:
    try:
        joined = join("http://www.example.gov.cn/a/b/index.html", reference)
    except Invalid:
        return
    assert canonical(joined) == joined


def test_references_join_as_browsers_join_them() -> None:
    base = "https://www.example.gov.cn/a/b/index.html"
    assert join(base, "../c/t1.html") == "https://www.example.gov.cn/a/c/t1.html"
    assert join(base, " ./d.html ") == "https://www.example.gov.cn/a/b/d.html"
    assert join(base, "//other.example/x") == "https://other.example/x"
    assert join(base, "..\\e.html") == "https://www.example.gov.cn/a/e.html"
    assert join(base, "?page=2") == "https://www.example.gov.cn/a/b/index.html?page=2"


@pytest.mark.parametrize("reference", ["http:page.html", "http:127.0.0.1", "http:", "http:?a"])
def test_a_scheme_without_a_host_is_no_address(reference: str) -> None:
    with pytest.raises(Invalid):
        canonical(reference)
    with pytest.raises(Invalid):
        join("https://www.example.gov.cn/a/index.html", reference)


def test_a_host_is_shared_by_schemes_and_ports() -> None:
    spellings = ("http://WWW.example.cn/", "https://www.example.cn:8443/a", "http://www.example.cn.:80/")
    assert {host_of(url) for url in spellings} == {"www.example.cn"}
    assert host_of("http://[::1]:80/") == "::1"


def test_an_origin_tells_schemes_and_ports_apart() -> None:
    assert origin_of("HTTP://Example.cn:80/a?b") == "http://example.cn"
    assert origin_of("https://example.cn:8443/a") == "https://example.cn:8443"
    assert origin_of("http://[::1]:8080/") == "http://[::1]:8080"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("HTTP://GOV.example:80/gkmlpt/index#721", "http://gov.example/gkmlpt/index#721"),
        ("http://gov.example/bm/gkmlpt/index?x=1#0 ", "http://gov.example/bm/gkmlpt/index?x=1#0"),
        ("http://gov.example/gkmlpt/index#top", "http://gov.example/gkmlpt/index"),
        ("http://gov.example/a/index#721", "http://gov.example/a/index"),
        ("http://gov.example/gkmlpt/index", "http://gov.example/gkmlpt/index"),
    ],
)
def test_a_fragment_is_kept_only_where_it_tells_which_list_is_meant(url: str, kept: str) -> None:
    assert listing_url(url) == kept
    assert fragment_of(kept) == kept[len(canonical(kept)) :]
    assert fragment_of(f"{kept}#bfl_1") == fragment_of(kept)


def test_a_call_is_known_by_its_url_and_its_body_and_is_never_taken_for_a_page() -> None:
    url = "http://gov.example/api"
    keys = {call_key(url, "POST", body) for body in ("a=1", "a=2", "", None)}
    assert len(keys) == 3
    assert {canonical(key) for key in keys} == {url}
    assert call_key(url) == call_key(url, "GET", None) == url
