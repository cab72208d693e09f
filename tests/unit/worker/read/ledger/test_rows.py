"""Tables that came as lines of text."""

import pytest

from tests.unit.worker.read.ledger.notices import OPENING, WRITTEN_ON
from worker.clean.lines import Line
from worker.read.ledger.outline import aspects_of
from worker.read.ledger.rows import rows_in

ROWS = """序号|反馈问题|整改措施|计划完成时间|整改结果
一、内部管理方面
1|食堂采购不透明|1）公开比价；2）建立台账|2023/6/30|已关闭
2|2号楼维修缓慢|1）1号楼已完工；2）2号楼正在招标|2023/12/31|整改中
二、队伍建设方面
3|培训走过场|1）制定计划；2）开展轮训|2023/6/30|已关闭，长效执行"""


def _lines(text: str, sign: str) -> list[Line]:
    return [Line(line.replace("|", sign)) for line in text.split("\n")]


@pytest.mark.parametrize("sign", ["\t", " "])
def test_lines_with_as_many_cells_as_the_headers_are_rows(sign: str) -> None:
    aspects = aspects_of([Line(OPENING), *_lines(ROWS, sign), Line("下一步，继续整改。")], WRITTEN_ON)
    assert [aspect.title for aspect in aspects] == ["内部管理方面", "队伍建设方面"]
    told = [(one.printed_number, one.title, one.status, one.due, len(one.measures)) for one in aspects[0].problems]
    assert told == [
        (1, "食堂采购不透明", "completed", None, 2),
        (2, "2号楼维修缓慢", "in_progress", "2023-12-31", 2),
    ]
    assert aspects[1].problems[0].status == "completed_sustained"


def test_a_tab_may_part_an_empty_cell() -> None:
    rows = rows_in(_lines("序号|反馈问题|整改状态|备注\n1|食堂问题||长期\n2|公车问题|已完成|", "\t"))
    assert [[cell.column for cell in row.cells] for row in rows] == [[0, 1, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_lines_with_blanks_but_no_headers_are_text() -> None:
    lines = _lines("第一 方面 检察\n整改 情况 说明\n反馈 问题 清单", " ")
    assert rows_in(lines) is lines
