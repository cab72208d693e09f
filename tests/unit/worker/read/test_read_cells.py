"""The cells of table rows: their columns with all spans, and their paragraphs."""

import pytest

from worker.clean.decode import decode
from worker.clean.lines import Cell, Line
from worker.read.page import page_of

INTRO = "现将整改台账公布如下。"


def _lines(table: str) -> list[Line]:
    page = f"<html><body><div id='zoom'><p>{INTRO}</p>{table}</div></body></html>"
    return page_of(decode(page.encode()), None).body[1:]


def _cells(table: str) -> list[list[tuple[int, str]]]:
    return [[(cell.column, cell.text) for cell in line.cells] for line in _lines(table)]


def test_columns_count_the_spans_of_the_row_and_of_the_rows_above() -> None:
    table = (
        "<table><tr><th>序号</th><th colspan=2>问题</th><th>状态</th></tr>"
        "<tr><td rowspan=2>1</td><td>甲</td><td>乙</td><td><p>已完成</p><p>长期坚持</p></td></tr>"
        "<tr><td>丙</td><td>丁</td><td>完成</td></tr>"
        "<tr><td>2</td><td></td><td>戊</td><td>未完成</td></tr></table>"
    )
    assert _cells(table) == [
        [(0, "序号"), (1, "问题"), (3, "状态")],
        [(0, "1"), (1, "甲"), (2, "乙"), (3, "已完成\n长期坚持")],
        [(1, "丙"), (2, "丁"), (3, "完成")],
        [(0, "2"), (2, "戊"), (3, "未完成")],
    ]
    assert [line.text for line in _lines(table)][1:3] == ["1 甲 乙 已完成 长期坚持", "丙 丁 完成"]


def test_a_heading_across_a_table_carries_a_cell_and_text_that_a_table_frames_does_not() -> None:
    data = "<tr><td>甲</td><td>乙</td></tr>"
    assert _lines(f"<table>{data}<tr><td colspan=2>二、组织方面</td></tr>{data}</table>")[1] == Line(
        "二、组织方面", 33, (), (Cell(0, "二、组织方面"),)
    )
    framed = _lines(f"<table>{data}<tr><td colspan=2><p>一段。</p><p>二段。</p></td></tr>{data}</table>")
    assert [(line.text, line.cells) for line in framed[1:3]] == [("一段。", ()), ("二段。", ())]


def test_lists_and_breaks_in_a_cell_are_paragraphs() -> None:
    row = "<td>甲</td><td><ul><li>一是</li><li>二是</li></ul>三是<br>四是</td>"
    assert _cells(f"<table><tr>{row}</tr></table>") == [[(0, "甲"), (1, "一是\n二是\n三是\n四是")]]


def test_a_table_in_a_cell_has_columns_of_its_own() -> None:
    inner = "<table><tr><td>内一</td><td>内二</td></tr></table>"
    cells = _cells(f"<table><tr><td>左</td><td>右</td></tr><tr><td>外</td><td>{inner}</td></tr></table>")
    assert [(0, "内一"), (1, "内二")] in cells


@pytest.mark.parametrize("span", ["0", "-1", "x", "", "1.5", "99999999999999", "３"])
def test_an_odd_span_is_survived(span: str) -> None:
    odd = f"<tr><td rowspan='{span}' colspan='{span}'>甲</td><td>乙</td></tr>"
    table = f"<table>{odd}<tr><td>丙</td><td>丁</td></tr></table>"
    assert [[text for _, text in row] for row in _cells(table)] == [["甲", "乙"], ["丙", "丁"]]


@pytest.mark.timeout(20)
def test_spans_cost_no_more_than_a_table_can_be_wide() -> None:
    rows = "<tr><td colspan=1000 rowspan=65000>甲<td colspan=1000>乙</tr>" * 20_000
    assert len(_lines(f"<table>{rows}</table>")) == 20_000
