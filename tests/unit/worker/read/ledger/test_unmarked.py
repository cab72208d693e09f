"""Headings that bear no mark."""

import pytest

from tests.unit.worker.read.ledger.notices import sketch

EXPECTED = [
    ("党的领导方面", [(None, "理论学习不够系统", None, 2), (None, "议事规则执行不严", None, 2)]),
    ("党的建设方面", [(None, "党费收缴不及时", None, 1)]),
]


@pytest.mark.parametrize("opening", ["", "整改情况：", "【整改情况】", "办理答复："])
@pytest.mark.parametrize("stop", ["", "。"])
def test_the_line_above_each_account_names_the_problem(opening: str, stop: str) -> None:
    assert (
        sketch(f"""二、整改落实情况
        （一）党的领导方面
        理论学习不够系统{stop}
        {opening}一是学习。二是研讨。
        议事规则执行不严{stop}
        {opening}一是修订规则。二是检查。
        （二）党的建设方面
        党费收缴不及时{stop}
        {opening}一是补缴。""")
        == EXPECTED
    )


def test_a_sentence_may_open_with_the_problem_where_nothing_else_names_any() -> None:
    assert sketch("""（一）党的领导方面
        针对理论学习不深入的问题，镇党委制定计划。已完成整改。
        针对议事规则不健全的问题，镇党委修订规则。已完成整改。
        （二）党的建设方面
        针对党费收缴不及时的问题，镇党委督促补缴。""") == [
        ("党的领导方面", [(None, "理论学习不深入", "completed", 0), (None, "议事规则不健全", "completed", 0)]),
        ("党的建设方面", [(None, "党费收缴不及时", None, 0)]),
    ]


@pytest.mark.parametrize("label", ["巡察指出", "反馈问题", "反馈意见", "审计发现问题", "问题表现", "存在问题"])
def test_a_label_names_the_problem(label: str) -> None:
    assert sketch(f"""一、党的领导方面
        {label}：学习不深入。
        整改情况：一是学习。二是研讨。（已完成）
        {label}：研究不够。
        整改情况：专题研究。（持续推进）""") == [
        ("党的领导方面", [(None, "学习不深入", "completed", 2), (None, "研究不够", "in_progress", 0)])
    ]


def test_an_outlook_without_a_mark_is_no_part_of_the_last_problem() -> None:
    told = sketch("""党的领导方面
        关于学习不深入的问题
        ——制定计划。
        关于研究不够的问题
        ——专题研究。
        下一步工作安排
        ——持续抓好学习。
        ——持续抓好整改。""")
    assert told == [("党的领导方面", [(None, "学习不深入", None, 1), (None, "研究不够", None, 1)])]
