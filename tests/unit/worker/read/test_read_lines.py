"""How elements become lines: paragraphs, breaks, tables, hidden text."""

from worker.read import Removed, read


def _body(inner: str) -> str:
    return read(f"<html><body><div id='zoom'>{inner}</div></body></html>".encode()).body


def test_a_row_is_one_line_and_a_merged_cell_is_printed_once() -> None:
    table = "<table><tr><td rowspan=2>甲<td><p>乙</p></tr><tr><td>丙</td></tr><tr><td>丁<td>戊</tr></table>"
    assert _body(table) == "甲 乙\n丙\n丁 戊"


def test_a_table_that_only_lays_out_the_page_gives_paragraphs() -> None:
    inner = "<table><tr><td>左<table><tr><td>内一<td>内二</tr></table></td><td><p>右一</p><p>右二</p></td></tr></table>"
    assert _body(inner) == "左\n内一 内二\n右一\n右二"


def test_breaks_and_bare_text_make_lines() -> None:
    assert _body("一段<br/>二段<div>三段</div>四段") == "一段\n二段\n三段\n四段"


def test_white_space_is_squeezed_and_a_wrapped_source_line_is_joined() -> None:
    assert _body("<p>　　中国\n   美术&nbsp;&nbsp;馆 1\n2</p>") == "中国美术 馆 1 2"


def test_styles_scripts_and_hidden_text_are_not_printed() -> None:
    page = "<div id='zoom'><style>p{}</style><script>x()</script><p>甲<span style='display: none'>暗</span>乙</p></div>"
    document = read(page.encode())
    assert document.body == "甲乙"
    assert Removed("hidden", "暗") in document.removed


def test_control_and_zero_width_characters_vanish_also_as_entities() -> None:
    assert _body("<p>甲\u200b\x07乙&#8203;&#1;丙\ufeff</p>") == "甲乙丙"


def test_unknown_and_office_tags_are_transparent() -> None:
    assert _body("<p>甲<o:p>乙</o:p><st1:date>丙</st1:date></p>") == "甲乙丙"


def test_an_empty_line_is_no_paragraph() -> None:
    assert _body("<p>甲</p><p>&nbsp;</p><p><br></p><p>乙</p>") == "甲\n乙"
