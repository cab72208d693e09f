"""Paragraphs in which headings begin."""

import pytest

from tests.unit.worker.read.ledger.notices import problems, sketch
from worker.clean.text import narrow
from worker.read.ledger.pieces import cuts_in

FIRST = (1, "学习不深入", "completed", 0)
SECOND = (2, "研究不够", "in_progress", 0)
THIRD = (1, "党费收缴不及时", "completed", 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [("1.", "2."), ("（1）", "（2）"), ("1、", "2、"), ("①", "②"), ("一是", "二是"), ("第一，", "第二，")],
)
def test_an_aspect_may_tell_its_problems_in_one_paragraph(first: str, second: str) -> None:
    notice = (
        f"（一）党的领导方面。{first}关于学习不深入的问题。制定计划12项（已完成）。"
        f"{second}关于研究不够的问题。专题研究（正在推进）。\n"
        f"（二）党的建设方面。{first}关于党费收缴不及时的问题。补缴3人（已完成）。"
    )
    assert sketch(notice) == [("党的领导方面", [FIRST, SECOND]), ("党的建设方面", [THIRD])]
    assert problems(notice)[0].text == f"{first}关于学习不深入的问题。制定计划12项（已完成）。"


def test_a_whole_notice_may_stand_in_one_paragraph() -> None:
    assert sketch(
        "一、提高站位。镇党委多次研究。二、逐项整改。（一）党的领导方面。1.关于学习不深入的问题。一是学习。二是研讨。"
        "2.关于研究不够的问题。专题研究。（二）党的建设方面。3.关于党费管理不规范的问题。一是补缴。三、下一步打算。"
        "（一）持续学习。"
    ) == [
        ("党的领导方面", [(1, "学习不深入", None, 2), (2, "研究不够", None, 0)]),
        ("党的建设方面", [(3, "党费管理不规范", None, 1)]),
    ]


def test_what_is_wrong_need_not_be_called_a_problem() -> None:
    assert sketch("""一、党的领导方面
        （1）学习不深入。制定计划。（2）研究不够。每季度专题研究。
        二、党的建设方面
        （1）党费管理不规范。补缴。（2）组织生活不严肃。规范流程。""") == [
        ("党的领导方面", [(1, "学习不深入", None, 0), (2, "研究不够", None, 0)]),
        ("党的建设方面", [(1, "党费管理不规范", None, 0), (2, "组织生活不严肃", None, 0)]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.关于学习不深入的问题。一是学习。二是研讨。",
        "（一）党的领导方面。1.制定计划。2.开展研讨。",
        "（一）关于学习不深入的问题。1.针对计划不细问题，制定计划。2.针对研讨不足问题，开展研讨。",
        "投入1.5亿元。2.3公里道路完工。1.1万人受益。",
    ],
)
def test_measures_and_sums_cut_nothing(text: str) -> None:
    assert cuts_in(narrow(text)) == []
