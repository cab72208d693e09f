"""Problems that are listed before they are accounted for."""

from tests.unit.worker.read.ledger.notices import problems, sketch

TWICE = """一、反馈的主要问题
    （一）政治建设方面
    1.学习不深入
    2.研究不够
    二、问题整改情况
    （一）政治建设方面
    1.针对学习不深入问题
    （责任领导：张某；整改时限：2023年6月底；整改状态：已完成）
    ①制定计划。②开展研讨。
    2.针对研究不够问题
    （责任领导：李某；整改时限：原定2023年6月底，经批准延期至2023年11月底；整改状态：正在推进）
    ①专题研究。②制定方案。③开展调研。"""


def test_what_is_listed_first_and_accounted_for_later_counts_once() -> None:
    assert sketch(TWICE) == [
        ("政治建设方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 3)]),
    ]


def test_a_limit_that_was_extended_is_the_later_day() -> None:
    assert [one.due for one in problems(TWICE)] == [None, "2023-11-30"]


def test_two_parts_with_problems_of_their_own_both_count() -> None:
    other = TWICE.replace("1.学习不深入", "1.档案管理混乱").replace("2.研究不够", "2.公车管理不严")
    assert len(problems(other)) == 4
