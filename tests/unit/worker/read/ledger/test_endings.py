"""Headings that close with a status without brackets."""

import pytest

from tests.unit.worker.read.ledger.notices import problems, sketch
from worker.read.ledger.endings import ending_of

GLUED = """内部管理方面
    档案管理不规范已完成
    补齐档案30份。
    食堂采购把关不严已完成，长期坚持
    实行公开比价。
    队伍建设方面
    培训计划落实缓慢持续推进，2023年12月底前完成
    已开展培训2期。
    岗位长期空缺基本完成
    配齐人员3名。"""


def test_lines_that_close_with_a_status_name_the_problems() -> None:
    assert sketch(GLUED) == [
        (
            "内部管理方面",
            [(None, "档案管理不规范", "completed", 0), (None, "食堂采购把关不严", "completed_sustained", 0)],
        ),
        ("队伍建设方面", [(None, "培训计划落实缓慢", "in_progress", 0), (None, "岗位长期空缺", "staged", 0)]),
    ]
    assert problems(GLUED)[2].due == "2023-12-31"


def test_a_status_may_stand_behind_a_numbered_title() -> None:
    assert sketch("""一、内部管理方面
        1.档案管理不规范 已完成
        补齐档案30份。
        2.食堂采购把关不严 推进中
        正在比价。""") == [
        ("内部管理方面", [(1, "档案管理不规范", "completed", 0), (2, "食堂采购把关不严", "in_progress", 0)])
    ]


@pytest.mark.parametrize("title", ["制度未落实", "整改任务已完成", "主体责任落实不到位", "补齐材料,建立台账,已完成。"])
def test_these_close_with_no_status(title: str) -> None:
    assert ending_of(title, 0, len(title)) is None
