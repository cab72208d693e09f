"""Titles: labels that carry too much or too little, and pages that name only themselves."""

import pytest

from worker.read import Hints, Unreadable, read

SITE = '<meta name="SiteName" content="青石市人民政府"><meta name="ColumnName" content="通知公告">'
TITLE = "关于开放新图书馆的通知"


def _read(head: str, above: str = "", hint: str | None = None) -> str | None:
    page = f"<html><head>{head}</head><body>{above}<div id='zoom'><p>新馆周一开放，凭证入馆。</p></div></body></html>"
    return read(page.encode(), hints=Hints(title=hint)).title


@pytest.mark.parametrize(
    ("head", "above"),
    [
        (f'<meta name="articletitle" content="{TITLE}"><title>青石市人民政府</title>', ""),
        (f'{SITE}<meta name="ArticleTitle" content="青石市人民政府——{TITLE}">', ""),
        (f'{SITE}<meta name="ArticleTitle" content="{TITLE}_青石市人民政府">', ""),
        ('<meta name="ArticleTitle" content="关于开放&lt;br/&gt;新图书馆的&amp;lt;b&amp;gt;通知">', ""),
        ('<meta name="ArticleTitle" content="关于开放新图书馆...">', f"<h1>{TITLE}</h1>"),
        (f"<title>{TITLE} - 青石市人民政府门户网站</title>", ""),
        (f"<title>{TITLE}_通知公告_青石市人民政府</title>{SITE}", ""),
        (f"<title>青石市人民政府 通知公告 {TITLE}</title>{SITE}", f"<li>通知公告</li><p>{TITLE}</p>"),
        (f"<title>{TITLE} 通知公告 青石市人民政府</title>", f"<div>{TITLE}</div>"),
        (f"<title>通知公告_青石市人民政府</title>{SITE}", f"<h1>{TITLE}</h1><p>发布时间：2020-01-02</p>"),
        (f"<title>青石市人民政府</title>{SITE}", f"<h2>图书专栏</h2><div class='a_title'>{TITLE}</div>"),
        ("<title>青石市人民政府网</title>", "<h1>关于开放<br>新图书馆的通知</h1>"),
        (f"<title>www.a.example</title><meta property='og:title' content='{TITLE}'>", ""),
    ],
)
def test_the_title_is_found(head: str, above: str) -> None:
    assert _read(head, above) == TITLE


def test_a_title_that_only_repeats_the_site_is_no_title() -> None:
    assert _read(f'{SITE}<title>青石市人民政府</title><meta name="ArticleTitle" content="青石市人民政府">') is None


def test_the_listing_gives_the_title_where_the_page_has_none() -> None:
    assert _read(f"{SITE}<title>青石市人民政府</title>", hint=TITLE) == TITLE
    assert _read(f"{SITE}<title>{TITLE}_青石市人民政府</title>", hint="别的") == TITLE


def test_a_title_that_contains_the_sites_name_is_kept() -> None:
    assert _read(
        '<meta name="SiteName" content="某总局"><meta name="ArticleTitle" content="某总局行政处罚信息公开表">'
    ) == ("某总局行政处罚信息公开表")


def test_a_title_repeated_inside_the_place_belongs_to_the_body() -> None:
    page = f"<title>{TITLE}</title><div id='zoom'><p>{TITLE}</p><p>新馆周一开放。</p></div>"
    document = read(page.encode())
    assert (document.title, document.body.split("\n")[0]) == (TITLE, TITLE)


def test_a_plain_text_whose_first_line_is_a_title_gives_it_up() -> None:
    document = read(f"{TITLE}\n新馆周一开放，凭证入馆。".encode())
    assert (document.title, document.body) == (TITLE, "新馆周一开放，凭证入馆。")


def test_a_plain_text_that_begins_with_a_sentence_has_no_title() -> None:
    document = read("新馆周一开放，凭证入馆。\n请勿携带雨具。".encode())
    assert (document.title, document.container) == (None, None)


def test_a_page_with_a_title_alone_is_read() -> None:
    assert read(f"<title>{TITLE}</title><div id='zoom'><img src='a.png'></div>".encode()).body == ""
    with pytest.raises(Unreadable):
        read(b"<title></title><div id='zoom'><img src='a.png'></div>")
