"""Every row of the container table finds its body, and vague names are not trusted."""

import pytest

from worker.clean.containers import CONTAINERS, Container
from worker.read import read

BODY = "今年新修灌渠六公里，覆盖农田三千亩，四月底前全部通水。"


def _element(row: Container, inner: str) -> str:
    if row.comment:
        return f"<div><!--{row.comment}.begin--><p>{inner}</p><!--{row.comment}.end--></div>"
    tag = row.tag or "div"
    name = f' id="{row.id}"' if row.id else ""
    css = f' class="{row.css} x"' if row.css else ""
    place = f"<{tag}{name}{css}><p>{inner}</p></{tag}>"
    return f"<table><tr>{place}</tr></table>" if tag == "td" else place


def _page(place: str, extra: str = "") -> bytes:
    chrome = "<div class='top'><a href='/'>首页</a></div>"
    return f"<html><head><title>页</title></head><body>{chrome}{place}{extra}</body></html>".encode()


@pytest.mark.parametrize("row", CONTAINERS, ids=lambda row: row.name)
def test_a_named_place_gives_the_body(row: Container) -> None:
    document = read(_page(_element(row, BODY)))
    assert (document.container, document.body) == (row.name, BODY)


@pytest.mark.parametrize("row", [row for row in CONTAINERS if row.vague], ids=lambda row: row.name)
def test_a_vague_name_with_little_text_is_not_trusted(row: Container) -> None:
    document = read(_page(_element(row, "最新消息"), f"<div class='real'><p>{BODY}</p><p>{BODY}</p></div>"))
    assert document.container == "density"
    assert document.body == f"{BODY}\n{BODY}"


def test_a_body_given_twice_is_read_once() -> None:
    document = read(_page(f"<div id='info_content'><p>{BODY}</p></div>", f"<div id='info_content'>{BODY[:9]}</div>"))
    assert document.body == BODY
    assert ("copy_of_body", BODY[:9]) in [(cut.rule, cut.text) for cut in document.removed]


def test_a_hidden_copy_is_not_chosen_even_if_it_is_longer() -> None:
    hidden = f"<div class='ng-hide'><div id='zoom'><p>{BODY}{BODY}</p></div></div>"
    assert read(_page(f"{hidden}<div id='zoom'><p>{BODY}</p></div>")).body == BODY


def test_a_place_that_the_page_hides_until_a_script_runs_is_still_read() -> None:
    assert read(_page(f"<div id='zoom' style='display:none'><p>{BODY}</p></div>")).body == BODY


def test_content_after_a_closing_html_tag_is_read() -> None:
    assert read(f"<html><body>头</body></html><div id='zoom'><p>{BODY}</p></div>".encode()).body == BODY


def test_the_body_of_an_unknown_system_is_where_the_prose_is() -> None:
    menu = "".join(f"<li><a href='{n}.html'>栏目之{n}，很长的链接文字，也有标点。</a></li>" for n in range(20))
    document = read(_page(f"<ul class='list'>{menu}</ul><div class='c7'><p>{BODY}</p><p>{BODY}</p></div>"))
    assert (document.container, document.body) == ("density", f"{BODY}\n{BODY}")
