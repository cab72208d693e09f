"""Marks that are told by how they count through a notice."""

import pytest

from tests.unit.worker.read.ledger.notices import problems, sketch
from worker.read.ledger.marks import Mark
from worker.read.ledger.numbering import marks_of

EXPECTED = [
    ("党的领导方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "completed", 0)]),
    ("党的建设方面", [(1, "党费收缴不规范", "in_progress", 1)]),
]
TWO_NUMBERS = """{0}党的领导方面
{1}学习不深入
整改措施：一是学习。二是研讨。
整改结果：已完成
{2}研究不够
整改措施：专题研究。
整改结果：已完成
{3}党的建设方面
{4}党费收缴不规范
整改措施：一是补缴。
整改结果：推进中"""


@pytest.mark.parametrize(
    "numbers",
    [
        ("1.", "1.1", "1.2", "2.", "2.1"),
        ("1、", "1．1 ", "1．2 ", "2、", "2．1 "),
        ("1 ", "1.1 ", "1.2 ", "2 ", "2.1 "),
        ("一、", "1-1 ", "1-2 ", "二、", "2-1 "),
        ("一  ", "1  ", "2  ", "二  ", "1  "),
        ("壹、", "1.", "2.", "贰、", "1."),
        ("Ⅰ.", "A.", "B.", "Ⅱ.", "A."),
        ("01\n", "◆ ", "◆ ", "02\n", "◆ "),
        ("PART 01\n", "1️⃣", "2️⃣", "PART 02\n", "1️⃣"),
        ("◎", "●", "●", "◎", "●"),
        ("第一方面 ", "第一个问题：", "第二个问题：", "第二方面 ", "第一个问题："),
        ("（一）", "其一，", "其二，", "（二）", "其一，"),
    ],
)
def test_a_notice_counts_its_own_way(numbers: tuple[str, ...]) -> None:
    unnumbered = [(title, [(None, *rest) for _, *rest in members]) for title, members in EXPECTED]
    told = sketch(TWO_NUMBERS.format(*numbers))
    assert told == (EXPECTED if told[0][1][0][0] else unnumbered)


def test_three_numbers_are_a_level_below_two() -> None:
    assert sketch("""1.党的领导方面
        1.1学习方面
        1.1.1学习不深入。一是学习。该问题已完成整改。
        1.1.2研讨不充分。一是研讨。该问题已完成整改。
        1.2决策方面
        1.2.1规则不健全。一是修订。该问题正在整改。
        2.党的建设方面
        2.1组织方面
        2.1.1支部不规范。一是规范。该问题已完成整改。""") == [
        (
            "党的领导方面",
            [
                (1, "学习不深入", "completed", 1),
                (2, "研讨不充分", "completed", 1),
                (1, "规则不健全", "in_progress", 1),
            ],
        ),
        ("党的建设方面", [(1, "支部不规范", "completed", 1)]),
    ]


@pytest.mark.parametrize(
    "plains",
    [
        ["1.5亿元用于道路", "2.3公里已完工", "1.1万人受益"],
        ["3 月开展检查", "12 月完成验收"],
        ["一是学习。", "二是研讨。"],
        ["一是针对性不强,已改进。", "二是制定计划。", "三是开展研讨。"],
    ],
)
def test_sums_months_and_measures_are_no_numbers(plains: list[str]) -> None:
    assert marks_of(plains) == [None] * len(plains)


def test_ordinals_number_problems_where_they_name_them() -> None:
    told = problems("""（一）党的领导方面
        一是针对“学习不深入”问题。①制定计划；②开展研讨。该问题已完成整改。
        二是针对“研究不够”问题。专题研究。该问题正在整改，预计2024年6月完成。
        （二）党的建设方面
        一是针对“党费管理不规范”问题。①补缴；②公示；③检查。该问题已完成整改。""")
    assert [(one.printed_number, one.title, one.status, len(one.measures)) for one in told] == [
        (1, "学习不深入", "completed", 2),
        (2, "研究不够", "in_progress", 0),
        (1, "党费管理不规范", "completed", 3),
    ]
    assert told[1].due == "2024-06-30"


def test_a_status_may_stand_before_the_number() -> None:
    assert sketch("""【已完成】1.关于学习不深入的问题
        一是学习。二是研讨。
        【正在整改】2.关于研究不够的问题
        专题研究。""") == [(None, [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)])]


def test_marks_are_read_one_a_paragraph() -> None:
    marks = marks_of(["1.1学习", "学习计划", "1.2研究"])
    assert [mark and (mark.value, mark.end) for mark in marks] == [(1, 3), None, (2, 3)]
    assert all(isinstance(mark, Mark | None) for mark in marks)
