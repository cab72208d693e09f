"""Broken markup: what a browser mends, and what it would hide, is read all the same."""

import pytest

from worker.read import Document, read

FIRST, MORE, LAST = "甲段在最前面。", "乙段在后面，写了许多文字。" * 20, "丙段是最后一段。"
BEFORE, AFTER = f"<p>{FIRST}</p>", f"<p>{MORE}</p><p>{LAST}</p>"


def _read(page: str) -> Document:
    return read(f"<html><head><meta charset='utf-8'></head><body>{page}".encode())


@pytest.mark.parametrize(
    "page",
    [
        f"{BEFORE}<!-- {AFTER}",
        f"{BEFORE}<!-- x -- >{AFTER}",
        f"{BEFORE}<textarea>{AFTER}",
        f"{BEFORE}<iframe src='x.html'>{AFTER}",
        f"{BEFORE}<noscript>{AFTER}{AFTER}",
        f"{BEFORE}<select><option>{AFTER}{AFTER}",
        f"{BEFORE}<embed src='x.swf'>{AFTER}",
        f"{BEFORE}</body></html>{AFTER}",
        f"<p class='x>{MORE}</p></div></div></div>{AFTER}",
        f'{BEFORE}<p title="x>{AFTER}</div></div></div>',
        f"{BEFORE}<![CDATA[ x ]]>{AFTER}",
        f"{BEFORE}<!-- <!-- x -->{AFTER}",
        f"{BEFORE}<script src='a.js' />{AFTER}<script></script>{AFTER}",
        f"{BEFORE}\x00{AFTER}",
        f"<table>{BEFORE}<tr>{AFTER}</table>",
    ],
)
def test_what_follows_a_mark_that_was_left_open_is_read(page: str) -> None:
    assert LAST in _read(page).body.split("\n")


def test_a_title_that_was_left_open_ends_where_the_markup_begins() -> None:
    document = read(f"<title>关于公布结果的通知{AFTER}".encode())
    assert MORE in document.body
    assert LAST in document.body


def test_what_a_page_comments_out_stays_out() -> None:
    assert (
        _read(f"{BEFORE}<p>{MORE}</p><!-- <p>旧稿，不再公布。</p> --><p>{LAST}</p>").body == f"{FIRST}\n{MORE}\n{LAST}"
    )
    assert "旧稿" not in _read(f"{BEFORE}{AFTER}<!-- <p>旧稿，不再公布。</p>").body


def test_quoted_markup_in_a_short_attribute_is_left_alone() -> None:
    page = f"<p onclick=\"document.write('<b>x</b>')\">{FIRST}</p>{AFTER}"
    assert _read(page).body == f"{FIRST}\n{MORE}\n{LAST}"


def test_parts_of_a_body_in_several_places_are_joined_and_copies_are_not() -> None:
    one, two = f"<p>{FIRST}</p><p>{MORE}</p>", f"<p>{LAST}</p><p>二〇二四年五月六日</p>"
    parts = f"<div class='TRS_Editor'>{one}</div><div class='TRS_Editor'>{two}</div>"
    assert _read(parts).body.split("\n") == [FIRST, MORE, LAST, "二〇二四年五月六日"]
    copies = f"<div id='zoom'>{one}</div><div id='zoom' class='mobile'>{one}</div>"
    assert _read(copies).body.split("\n") == [FIRST, MORE]


def test_parts_of_a_body_in_places_without_a_name_are_joined() -> None:
    one, two = f"<p>{FIRST}</p><p>{MORE}</p>", f"<p>{MORE[:100]}</p><p>{LAST}</p>"
    body = _read(f"<div class='q'><div class='r'>{one}</div><div class='r'>{two}</div></div><p>版权所有：某局</p>").body
    assert body.split("\n") == [FIRST, MORE, MORE[:100], LAST]


def test_a_long_paragraph_does_not_outweigh_the_signature_below_it() -> None:
    body = _read(f"<div class='q'><p>{MORE}</p><p>某某局</p><p>2024年5月6日</p></div>").body
    assert body.split("\n") == [MORE, "某某局", "2024年5月6日"]


def test_a_toolbar_that_bears_the_name_of_a_body_is_not_taken_for_it() -> None:
    assert (
        _read(f"<div id='zoom'>大 中 小</div><div class='q'>{BEFORE}{AFTER}</div>").body == f"{FIRST}\n{MORE}\n{LAST}"
    )
