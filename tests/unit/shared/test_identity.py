"""Which addresses may be one notice's, row by row, and which never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import FAMILIES, LONGEST, address_key, family_of

SAME = [
    ("trs", "https://a.example/zwgk/202304/t20230417_974894.shtml", "http://a.example/gk/xx/t20230417_974894.html"),
    ("jcms", "https://a.example/art/2026/5/8/art_80179_11664839.html", "https://a.example/art/art_91_11664839.html"),
    ("gkmlpt", "https://a.example/zw/content/post_9360641.html", "https://a.example/gkmlpt/content/post_9360641.html"),
    ("content", "https://a.example/c100048/content_1234567.html", "https://a.example/x/content_1234567.shtml"),
    ("vsb", "https://a.example/info/1012/3456.htm", "https://a.example/info/1044/3456.htm"),
    ("webplus", "https://a.example/2026/0508/c57a1234/page.htm", "https://a.example/2026/0508/c61a1234/page.htm"),
    ("uuid", f"https://a.example/x/{'0a' * 16}.html", f"https://a.example/y/{'0A' * 16}.shtml"),
    (None, "http://a.example/news/7.html", "https://a.example/news/7.html"),
    (None, "https://a.example/news/7/", "https://a.example/news/7/index.html"),
    (None, "https://a.example/news/7", "https://a.example/news/7/default.shtml"),
]


@pytest.mark.parametrize(("family", "one", "other"), SAME)
def test_addresses_of_one_article_have_one_key(family: str | None, one: str, other: str) -> None:
    assert address_key(one) == address_key(other)
    assert [(found or (None,))[0] for found in (family_of(one), family_of(other))] == [family, family]


def test_every_family_has_an_example() -> None:
    assert {family.name for family in FAMILIES} == {family for family, _, _ in SAME if family}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/t20230417_974894.html", "https://b.example/t20230417_974894.html"),
        ("https://a.example/t20230417_974894.html", "https://a.example/t20230417_974895.html"),
        ("https://a.example/t20230417_974894.html", "https://a.example/t20230417_974894.html?page=2"),
        ("https://a.example/t20230417_974894.html", "https://a.example/t20230417_974894_1.html"),
        ("https://a.example/info/1012/3456.htm", "https://a.example/art/art_1012_3456.html"),
        ("https://a.example/news/7.html", "https://a.example/news/8.html"),
        ("https://a.example/show?id=7", "https://a.example/show?id=8"),
        ("https://a.example/news/7.html", "https://a.example/news/7.htm"),
    ],
)
def test_addresses_of_two_articles_have_two(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(st.text(alphabet="abc/._?=0123456789t", max_size=1500))
def test_whatever_the_path_there_is_a_key_of_bounded_length(path: str) -> None:
    assert 0 < len(address_key(f"https://a.example/{path}")) <= LONGEST
